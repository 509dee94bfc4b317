"""Modules that the author put beside the notebook, for tests to import: ``from checks import agrees``.

Learners can write to the working folder, so the examiner imports nothing from there, and a module of theirs is a
stand-in. The author's own files come to the examiner with the job. A module that holds nothing but imports, functions,
constants and classes that make assertions, by the rules of :mod:`.author`, is imported from these bytes: what an answer
does to its own copy changes nothing. Other modules stay stand-ins, since objects of their classes go back and forth
between tests and answers.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from types import ModuleType

from autograder.engine.protocol import File
from autograder.isolated.author import is_trusted_whole


def author_modules(files: Iterable[File]) -> Mapping[str, bytes]:
    """The texts of the modules that can be imported here, by dotted name (a package by that of its ``__init__``).

    Args:
        files: the author's files, by paths relative to the working folder.
    """
    found = {_name(PurePosixPath(file.path)): file.data for file in files if file.path.endswith(".py")}
    untrusted = {name.split(".")[0] for name, data in found.items() if not is_trusted_whole(_text(data))}
    return {name: data for name, data in found.items() if name.split(".")[0] not in untrusted}


def _name(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts if parts[-1] != "__init__" else parts[:-1])


def _text(data: bytes) -> str:
    try:
        return importlib.util.decode_source(data)
    except (SyntaxError, UnicodeDecodeError):
        return "("  # no module at all


class AuthorModules(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):  # type: ignore[misc] # the stubs differ
    """Finds and loads the author's modules, once the libraries have been asked."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._texts = texts

    def install(self) -> None:
        """Have ``import`` ask here last."""
        if self._texts:
            sys.meta_path.append(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Where a module comes from; None if it is not the author's."""
        del path, target
        is_package = any(name.startswith(fullname + ".") for name in self._texts)
        if fullname not in self._texts and not is_package:
            return None
        return importlib.util.spec_from_loader(fullname, self, is_package=is_package)

    def get_filename(self, fullname: str) -> str:
        """A name for tracebacks."""
        return f"{fullname.replace('.', '/')}.py"

    def get_data(self, path: str) -> bytes:
        """The text of the module whose name :meth:`get_filename` made into a path."""
        return self._texts.get(path.removesuffix(".py").replace("/", "."), b"")
