"""Runs a command as a user without any privilege, even when the tests run as root.

As a program, ``python -m tests.autograder.ordinary_user COMMAND…``: each folder that only root may enter is covered,
in a mount namespace of its own, by one that shows nothing but the interpreter, the libraries and this checkout,
wherever these lie below it. Then it becomes the user, and the command takes its place.
"""

import os
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


def _cover_private_folders() -> None:
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    private: dict[Path, list[Path]] = defaultdict(list)
    for path in sorted(NEEDED):
        top = Path(*path.parts[:2])
        if not top.stat().st_mode & 0o001:
            private[top].append(path)
    for top, paths in private.items():
        handles = {path: os.open(path, os.O_PATH) for path in paths}
        linux.mount("tmpfs", str(top), "tmpfs", options="mode=0755,size=1m")
        for path, handle in handles.items():
            path.mkdir(parents=True, exist_ok=True)
            linux.mount(f"/proc/self/fd/{handle}", str(path), flags=linux.MS_BIND)
            os.close(handle)


def main() -> None:
    """Become the user, and then the command."""
    working_folder = Path.cwd()
    _cover_private_folders()
    os.chdir(working_folder)
    os.setgroups([])
    os.setresgid(UID, UID, UID)
    os.setresuid(UID, UID, UID)
    linux.forbid_new_privileges()
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
