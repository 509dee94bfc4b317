# /// attack
# tries = "raises exceptions that lie about their text, class, arguments and causes"
# ///

# %% answer s_mean
class Liar(AssertionError, KeyError):
    args = property(lambda self: 1 / 0)
    __cause__ = property(lambda self: self)
    __traceback__ = property(lambda self: 1 / 0)

    def __str__(self):
        raise SystemExit

    __repr__ = __str__


def mean(values):
    raise Liar("x" * 10_000_000, Liar)


# %% answer s_clip
def clip(values, low, high):
    if values:
        error = ExceptionGroup("many", [ValueError(), KeyboardInterrupt() and OSError()])
        error.__context__ = error
        raise error
    return []
