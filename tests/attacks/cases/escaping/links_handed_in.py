# /// attack
# tries = "hands in symbolic links to the source, the gradebook and another submission"
# findings = ["file-left-out", "file-left-out", "file-left-out", "file-left-out", "file-left-out"]
# build = "symbolic_links"
# shows = "looked"
# ///

# %% answer s_mean
import os, re


def mean(values):
    for folder, folders, names in os.walk("."):
        for name in names:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    print(re.findall(rb"kanarie-\w+-\w+", file.read()))
            except OSError:
                pass
    print("looked")
    return 0
