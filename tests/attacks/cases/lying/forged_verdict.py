# /// attack
# tries = "writes the grader's own messages of a passed test to every socket"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import os

from autograder.engine.protocol import Done, Ran, Started, frame


def mean(values):
    message = b"".join(
        frame(Started(cell=number)) + frame(Ran(cell=number, status="ok", outputs=[], value=2.0)) for number in range(12)
    )
    for number in range(3, 256):
        try:
            os.write(number, message + frame(Done()))
        except OSError:
            pass
    return 0
