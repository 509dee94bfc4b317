"""The command's outermost layer: one line and an exit status, whatever happens."""

import os
import sys
from pathlib import Path

import pytest

import coursewright.command_line as framework
from authoring.errors import CoursewrightError
from coursewright.__main__ import main


@pytest.fixture
def command_that(monkeypatch: pytest.MonkeyPatch):
    """Makes the whole command line do one thing."""

    def install(behaviour) -> None:
        class Stub:
            def main(self, **_kwargs) -> None:
                behaviour()

        monkeypatch.setattr(framework, "command_line", Stub)

    return install


def raises(error: BaseException):
    def behaviour() -> None:
        raise error

    return behaviour


def test_a_mendable_error_is_one_line_and_status_1(command_that, capsys):
    command_that(raises(CoursewrightError("course.toml: pass_mark is 60;\n  write a fraction such as 0.6.")))
    assert main([]) == 1
    assert capsys.readouterr() == ("", "coursewright: course.toml: pass_mark is 60; write a fraction such as 0.6.\n")


def test_an_unexpected_exception_is_called_a_bug_and_shows_no_traceback(command_that, capsys, monkeypatch):
    monkeypatch.delenv("COURSEWRIGHT_TRACEBACK", raising=False)
    command_that(raises(ZeroDivisionError("division by zero")))
    assert main([]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert "bug in coursewright" in shown.err
    assert "ZeroDivisionError at test_main.py line" in shown.err
    assert "Traceback" not in shown.err


def test_the_traceback_is_there_for_those_who_ask(command_that, capsys, monkeypatch):
    monkeypatch.setenv("COURSEWRIGHT_TRACEBACK", "1")
    command_that(raises(ZeroDivisionError("division by zero")))
    assert main([]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_file_that_cannot_be_used_is_named(command_that, capsys, tmp_path):
    command_that((tmp_path / "absent.toml").read_text)
    assert main([]) == 1
    assert capsys.readouterr().err == f"coursewright: {tmp_path / 'absent.toml'}: No such file or directory.\n"


def test_a_message_cannot_drive_the_terminal(command_that, capsys):
    command_that(raises(CoursewrightError("submitted/\x1b]0;owned\x07: no such learner")))
    main([])
    assert capsys.readouterr().err == "coursewright: submitted/\\x1b]0;owned\\x07: no such learner\n"


@pytest.mark.parametrize("status", [0, 1, 2])
def test_a_command_decides_its_exit_status(command_that, status):
    command_that(raises(SystemExit(status)))
    assert main([]) == status


def test_bad_usage_is_status_2_and_goes_to_standard_error(capsys):
    assert main(["no-such-command"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "No such command 'no-such-command'" in shown.err


def test_the_interpreters_folder_is_put_on_path(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/usr/bin")
    assert main(["--version"]) == 0
    assert os.environ["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/usr/bin"]
    assert capsys.readouterr().out == "coursewright 0.1.0\n"
