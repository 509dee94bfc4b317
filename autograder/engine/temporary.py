"""Temporary files and folders that both processes of a job can use, though each is another user.

A test makes a temporary folder and hands its path to an answer, or an answer does and returns it. Nobody can list the
folder in which they lie (see :mod:`autograder.engine.jail`), so only who was told a path finds what is there.
"""

import os
import tempfile
from collections.abc import Callable
from typing import Any

_FOLDER, _FILE = 0o777, 0o666


def share_temporary_files() -> None:
    """Have this process make temporary files that the other process of the job may read and write."""
    untyped: Any = tempfile
    untyped.mkdtemp = _opened_folder(untyped.mkdtemp)
    untyped.mkstemp = _opened_file(untyped.mkstemp, lambda made: made[0])
    untyped.NamedTemporaryFile = _opened_file(untyped.NamedTemporaryFile, lambda made: made.fileno())


def _opened_folder(make: Callable[..., Any]) -> Callable[..., Any]:
    def mkdtemp(*arguments: Any, **keywords: Any) -> Any:
        folder = make(*arguments, **keywords)
        os.chmod(folder, _FOLDER)  # noqa: PTH101 - it may be bytes
        return folder

    return mkdtemp


def _opened_file(make: Callable[..., Any], descriptor: Callable[[Any], int]) -> Callable[..., Any]:
    def made(*arguments: Any, **keywords: Any) -> Any:
        file = make(*arguments, **keywords)
        os.fchmod(descriptor(file), _FILE)
        return file

    return made
