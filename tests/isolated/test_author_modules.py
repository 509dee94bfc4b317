"""Which of the author's modules tests import from the author's own bytes."""

import importlib
import sys
from collections.abc import Iterator

import pytest

from autograder.engine.protocol import File
from autograder.isolated.author_modules import AuthorModules, author_modules

HELPER = b'"""What tests compare with."""\nimport math\nLIMIT = 3\n\ndef agrees(x, y):\n    return abs(x - y) < 1e-9\n'
CHECKER = b"class Checker:\n    def check(self, x):\n        assert x == 3\n"
DATA = b"class Node:\n    def __init__(self, value):\n        self.value = value\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (HELPER, True),
        (CHECKER, True),
        (b"", True),
        (DATA, False),  # its objects go back and forth between tests and answers
        (b"table = open('data.csv').read()", False),  # what is read is read in the workspace
        (b"print('hello')", False),
        (b"def broken(:", False),
        (b"\xff\xfe", False),
    ],
)
def test_a_module_is_imported_here_if_the_examiner_may_run_all_of_it(text: bytes, found: bool) -> None:
    assert set(author_modules([File(path="helper.py", data=text)])) == ({"helper"} if found else set())


def test_a_package_is_taken_whole_or_not_at_all() -> None:
    parts = {"pack/__init__.py": b"", "pack/one.py": HELPER, "data.csv": b"1", "own.py": HELPER}
    files = [File(path=path, data=data) for path, data in parts.items()]
    assert set(author_modules(files)) == {"pack", "pack.one", "own"}
    assert set(author_modules([*files, File(path="pack/two.py", data=DATA)])) == {"own"}


@pytest.fixture
def installed() -> Iterator[None]:
    modules = {"cw_pack": b"", "cw_pack.one": HELPER, "cw_space.inner": HELPER, "json": b"loads = None"}
    finder = AuthorModules(modules)
    finder.install()
    yield
    sys.meta_path.remove(finder)
    for name in [name for name in sys.modules if name.startswith(("cw_pack", "cw_space"))]:
        del sys.modules[name]


def test_such_modules_can_be_imported(installed: None) -> None:
    assert importlib.import_module("cw_pack.one").agrees(1.0, 1.0)
    assert importlib.import_module("cw_space.inner").LIMIT == 3
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("cw_pack.three")


def test_a_library_keeps_its_name(installed: None) -> None:
    del sys.modules["json"]
    assert importlib.import_module("json").loads("1") == 1
