# /// attack
# tries = "starts threads until there are none left"
# shows = "no more"
# ///

# %% answer s_mean
import threading, time

started = 0
try:
    for _ in range(10_000):
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        started += 1
except RuntimeError:
    print("no more" if started < 500 else "{{REACHED}}")


def mean(values):
    return 0
