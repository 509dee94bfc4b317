"""The table of commands, and that nothing of a command is imported before it is called."""

import importlib
import inspect
import sys
from pathlib import Path

import pytest

from coursewright.command_line import command_line
from coursewright.table import COMMANDS, GROUPS, Entry, Group


def run(root, *arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        root.main(args=list(arguments), prog_name="coursewright")
    return stop.value.code


TABLE = (
    Entry("new course", "no_such_module:course", "Make a course."),
    Entry("grade", "no_such_module:grade", "Grade submissions.", "Grade"),
    Entry("check", "a_command:check", "Check a course.", "Write"),
)
SOME_GROUPS = {"new": Group("Make something new.", "Write")}


@pytest.fixture(autouse=True)
def commands_of_the_tests(monkeypatch):
    """Take commands from beside this file as well."""
    import coursewright.commands

    monkeypatch.setattr(
        coursewright.commands, "__path__", [*coursewright.commands.__path__, str(Path(__file__).parent)]
    )


def test_help_lists_the_commands_under_their_headings_and_imports_none(capsys):
    assert run(command_line(TABLE, SOME_GROUPS), "--help") == 0
    shown = capsys.readouterr().out
    assert (
        "Write:\n  new    Make something new.\n  check  Check a course.\n\nGrade:\n  grade  Grade submissions." in shown
    )
    assert "coursewright.commands.a_command" not in sys.modules


def test_a_group_has_help_of_its_own(capsys):
    assert run(command_line(TABLE, SOME_GROUPS), "new", "-h") == 0
    shown = capsys.readouterr().out
    assert "Usage: coursewright new [OPTIONS] COMMAND" in shown
    assert "course  Make a course." in shown


def test_a_command_gets_its_arguments_and_decides_the_status(capsys):
    assert run(command_line(TABLE, SOME_GROUPS), "check", "here", "--times", "2") == 1
    assert capsys.readouterr().out == "here here\n"


def test_a_commands_own_help_comes_from_its_function(capsys):
    assert run(command_line(TABLE, SOME_GROUPS), "check", "--help") == 0
    shown = capsys.readouterr().out
    assert "Usage: coursewright check [OPTIONS] {PATH}" in shown
    assert "How often." in shown


def test_bad_usage_of_a_command_is_status_2(capsys):
    assert run(command_line(TABLE, SOME_GROUPS), "check") == 2
    assert "Missing argument 'PATH'" in capsys.readouterr().err


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.words)
def test_every_line_of_the_table_is_a_function_that_says_the_same(entry):
    module, _, name = entry.function.partition(":")
    function = getattr(importlib.import_module(f"coursewright.commands.{module}"), name)
    assert inspect.getdoc(function).splitlines()[0] == entry.help


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.words)
def test_every_command_shows_its_help(entry, capsys):
    assert run(command_line(), *entry.words.split(), "--help") == 0
    assert entry.help.split()[0] in capsys.readouterr().out


def test_every_group_has_commands_and_every_command_stands_under_a_heading():
    assert set(GROUPS) == {entry.words.split()[0] for entry in COMMANDS if " " in entry.words}
    assert [entry.words for entry in COMMANDS if " " not in entry.words and not entry.panel] == []
