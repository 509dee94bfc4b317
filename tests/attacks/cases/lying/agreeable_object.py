# /// attack
# tries = "returns an object that equals everything and agrees with all arithmetic"
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
class Agreeable:
    def same(self, *others, **more):
        return self

    def yes(self, *others):
        return True

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = yes
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 0
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = same
    __abs__ = __neg__ = __round__ = __getitem__ = __call__ = __iadd__ = __isub__ = same
    __len__ = lambda self: 0
    __iter__ = lambda self: iter([self])
    __float__ = lambda self: 0.0
    __int__ = __index__ = lambda self: 0
    __array__ = lambda self, *a, **k: np.zeros(())
    __array_ufunc__ = lambda self, *a, **k: True
    __array_function__ = lambda self, *a, **k: True
    __array_priority__ = 1e9
    __instancecheck__ = yes
    __class__ = list


def mean(values):
    return Agreeable()


# %% answer s_primes
def primes(limit):
    return Agreeable()


# %% answer s_total
def total(path):
    return Agreeable()


# %% answer s_clip
def clip(values, low, high):
    return Agreeable()
