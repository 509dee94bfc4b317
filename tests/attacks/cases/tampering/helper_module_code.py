# /// attack
# tries = "replaces the code of the function that a test compares with"
# ///

# %% answer s_mean
import checks


def always(found, wanted, tolerance=1e-9):
    return True


for function in (checks.agrees, agrees):
    function.__code__ = always.__code__


def mean(values):
    return 0
