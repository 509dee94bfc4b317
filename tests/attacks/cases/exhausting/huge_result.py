# /// attack
# tries = "returns what is too large to be handed over"
# ///

# %% answer s_mean
def mean(values):
    return "x" * 140_000_000
