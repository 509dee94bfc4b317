# /// attack
# tries = "counts how often it was asked, and changes its arguments and what it returned before"
# ///

# %% answer s_mean
asked = []
given = [5]


def mean(values):
    asked.append(values)
    given[0] = len(asked)
    if isinstance(values, list):
        values[:] = [0]
    return given


# %% answer s_clip
earlier = []


def clip(values, low, high):
    for one in earlier:
        one[:] = [2, 5, 8]
    earlier.append([] if not values else [0] * len(values))
    values[:] = [2, 5, 8][: len(values)]
    return earlier[-1]
