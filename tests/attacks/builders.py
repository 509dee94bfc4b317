"""Changes submissions in ways that no text file can hold; attacks name the function that does theirs."""

import os
import shutil
import socket
from pathlib import Path


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
