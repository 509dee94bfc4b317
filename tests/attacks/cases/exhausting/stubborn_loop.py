# /// attack
# tries = "never returns, and swallows every interruption"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
def mean(values):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
