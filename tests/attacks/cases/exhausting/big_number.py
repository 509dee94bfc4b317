# /// attack
# tries = "computes a number that no machine can hold"
# ///

# %% answer s_mean
def mean(values):
    return 9 ** (9**9)
