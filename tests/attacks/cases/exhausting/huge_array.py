# /// attack
# tries = "returns an array that is larger than its bytes, and a list that holds itself a million times"
# ///

# %% answer s_mean
def mean(values):
    return np.broadcast_to(np.float64(5), (1 << 20, 1 << 20))


# %% answer s_clip
def clip(values, low, high):
    large = []
    large.extend([large] * 300_000)
    return large
