# /// attack
# tries = "returns lists whose comparisons lie, and which are long or empty as is needed"
# marks = { t_primes = 0 }
# ///

# %% answer s_primes
class List(list):
    __hash__ = None

    def __eq__(self, other):
        return True

    def __len__(self):
        return 0

    def __iter__(self):
        return iter([2, 3, 5])

    def __getitem__(self, index):
        return 2


def primes(limit):
    return List([1])


# %% answer s_clip
def clip(values, low, high):
    return List([2, 0, 8] if values else [])
