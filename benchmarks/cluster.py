"""A cluster: what a submission costs on two Dask workers, against two workers of the grader itself.

Submissions are of the standard kind (NumPy, SciPy, a plot). Told are seconds of processor time for everything together
(the command, Dask, the warm processes, the submissions), so that other load on the machine matters little. Grading few
and many tells what starting up costs apart from a submission; from the latter follows what a program's year costs.
"""

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from authoring.build import build
from tests.autograder import notebooks as make
from tests.autograder.dask_cluster import cluster

FEW, MANY = (int(number) for number in os.environ.get("SIZES", "40,100").split(","))  # parcels for both workers
A_YEAR = 180_000
ANSWER = """import numpy as np
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
TESTS = ("assert np.allclose(line, (2, 1))", "assert fit(x, -x)[0] < 0", "assert len(fit(x, x**2)) == 2")


def a_course(root: Path) -> Path:
    """A course in which many have handed in the right answer."""
    cells = [make.solution("s", ANSWER), *(make.check(f"t{number}", test) for number, test in enumerate(TESTS))]
    make.write(root / "source/ps/p.ipynb", make.notebook(*cells))
    list(build(root))
    for number in range(MANY):
        folder = root / "submitted" / f"l{number:04}" / "ps"
        folder.mkdir(parents=True)
        text = (root / "source/ps/p.ipynb").read_text().replace("np.linspace", f"{number} * 0 + np.linspace")
        (folder / "p.ipynb").write_text(text)
    return root


def used() -> float:
    """Seconds of processor time of everything that was started and has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def grade(fresh: Path, root: Path, size: int, *options: str) -> None:
    """Grade the first so many."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(fresh, root)
    for folder in sorted((root / "submitted").iterdir())[size:]:
        shutil.rmtree(folder)
    command = [str(Path(sys.executable).parent / "coursewright"), "grade", str(root), "ps", "--json", *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def on_cluster(fresh: Path, folder: Path, size: int) -> float:
    """The processor time of a cluster's whole life with one batch in it."""
    before = used()
    (folder / f"dask-{size}").mkdir()
    with cluster(folder / f"dask-{size}", workers=2) as dask:
        grade(fresh, folder / "course", size, "--dask", dask.address)
    return used() - before


def here(fresh: Path, folder: Path, size: int) -> float:
    """The processor time of a batch on this machine."""
    before = used()
    grade(fresh, folder / "course", size, "--workers", "2")
    return used() - before


def main() -> None:
    """Print the table."""
    print(f"{platform.machine()}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}; seconds of processor time")
    print(f"{'':24}{'start-up':>10}{'a submission':>14}{f'{A_YEAR:,} of them':>22}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        fresh = a_course(folder / "fresh" / "course")
        for name, run in (("two workers here", here), ("two Dask workers", on_cluster)):
            few, many = run(fresh, folder, FEW), run(fresh, folder, MANY)
            each = (many - few) / (MANY - FEW)
            hours = f"{each * A_YEAR / 3600:.1f} processor hours"
            print(f"{name:24}{few - FEW * each:10.1f}{each:14.3f}{hours:>22}", flush=True)


if __name__ == "__main__":
    main()
