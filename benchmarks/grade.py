"""Grading: ``nbgrader autograde`` against ``coursewright grade``, on the same class in copies of one nbgrader course.

Both commands are run as a person runs them. The first submission carries the start-up, so what each further one costs
is told apart: the time for all less the time for one, divided by the others. nbgrader grades a few, we grade more.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

BIN = Path(sys.executable).parent
FEW, MANY = 4, 40

LIGHT = """def squares(n):
    ### BEGIN SOLUTION
    return [i**2 for i in range(n)]
    ### END SOLUTION"""
LIGHT_TESTS = ["assert squares(3) == [0, 1, 4]", "assert squares(0) == []", "assert sum(squares(10)) == 285"]

STANDARD = """import numpy as np
import matplotlib.pyplot as plt
from scipy import optimize
def fit(x, y):
    ### BEGIN SOLUTION
    (slope, offset), _ = optimize.curve_fit(lambda x, a, b: a * x + b, x, y)
    figure, axes = plt.subplots()
    axes.plot(x, y, "o", label="data")
    axes.plot(x, slope * x + offset, label="fit")
    axes.set(xlabel="$x$", ylabel="$y$")
    axes.legend()
    plt.show()
    return slope, offset
    ### END SOLUTION
x = np.linspace(0, 1, 50)
line = fit(x, 2 * x + 1)"""
STANDARD_TESTS = ["assert np.allclose(line, (2, 1))", "assert fit(x, -x)[0] < 0", "assert len(fit(x, x**2)) == 2"]


def write_course(root: Path) -> None:
    """The sources of both assignments, and the same right answer from everybody."""
    for assignment, answer, tests in (("light", LIGHT, LIGHT_TESTS), ("standard", STANDARD, STANDARD_TESTS)):
        flags = {"schema_version": 3, "task": False, "locked": False, "grade": False, "solution": False}
        cells = [new_code_cell(answer, metadata={"nbgrader": {**flags, "grade_id": "s", "solution": True}})]
        for number, test in enumerate(tests):
            metadata = {**flags, "grade_id": f"t{number}", "grade": True, "locked": True, "points": 1}
            cells.append(new_code_cell(test, metadata={"nbgrader": metadata}))
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        text = json.dumps(new_notebook(cells=cells, metadata={"kernelspec": kernel}))
        hand_in(root / "source" / assignment, text)
        for number in range(MANY):
            hand_in(root / "submitted" / f"l{number:02}" / assignment, text)


def hand_in(folder: Path, text: str) -> None:
    """Put a notebook into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notebook.ipynb").write_text(text)


def seconds(course: Path, *command: str) -> float:
    """How long a command takes in the course's folder, in seconds of wall clock."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    started = time.perf_counter()
    subprocess.run(command, cwd=course, check=True, capture_output=True, env={**os.environ, "PATH": path})
    return time.perf_counter() - started


def costs(course: Path, learners: int, one: list[str], all_of_them: list[str]) -> tuple[float, float]:
    """The seconds of the first submission, start-up included, and of each further one."""
    first = seconds(course, *one)
    shutil.rmtree(course / "autograded")
    shutil.rmtree(course / "records", ignore_errors=True)
    return first, (seconds(course, *all_of_them) - first) / (learners - 1)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as temporary:
        theirs, ours = Path(temporary) / "nbgrader", Path(temporary) / "coursewright"
        write_course(theirs)
        shutil.copytree(theirs, ours)
        for number in range(FEW, MANY):
            shutil.rmtree(theirs / "submitted" / f"l{number:02}")
        nbgrader, coursewright = str(BIN / "nbgrader"), [str(BIN / "coursewright"), "grade", "."]
        processors = len(os.sched_getaffinity(0))
        machine = f"{platform.machine()}, {processors} processors, Python {platform.python_version()}"
        print(f"{machine}, {time.strftime('%Y-%m-%d')}")
        print(f"{'class':10}{'grader':28}{'first':>9}{'further':>10}{'ratio':>8}")
        for assignment in ("light", "standard"):
            seconds(theirs, nbgrader, "generate_assignment", assignment)
            autograde = [nbgrader, "autograde", assignment]
            first, base = costs(theirs, FEW, [*autograde, "--student=l00"], autograde)
            print(f"{assignment:10}{'nbgrader':28}{first:8.2f}s{base:9.3f}s")
            for workers in sorted({1, processors}):
                command = [*coursewright, assignment, "--workers", str(workers)]
                first, further = costs(ours, MANY, [*command, "--learner", "l00"], command)
                grader = f"coursewright, workers: {workers}"
                print(f"{assignment:10}{grader:28}{first:8.2f}s{further:9.3f}s{base / further:8.1f}")


if __name__ == "__main__":
    main()
