# /// attack
# tries = "returns integers that are too large to be compared or shown, and no number at all"
# ///

# %% answer s_mean
def mean(values):
    return 1 << 8_000_000


# %% answer s_total
def total(path):
    return float("nan")


# %% answer s_clip
def clip(values, low, high):
    return [float("nan"), float("inf"), -0.0][: len(values)]
