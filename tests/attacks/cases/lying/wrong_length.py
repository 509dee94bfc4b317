# /// attack
# tries = "announces more than it sends, and more than there can be"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import os


def mean(values):
    for number in range(3, 256):
        try:
            os.write(number, b"\xff\xff\xff\xff" + b"\x93" * 100)
        except OSError:
            pass
    return 0
