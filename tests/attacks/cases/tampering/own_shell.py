# /// attack
# tries = "replaces IPython's own functions that run cells and show exceptions"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
shell = get_ipython()
kind = type(shell)
kind.run_cell = shell.run_cell = lambda *a, **k: None
kind.run_code = shell.run_code = lambda *a, **k: False
kind.showtraceback = shell.showtraceback = lambda *a, **k: None
shell.set_custom_exc((AssertionError,), lambda *a, **k: None)


def mean(values):
    return 0
