# /// attack
# tries = "returns data that contain themselves"
# ///

# %% answer s_mean
def mean(values):
    one, other = [], {}
    one.append(other)
    other["one"] = one
    one.append(one)
    return one


# %% answer s_clip
def clip(values, low, high):
    if not values:
        return []
    ring = np.empty(1, dtype=object)
    ring[0] = ring
    return ring
