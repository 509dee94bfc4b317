"""Single keys from the terminal that a command was started at, and whole lines in between."""

import codecs
import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Keyboard:
    """Keys as they are pressed, nothing typed ahead is lost; the terminal is as before while a line is typed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before = termios.tcgetattr(descriptor)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def key(self) -> str:
        r"""The next key; "" for one that sends a sequence, such as an arrow, and "\x04" when nothing can come."""
        while True:
            data = os.read(self._descriptor, 1)
            if not data:
                return "\x04"
            if data == b"\x1b":
                self._pass_over_sequence()
                return ""
            if text := self._decoder.decode(data):
                return text

    def line(self, prompt: str) -> str:
        """A line that is typed, and seen and corrected while it is."""
        self._set(self._before)
        try:
            return input(prompt)
        except EOFError:
            return ""
        finally:
            self.begin()

    def begin(self) -> None:
        """Take keys one at a time, unseen; interrupting still works."""
        tty.setcbreak(self._descriptor, termios.TCSADRAIN)

    def end(self) -> None:
        """Leave the terminal as it was."""
        self._set(self._before)

    def _set(self, attributes: Any) -> None:
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, attributes)

    def _pass_over_sequence(self) -> None:
        """Read what follows an escape, if anything does: an introducer, and parameters up to a letter or a tilde."""
        introducer = True
        while select.select([self._descriptor], [], [], 0)[0]:
            byte = os.read(self._descriptor, 1)
            if introducer and byte in b"[O":
                introducer = False
            elif byte.isalpha() or byte == b"~":
                return


@contextmanager
def keyboard() -> Iterator[Keyboard]:
    """The keyboard of standard input, which has to be a terminal."""
    opened = Keyboard(sys.stdin.fileno())
    opened.begin()
    try:
        yield opened
    finally:
        opened.end()
