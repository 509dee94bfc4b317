# /// attack
# tries = "returns numbers whose comparisons and differences lie"
# ///

# %% answer s_mean
class Number(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return Number(0)

    __rsub__ = __add__ = __radd__ = __sub__
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__

    def __abs__(self):
        return Number(0)

    def __float__(self):
        return 5.0


def mean(values):
    return Number(0)


# %% answer s_total
def total(path):
    return Number(2)
