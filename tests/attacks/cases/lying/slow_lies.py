# /// attack
# tries = "answers each question a little before the time is over"
# ///

# %% answer s_mean
import time


class Slow:
    def __iter__(self):
        return self

    def __next__(self):
        time.sleep(0.2)
        return 0

    def __len__(self):
        time.sleep(0.2)
        return 3


def mean(values):
    time.sleep(0.2)
    return Slow()
