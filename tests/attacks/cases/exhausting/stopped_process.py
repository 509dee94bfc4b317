# /// attack
# tries = "stops itself, its threads and its children by signal"
# ///

# %% answer s_mean
import os, signal


def mean(values):
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGSTOP)
    os.kill(os.getpid(), signal.SIGTSTP)
    return 0
