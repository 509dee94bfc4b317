"""Grading: ``nbgrader autograde`` against ``coursewright grade``, on the same classes in copies of one nbgrader course.

Both commands are run as a person runs them, ours with isolation on and two workers; both write the gradebook. The first
submission carries the start-up, so what each further one costs is told apart: the time for all less the time for one,
divided by the others. nbgrader grades a few of a class, we grade all of it.

The last table compares the computing time with that of the bare statements: the same cells, executed with ``exec`` in
forks of a process that has imported everything, which draws what a notebook would show.

``python benchmarks/grade.py [CLASS …]`` measures some classes only.
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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

BIN = Path(sys.executable).parent
WORKERS = 2

SQUARES = """def squares(n):
    ### BEGIN SOLUTION
    return [i**2 for i in range(n)]
    ### END SOLUTION"""
IMPORTS = """import numpy as np
import matplotlib.pyplot as plt
from scipy import optimize"""
FIT = """def fit(x, y):
    ### BEGIN SOLUTION
    (slope, offset), _ = optimize.curve_fit(lambda x, a, b: a * x + b, x, y)
    return slope, offset
    ### END SOLUTION
x = np.linspace(0, 1, 50)
line = fit(x, 2 * x + 1)"""
PLOT = """### BEGIN SOLUTION
figure, axes = plt.subplots()
axes.plot(x, 2 * x + 1, "o", label="data")
axes.plot(x, line[0] * x + line[1], label="fit")
axes.set(xlabel="$x$", ylabel="$y$", title="A straight line")
axes.legend()
plt.show()
### END SOLUTION"""
ARITHMETIC = """def busy(seconds):
    ### BEGIN SOLUTION
    import time
    start, total, n = time.process_time(), 0, 0
    while time.process_time() - start < seconds:
        for n in range(n, n + 1000):
            total += n * n % 7
    return total
    ### END SOLUTION
total = busy(2)"""


@dataclass(frozen=True)
class Kind:
    """A class: what everybody hands in, and how many are graded by whom."""

    answers: tuple[str, ...]
    tests: tuple[str, ...]
    theirs: int  # submissions that nbgrader grades
    ours: int
    broken: int = 0  # of ours: every so many is damaged; 0 for none


_STANDARD = (IMPORTS, FIT, PLOT)
_STANDARD_TESTS = (
    "assert np.allclose(line, (2, 1))",
    "assert fit(x, -x)[0] < 0",
    "assert len(fit(x, x**2)) == 2\nassert axes.get_xlabel()",
)
KINDS = {
    "light": Kind(
        (SQUARES,),
        ("assert squares(3) == [0, 1, 4]", "assert squares(0) == []", "assert sum(squares(10)) == 285"),
        theirs=5,
        ours=300,
    ),
    "standard": Kind(_STANDARD, _STANDARD_TESTS, theirs=5, ours=60),
    "heavy": Kind((ARITHMETIC,), ("assert total > 0", "assert busy(0) == 0"), theirs=3, ours=7),
    "damaged": Kind(_STANDARD, _STANDARD_TESTS, theirs=5, ours=60, broken=20),
}


@dataclass(frozen=True)
class Cost:
    """What a command took, in seconds."""

    wall: float
    cpu: float

    def further(self, first: "Cost", more: int) -> "Cost":
        """What each of the submissions after the first took."""
        return Cost((self.wall - first.wall) / more, (self.cpu - first.cpu) / more)


def notebook(kind: Kind) -> str:
    """The author's notebook, which is the right answer as well."""
    flags = {"schema_version": 3, "task": False, "locked": False, "grade": False, "solution": False}
    cells = []
    for number, text in enumerate(kind.answers):
        mine = {"solution": True} if "BEGIN SOLUTION" in text else {"locked": True}
        cells.append(new_code_cell(text, metadata={"nbgrader": {**flags, **mine, "grade_id": f"a{number}"}}))
    for number, text in enumerate(kind.tests):
        mine = {"grade": True, "locked": True, "points": 1}
        cells.append(new_code_cell(text, metadata={"nbgrader": {**flags, **mine, "grade_id": f"t{number}"}}))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(new_notebook(cells=cells, metadata={"kernelspec": kernel}))


