# /// attack
# tries = "returns arrays that lie about what they hold, of a class of their own"
# ///

# %% answer s_mean
class Array(np.ndarray):
    __array_priority__ = 1e9

    def __array_ufunc__(self, *a, **k):
        return True

    def __array_function__(self, *a, **k):
        return True

    def __array__(self, *a, **k):
        return np.array(5.0)

    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    shape = property(lambda self: ())
    dtype = property(lambda self: np.dtype(float))

    def all(self, *a, **k):
        return True


def mean(values):
    return np.zeros(()).view(Array)
