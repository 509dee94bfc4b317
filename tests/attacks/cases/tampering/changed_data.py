# /// attack
# tries = "replaces the data file that a test reads"
# shows = "tried"
# ///

# %% answer s_total
import os, shutil

for deed in (
    lambda: os.unlink("data/prices.csv"),
    lambda: os.rename("data/prices.csv", "data/old.csv"),
    lambda: os.rename("data", "old"),
    lambda: os.makedirs("data", exist_ok=True),
    lambda: open("data/prices.csv", "w").write("item,price\nair,0\n"),
):
    try:
        deed()
    except OSError as error:
        print(error)
print("tried")


def total(path):
    return 0.0
