# /// attack
# tries = "has Python tell it of every import, open and exec, and refuses them"
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import sys


def listen(event, arguments):
    if event == "compile":
        raise ValueError("no more code")


sys.addaudithook(listen)


def mean(values):
    return 0