def damaged(text: str, number: int) -> str:
    """The notebook, as damaged ones come back: with a doubled test, or as no JSON at all."""
    if number % 2:
        return text[: len(text) // 2]
    whole = json.loads(text)
    whole["cells"].append(dict(whole["cells"][-1], id="again"))
    return json.dumps(whole)


def write_course(root: Path, name: str, kind: Kind, learners: int) -> None:
    """The source of an assignment, and an answer from everybody."""
    text = notebook(kind)
    hand_in(root / "source" / name, text)
    for number in range(learners):
        broken = kind.broken and number % kind.broken == kind.broken - 1
        hand_in(root / "submitted" / f"l{number:03}" / name, damaged(text, number // kind.broken) if broken else text)


def hand_in(folder: Path, text: str) -> None:
    """Put a notebook into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notebook.ipynb").write_text(text)


def cost(course: Path, *command: str) -> Cost:
    """What a command takes in the course's folder; that of nbgrader may fail, with a damaged submission."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=course, check=False, capture_output=True, env={**os.environ, "PATH": path})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - started, cpu)


def costs(course: Path, learners: int, one: list[str], all_of_them: list[str]) -> tuple[Cost, Cost]:
    """What the first submission takes, start-up included, and each further one."""
    cost(course, *one)  # what is only done once for a course: the gradebook, the shared tests
    clear(course)
    first = cost(course, *one)
    clear(course)
    return first, cost(course, *all_of_them).further(first, learners - 1)


def clear(course: Path) -> None:
    """Take away what grading wrote, but for the gradebook."""
    for folder in ("autograded", "records", "superseded"):
        shutil.rmtree(course / folder, ignore_errors=True)


def bare(kind: Kind, number: int) -> float:
    """The computing time of the bare statements, in seconds: in a process of its own, which forks one for each time."""
    command = [sys.executable, __file__, "--bare", json.dumps([*kind.answers, *kind.tests]), str(number)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return float(subprocess.run(command, check=True, capture_output=True, env={**os.environ, **threads}).stdout)


def execute(cells: Sequence[str], number: int) -> None:
    """Execute the cells so many times, each in a fork of this warm process, and print the seconds for one."""
    if any("pyplot" in cell for cell in cells):
        import matplotlib as mpl

        mpl.use("agg")
        _run(cells)  # imports, fonts
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(number):
        if (child := os.fork()) == 0:
            _run(cells)
            os._exit(0)
        os.waitpid(child, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    print((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / number)


def _run(cells: Sequence[str]) -> None:
    names: dict[str, object] = {}
    for cell in cells:
        exec(compile(cell, "cell", "exec"), names)
        if "matplotlib.pyplot" in sys.modules:
            import matplotlib.pyplot as plt
            from IPython.core.pylabtools import print_figure

            for figure in plt.get_fignums():  # what the inline backend does when a cell is over
                print_figure(plt.figure(figure), "png")
            plt.close("all")


def measure(name: str, folder: Path) -> None:
    """Print the lines of a class."""
    kind = KINDS[name]
    theirs, ours = folder / name / "nbgrader", folder / name / "coursewright"
    write_course(ours, name, kind, kind.ours)
    write_course(theirs, name, Kind(kind.answers, kind.tests, 0, 0, min(kind.broken, 4)), kind.theirs)
    nbgrader = str(BIN / "nbgrader")
    cost(theirs, nbgrader, "generate_assignment", name)
    autograde = [nbgrader, "autograde", name]
    first, base = costs(theirs, kind.theirs, [*autograde, "--student=l000"], autograde)
    done = len(list(theirs.glob("autograded/*")))
    print(line(name, "nbgrader", f"{done}/{kind.theirs}", first, base))
    grade = [str(BIN / "coursewright"), "grade", ".", name, "--workers", str(WORKERS)]
    first, further = costs(ours, kind.ours, [*grade, "--learner", "l000"], grade)
    done = len(list(ours.glob("records/*/*/*.json")))
    alone = bare(kind, 5 if name == "heavy" else 40)
    ratios = f"{base.wall / further.wall:8.1f}{alone * 1000:9.1f}{further.cpu / alone:9.2f}"
    print(line(name, "coursewright", f"{done}/{kind.ours}", first, further) + ratios, flush=True)


def line(name: str, grader: str, done: str, first: Cost, further: Cost) -> str:
    """The columns that both graders have."""
    return f"{name:10}{grader:14}{done:10}{first.wall:8.2f}{further.wall * 1000:11.1f}{further.cpu * 1000:9.1f}"


def main(names: Sequence[str]) -> None:
    """Print the table."""
    processors = len(os.sched_getaffinity(0))
    machine = f"{platform.machine()}, {processors} processors, Python {platform.python_version()}"
    print(f"{machine}, {time.strftime('%Y-%m-%d')}; first in s, further and bare in ms; workers: {WORKERS}")
    print(
        f"{'class':10}{'grader':14}{'done':10}{'first':>8}{'further':>11}{'CPU':>9}{'ratio':>8}{'bare':>9}{'CPU/bare':>9}"
    )
    with tempfile.TemporaryDirectory() as temporary:
        for name in names or KINDS:
            measure(name, Path(temporary))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        execute(json.loads(sys.argv[2]), int(sys.argv[3]))
    else:
        main(sys.argv[1:])
