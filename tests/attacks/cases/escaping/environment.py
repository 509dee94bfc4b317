# /// attack
# tries = "reads the environment variables of its own process and of others"
# shows = "looked"
# ///

# %% answer s_mean
import os, re

found = [str(dict(os.environ))]
for pid in os.listdir("/proc"):
    for name in ("environ", "cmdline", "mountinfo"):
        try:
            with open(f"/proc/{pid}/{name}") as file:
                found.append(file.read())
        except OSError:
            pass
print("looked", re.findall(r"kanarie-\w+-\w+", "".join(found)))


def mean(values):
    return 0
