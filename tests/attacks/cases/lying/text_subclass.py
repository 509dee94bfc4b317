# /// attack
# tries = "returns texts and bytes whose comparisons lie, where numbers are expected"
# ///

# %% answer s_mean
class Text(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__

    def __sub__(self, other):
        return 0

    def __abs__(self):
        return 0


def mean(values):
    return Text("5")
