# /// attack
# tries = "sends half a message and waits for ever, so that the grader waits as well"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import os, signal, time


def mean(values):
    for number in range(3, 256):
        try:
            os.write(number, b"\x00\x10\x00\x00\x85")
        except OSError:
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        time.sleep(600)
