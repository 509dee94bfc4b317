# /// attack
# tries = "never returns"
# ///

# %% answer s_mean
def mean(values):
    while True:
        pass
