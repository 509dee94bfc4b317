# /// attack
# tries = "replaces the hooks that show values, and the encoder of JSON"
# ///

# %% answer s_mean
import json, sys

shell = get_ipython()
sys.displayhook = lambda value: None
shell.displayhook.write_format_data = lambda *a: None
shell.display_formatter.format = lambda *a, **k: ({"text/plain": "3"}, {})
shell.display_formatter.formatters["text/plain"].for_type(int, lambda v, p, c: p.text("3"))
json.dumps = json.dump = lambda *a, **k: '{"score": 100}'
json.JSONEncoder.encode = lambda *a: '{"score": 100}'


def mean(values):
    return 0
