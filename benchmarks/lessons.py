"""How long the notebooks of the sample course take from top to bottom, kernel start included."""

import platform
import shutil
import tempfile
import time
from pathlib import Path

from nbclient import NotebookClient

from authoring.notebook_file import load_notebook

COURSE = Path(__file__).resolve().parents[1] / "courses" / "mpc"


def seconds(path: Path, folder: Path) -> float:
    """How long a notebook takes, in seconds of wall clock."""
    shutil.copytree(path.parent, folder)
    started = time.perf_counter()
    NotebookClient(load_notebook(path), timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}")
    with tempfile.TemporaryDirectory() as temporary:
        for path in sorted(COURSE.glob("source/*/*.ipynb")):
            print(f"{path.parent.name:24}{seconds(path, Path(temporary) / path.parent.name):8.1f} s")


if __name__ == "__main__":
    main()
