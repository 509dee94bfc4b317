"""Feedback: ``nbgrader generate_feedback`` against ``coursewright feedback``, on the same graded class.

Each learner handed in a plot, and an essay with a formula that nobody else has; there are three tests, one of them with
a hidden part. Both commands are run as a person runs them. The first learner carries the start-up, so what each further
one costs is told apart: the time for all less the time for one, divided by the others. nbgrader writes a few. The ratio
is that of the processor's time, which a busy machine disturbs less.
"""

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

BIN = Path(sys.executable).parent
FEW, MANY = 9, 60
NAME = "lines"

ANSWER = """import numpy as np
import matplotlib.pyplot as plt
def fit(x, y):
    ### BEGIN SOLUTION
    slope, offset = np.polyfit(x, y, 1)
    figure, axes = plt.subplots()
    axes.plot(x, y, "o")
    axes.plot(x, slope * x + offset)
    axes.set(xlabel="x", ylabel="y")
    plt.show()
    return slope, offset
    ### END SOLUTION
x = np.linspace(0, 1, 50)
line = fit(x, 2 * x + 1)"""
TESTS = (
    "assert np.allclose(line, (2, 1))",
    "assert fit(x, -x)[0] < 0\n### BEGIN HIDDEN TESTS\nassert abs(fit(x, 3 * x)[0] - 3) < 1e-6\n### END HIDDEN TESTS",
    "assert len(fit(x, x**2)) == 2",
)
TEXT = r"""## A line through points

The least squares line minimises $S(a, b) = \sum_{i=1}^n (y_i - a x_i - b)^2$, so

$$a = \frac{\sum (x_i - \bar{x})(y_i - \bar{y})}{\sum (x_i - \bar{x})^2}, \qquad b = \bar{y} - a \bar{x}.$$"""


def notebook(number: int) -> str:
    """The source, or with a number what a learner handed in."""
    flags = {"schema_version": 3, "task": False, "locked": False, "grade": False, "solution": False}

    def metadata(name: str, **others: object) -> dict[str, object]:
        return {"nbgrader": {**flags, **others, "grade_id": name}}

    essay = f"**Because** $\\sum_i r_i^2$ grows by a factor of $({number} + x)^2$ and not of $x^{{{number}}}$."
    cells = [
        new_markdown_cell(TEXT, id="text"),
        new_code_cell(ANSWER, metadata=metadata("s", solution=True), id="s"),
        *(
            new_code_cell(test, metadata=metadata(f"t{at}", grade=True, locked=True, points=1), id=f"t{at}")
            for at, test in enumerate(TESTS)
        ),
        new_markdown_cell(essay, metadata=metadata("e", grade=True, solution=True, points=3), id="e"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(new_notebook(cells=cells, metadata={"kernelspec": kernel}))


def write_course(root: Path) -> None:
    """The source, and everybody's answers."""
    places = {root / "source" / NAME: 0}
    places |= {root / "submitted" / f"l{number:02}" / NAME: number + 1 for number in range(MANY)}
    for folder, number in places.items():
        folder.mkdir(parents=True)
        (folder / "notebook.ipynb").write_text(notebook(number))


def seconds(course: Path, *command: str) -> tuple[float, float]:
    """How long a command takes in the course's folder: seconds of wall clock, and of a processor."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, cwd=course, check=True, capture_output=True, env={**os.environ, "PATH": path})
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def costs(course: Path, learners: int, one: list[str], all_of_them: list[str]) -> tuple[float, float, float]:
    """The seconds of the first learner, start-up included, and of each further one: wall clock and processor."""
    first, first_cpu = seconds(course, *one)
    shutil.rmtree(course / "feedback")
    whole, whole_cpu = seconds(course, *all_of_them)
    return first, (whole - first) / (learners - 1), (whole_cpu - first_cpu) / (learners - 1)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as temporary:
        ours, theirs = Path(temporary) / "coursewright", Path(temporary) / "nbgrader"
        write_course(ours)
        coursewright, nbgrader = str(BIN / "coursewright"), str(BIN / "nbgrader")
        seconds(ours, coursewright, "grade", ".", NAME)
        shutil.copytree(ours, theirs)
        for number in range(FEW, MANY):
            shutil.rmtree(theirs / "autograded" / f"l{number:02}")
        processors = len(os.sched_getaffinity(0))
        machine = f"{platform.machine()}, {processors} processors, Python {platform.python_version()}"
        print(f"{machine}, {time.strftime('%F')}")
        print(f"{'feedback with':16}{'first':>9}{'further':>12}{'processor':>12}{'ratio':>8}")
        command = [nbgrader, "generate_feedback", NAME]
        first, further, base = costs(theirs, FEW, [*command, "--student=l00"], command)
        print(f"{'nbgrader':16}{first:8.2f}s{further * 1000:10.1f}ms{base * 1000:10.1f}ms")
        command = [coursewright, "feedback", ".", NAME]
        first, further, cpu = costs(ours, MANY, [*command, "--learner", "l00"], command)
        print(f"{'coursewright':16}{first:8.2f}s{further * 1000:10.1f}ms{cpu * 1000:10.1f}ms{base / cpu:8.1f}")


if __name__ == "__main__":
    main()
