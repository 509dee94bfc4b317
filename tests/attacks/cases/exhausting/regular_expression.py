# /// attack
# tries = "matches a regular expression that takes longer than the universe is old"
# ///

# %% answer s_mean
import re


def mean(values):
    re.match(r"(a+)+$", "a" * 60 + "b")
    return 0
