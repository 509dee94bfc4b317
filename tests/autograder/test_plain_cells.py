"""Plain Python is read without IPython's transformers, and exactly as with them."""

from collections.abc import Iterator
from typing import Any

import pytest

from autograder.engine.shell import RecordingShell, make_shell, warm_up

pytestmark = pytest.mark.integration  # it takes long

PLAIN = [
    "x = 1",
    "x = 1\n",
    "def f(n):\n    return n\n\nf(3)",
    "import os\nos.getcwd()",
    "assert True",
    'text = """\n%matplotlib inline\n!ls\n"""\nlen(text)',
    "x = (1,\n2)",
    "# a comment\nx = 7 % 2",
    "async def f():\n    return 1\nawait f()",
]
SPECIAL = [
    "",
    "\n\nx = 1",
    "    x = 1\n    y = 2",
    "%time x = 1",
    "%%time\nx = 1",
    "!ls",
    "x = !ls",
    "x?",
    "exit",
    "ls -l",
    "pwd",
    ">>> x = 1\n>>> y = 2",
    "In [1]: x = 1",
    "In [1]: x",
    "x = 1\n...",
    "... x",
    "1 +",
    "def f(:",
    "print 3",
]


@pytest.fixture(scope="module")
def shell() -> Iterator[Any]:
    RecordingShell.clear_instance()
    made: Any = make_shell()
    warm_up(made)
    yield made
    RecordingShell.clear_instance()


@pytest.mark.parametrize("source", [*PLAIN, *SPECIAL])
def test_a_cell_is_read_as_ipython_reads_it(shell: Any, source: str) -> None:
    ours = shell.transform_cell(source)

    assert ours == super(RecordingShell, shell).transform_cell(source)


@pytest.mark.parametrize("source", PLAIN)
def test_plain_cells_do_not_go_through_the_transformers(shell: Any, source: str, monkeypatch: Any) -> None:
    def fail(_: str) -> str:
        raise AssertionError

    monkeypatch.setattr(shell.input_transformer_manager, "transform_cell", fail)

    assert shell.transform_cell(source).rstrip("\n") == source.rstrip("\n")


def test_a_transformer_that_a_learner_adds_is_used(shell: Any) -> None:
    def shout(lines: list[str]) -> list[str]:
        return [line.upper() for line in lines]

    shell.input_transformers_post.append(shout)
    try:
        assert shell.transform_cell("x = 1") == "X = 1\n"
    finally:
        shell.input_transformers_post.remove(shout)


def test_a_shell_is_tidy_until_something_is_to_be_done_behind_its_cells(shell: Any) -> None:
    assert shell.is_tidy()
    shell.events.register("post_execute", list)
    assert not shell.is_tidy()
    shell.events.unregister("post_execute", list)
    assert shell.is_tidy()
