# /// attack
# tries = "opens files until there are no descriptors left, and none for the grader's own socket"
# shows = "no more"
# ///

# %% answer s_mean
import os

kept = []
try:
    while len(kept) < 100_000:
        kept.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    print("no more" if len(kept) < 5_000 else "{{REACHED}}")


def mean(values):
    return 0
