# /// attack
# tries = "takes all the time before the first test"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% before s_mean
import time

while True:
    try:
        time.sleep(60)
    except BaseException:
        pass
