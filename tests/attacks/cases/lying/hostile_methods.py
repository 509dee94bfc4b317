# /// attack
# tries = "returns objects whose every method raises, exits, or recurses"
# ///

# %% answer s_mean
class Hostile:
    def __getattribute__(self, name):
        raise SystemExit(0)

    def __eq__(self, other):
        raise KeyboardInterrupt

    def __len__(self):
        return -1

    def __bool__(self):
        return NotImplemented

    def __hash__(self):
        return "no number"

    def __repr__(self):
        return self

    def __index__(self):
        raise GeneratorExit

    def __format__(self, form):
        raise MemoryError

    def __iter__(self):
        return 5


def mean(values):
    return Hostile()
