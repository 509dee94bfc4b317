# /// attack
# tries = "takes memory in many processes, so that the limit of each is kept"
# shows = "tried"
# ///

# %% answer s_mean
import os, time

children = []
try:
    for _ in range(6):
        child = os.fork()
        if child == 0:
            kept = bytearray(b"x" * (100 << 20))
            time.sleep(0.5)
            os._exit(0)
        children.append(child)
except OSError:
    pass
for child in children:
    os.waitpid(child, 0)
print("tried")


def mean(values):
    return 0
