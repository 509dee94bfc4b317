# /// attack
# tries = "recurses without end, in Python and in what Python is written in"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import sys


def mean(values):
    sys.setrecursionlimit(10**9)

    nest = ()
    for _ in range(300_000):
        nest = (nest,)
    return hash(nest)
