"""Runs a command as a user without any privilege, even when the tests run as root.

As a program, ``python -m tests.autograder.ordinary_user COMMAND…``: each folder that only root may enter is covered,
in a mount namespace of its own, by one that shows nothing but the interpreter, the libraries and this checkout,
wherever these lie below it. Then it becomes the user, and the command takes its place.
"""

import os
import stat
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from autograder.engine import linux

UID = 12345
NEEDED = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), Path(__file__).parents[2]}


def as_ordinary_user(command: Sequence[str | Path]) -> list[str]:
    """The command that runs a command without privileges; the same command, when this process has none."""
    plain = [str(part) for part in command]
    return [sys.executable, "-m", "tests.autograder.ordinary_user", *plain] if os.geteuid() == 0 else plain


def cover_private_folders() -> None:
    """Show what is needed of folders that only root may enter, and nothing else of them, to this process."""
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    private: dict[Path, list[Path]] = defaultdict(list)
    for path in sorted(NEEDED):
        if folder := _private_part(path):
            private[folder] += path.iterdir() if folder == path else [path]
    for folder, paths in private.items():
        handles = {path: os.open(path, os.O_PATH) for path in paths}
        linux.mount("tmpfs", str(folder), "tmpfs", options="mode=0755,size=1m")
        for path, handle in handles.items():
            _show(path, handle)
            os.close(handle)


def _private_part(path: Path) -> Path | None:
    """The first folder on the way that others may not enter."""
    return next((folder for folder in (*reversed(path.parents), path) if not folder.stat().st_mode & 0o001), None)


def _show(path: Path, handle: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISDIR(os.fstat(handle).st_mode):
        path.mkdir(exist_ok=True)
    else:
        path.touch()
    linux.mount(f"/proc/self/fd/{handle}", str(path), flags=linux.MS_BIND)


def main() -> None:
    """Become the user, and then the command."""
    working_folder = Path.cwd()
    cover_private_folders()
    os.chdir(working_folder)
    os.setgroups([])
    os.setresgid(UID, UID, UID)
    os.setresuid(UID, UID, UID)
    linux.forbid_new_privileges()
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
