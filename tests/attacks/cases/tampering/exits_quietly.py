# /// attack
# tries = "ends its process with status 0 in the first test, as if all were done"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import os


def mean(values):
    os._exit(0)
