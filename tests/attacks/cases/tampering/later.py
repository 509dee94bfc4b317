# /// attack
# tries = "starts threads and processes that act while the tests run, and after them"
# shows = "started"
# ///

# %% answer s_mean
import os, subprocess, sys, threading, time


def work():
    import builtins

    for _ in range(1000):
        time.sleep(0.01)
        builtins.abs = lambda x: 0
        get_ipython().user_ns["expected"] = 0


threading.Thread(target=work, daemon=True).start()
threading.Thread(target=work).start()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(3)
        with open("/tmp/{{LEFT}}", "w") as file:
            file.write("still there")
        time.sleep(600)
    os._exit(0)
subprocess.Popen(["sleep", "600"], start_new_session=True)
print("started")


def mean(values):
    return 0
