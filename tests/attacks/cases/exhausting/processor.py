# /// attack
# tries = "computes for ever, in several processes"
# ///

# %% answer s_mean
import os


def mean(values):
    for _ in range(2):
        os.fork()
    while True:
        pass
