# /// attack
# tries = "prints without end, past Python as well"
# ///

# %% answer s_mean
import os


def mean(values):
    while True:
        print("x" * 100_000)
        os.write(1, b"y" * 100_000)
        os.write(2, b"z" * 100_000)
