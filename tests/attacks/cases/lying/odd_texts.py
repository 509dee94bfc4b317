# /// attack
# tries = "returns and prints texts that no file can hold, and that command terminals"
# shows = "printed"
# ///

# %% answer s_mean
def mean(values):
    print("printed \x1b[2J\x1b]0;owned\x07 \udcff \u202e \0")
    raise ValueError("\udcff\x1b[31m" * 100)


# %% answer s_total
def total(path):
    return "\ud800"
