# /// attack
# tries = "sleeps for ever, deaf to all signals"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import signal, time


def mean(values):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    signal.setitimer(signal.ITIMER_REAL, 0)
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            pass
