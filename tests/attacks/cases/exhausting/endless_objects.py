# /// attack
# tries = "returns objects whose length, text, items and attributes have no end"
# ///

# %% answer s_mean
class Endless:
    def __len__(self):
        return 1 << 62

    def __iter__(self):
        while True:
            yield 1

    def __getitem__(self, index):
        return self

    def __repr__(self):
        return "x" * 10_000_000

    def __getattr__(self, name):
        return self


def mean(values):
    return Endless()


# %% answer s_clip
def clip(values, low, high):
    def endless():
        while True:
            yield 3

    return endless()
