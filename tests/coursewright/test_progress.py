"""The progress bar."""

import io
import sys
import threading

from coursewright.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_nothing(capsys):
    with progress("Grading", 2) as advance:
        advance("ada")
        advance("")
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end_and_no_thread_is_started(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    threads = threading.active_count()
    with progress("Grading", 2) as advance:
        advance("\x1b[2Jada")
        assert threading.active_count() == threads
    shown = terminal.getvalue()
    assert "Grading" in shown
    assert "0/2" in shown
    assert "\x1b[2J" not in shown
    assert shown.endswith("\x1b[2K")
