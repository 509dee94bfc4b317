# /// attack
# tries = "replaces Python's own functions"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import builtins

builtins.abs = lambda x: 0
builtins.all = lambda x: True
builtins.sum = lambda *a: 3
builtins.isinstance = lambda *a: True
builtins.AssertionError = type("Nothing", (Warning,), {})
builtins.__import__ = lambda *a, **k: None
builtins.map = lambda *a: []


def mean(values):
    return 0
