# /// attack
# tries = "handles the signals that interrupt a cell, and sends them to itself"
# ///

# %% answer s_mean
import os, signal

for number in range(1, 64):
    try:
        signal.signal(number, lambda *a: None)
    except (OSError, ValueError):
        pass
signal.signal(signal.SIGALRM, lambda *a: None)


def mean(values):
    os.kill(os.getpid(), signal.SIGALRM)
    os.kill(os.getpid(), signal.SIGINT)
    return 0
