"""Changes submissions in ways that no text file can hold; attacks name the function that does theirs."""

import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any


def symbolic_links(folder: Path, course: Path) -> None:
    """Links to what a submission must not see, by whole and by relative paths, and one that ends nowhere."""
    for name, target in (
        ("source.ipynb", course / "source/ps/ps.ipynb"),
        ("gradebook.db", Path("../../../gradebook.db")),
        ("keys", course / "keys"),
        ("other", Path("../../honest/ps")),
        ("round", Path("round")),
    ):
        (folder / name).symlink_to(target)


def linked_notebook(folder: Path, course: Path) -> None:
    """The author's notebook, by a symbolic link."""
    (folder / "ps.ipynb").unlink()
    (folder / "ps.ipynb").symlink_to(course / "source/ps/ps.ipynb")


def hard_linked_notebook(folder: Path, course: Path) -> None:
    """The author's notebook, by a second name."""
    (folder / "ps.ipynb").unlink()
    (folder / "ps.ipynb").hardlink_to(course / "source/ps/ps.ipynb")


def linked_folder(folder: Path, course: Path) -> None:
    """The author's folder, by a symbolic link."""
    shutil.rmtree(folder)
    folder.symlink_to(course / "source/ps")


def special_files(folder: Path, course: Path) -> None:
    """What is no regular file, and a program that would run as its owner."""
    os.mkfifo(folder / "prices.csv")
    os.mkfifo(folder / "timestamp.txt")
    os.mkfifo(folder / "more.ipynb")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(folder / "socket"))  # the whole path may be too long for one
    if os.geteuid() == 0:
        os.mknod(folder / "disk", 0o60666, os.makedev(7, 0))
    else:
        os.mkfifo(folder / "disk")
    shutil.copy("/bin/true", folder / "program")
    (folder / "program").chmod(0o6755)


def odd_names(folder: Path, course: Path) -> None:
    """Names that a zip file or a careless program takes for something else."""
    for name in ("..\\..\\gradebook.db", "C:evil", "...", "a\nb", "\x1b[2J\x1b]0;x\x07", "-rf", "$(id)", "%2e%2e", "~"):
        (folder / name).write_text("an odd name")
    (folder / "\udcff\udcfe").write_text("no text at all")
    deep = folder
    for _ in range(10):
        deep /= "...."
        deep.mkdir()
    (deep / "..ipynb").write_text("{}")


def many_cells(folder: Path, course: Path) -> None:
    """A notebook of a million cells."""
    cell = '{"cell_type":"raw"}'
    (folder / "ps.ipynb").write_text('{"nbformat":4,"metadata":{},"cells":[' + ",".join([cell] * 1_000_000) + "]}")


def large_notebook(folder: Path, course: Path) -> None:
    """A notebook of 100 MB, most of it blanks."""
    with (folder / "ps.ipynb").open("ab") as file:
        file.write(b" " * 100_000_000)


def _rewritten(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    notebook = json.loads((folder / "ps.ipynb").read_text())
    change(notebook)
    (folder / "ps.ipynb").write_text(json.dumps(notebook))


def large_output(folder: Path, course: Path) -> None:
    """30 MB of outputs, and of pictures in a Markdown cell."""

    def change(notebook: dict[str, Any]) -> None:
        *_, essay = notebook["cells"]
        essay["attachments"] = {"picture.png": {"image/png": "A" * 15_000_000}}
        test = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        test["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 15_000_000}]

    _rewritten(folder, change)


def many_files(folder: Path, course: Path) -> None:
    """3,000 files in many folders, which lie in each other."""
    deep = folder
    for number in range(30):
        deep /= f"d{number}"
        deep.mkdir()
        for one in range(100):
            (deep / str(one)).touch()


def _nested(folder: Path, depth: int) -> None:
    _rewritten(folder, lambda notebook: notebook["cells"][0]["metadata"].update(deep="DEEP"))
    text = (folder / "ps.ipynb").read_text()
    (folder / "ps.ipynb").write_text(text.replace('"DEEP"', "[" * depth + "]" * depth))


def deep_notebook(folder: Path, course: Path) -> None:
    """Metadata of 100,000 lists in each other."""
    _nested(folder, 100_000)


def less_deep_notebook(folder: Path, course: Path) -> None:
    """Metadata of as many lists in each other as a parser of JSON may still read."""
    _nested(folder, 600)


def huge_number_in_notebook(folder: Path, course: Path) -> None:
    """A number of a million digits, which takes long to read."""
    text = (folder / "ps.ipynb").read_text()
    (folder / "ps.ipynb").write_text(text.replace('"nbformat": 4', '"nbformat": 4' + "0" * 1_000_000))


def deep_attachment(folder: Path, course: Path) -> None:
    """A picture in the free text that is 450 lists in each other."""
    picture: Any = []
    for _ in range(450):
        picture = [picture]
    _rewritten(folder, lambda notebook: notebook["cells"][-1].update(attachments={"a.png": {"image/png": picture}}))


def odd_metadata(folder: Path, course: Path) -> None:
    """Ids, points and flags of kinds that nobody expects, and an id of a million characters."""

    def change(notebook: dict[str, Any]) -> None:
        odd: list[Any] = [["t_mean"], {"id": 1}, 7, None, True, "", "x" * 1_000_000]
        odd += ["\x1b[2J\n", "../../t", float("nan")]
        for number, name in enumerate(odd):
            nbgrader = {"grade_id": name, "grade": "yes", "points": [1], "locked": 3, "schema_version": "three"}
            cell = {"cell_type": "code", "source": "1", "metadata": {"nbgrader": nbgrader}, "outputs": []}
            notebook["cells"].append({**cell, "id": f"odd-{number}", "execution_count": "many"})
        for nbgrader in (None, [], "t_mean", 5):
            cell = {"cell_type": "markdown", "source": ["a", "b"], "metadata": {"nbgrader": nbgrader, "tags": {"a": 1}}}
            notebook["cells"].append({**cell, "id": None})
        notebook["cells"][3]["metadata"]["nbgrader"].update(points="many", checksum=[1], cell_type=3)

    _rewritten(folder, change)
