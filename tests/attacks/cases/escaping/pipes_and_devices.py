# /// attack
# tries = "hands in pipes, sockets, devices and setuid programs, which stop or harm whoever reads them"
# findings = ["file-left-out", "file-left-out", "file-left-out", "file-left-out"]
# build = "special_files"
# shows = "no setuid"
# ///

# %% answer s_mean
import os


def mean(values):
    for name in os.listdir("."):
        if os.stat(name).st_mode & 0o6000 and not os.path.isdir(name):
            print("{{REACHED}}", name)
    print("no setuid")
    return 0
