"""What the examiner and the workspace have in common: news go out, and are taken in, with every message."""

import socket
from typing import Any

from autograder.isolated import chance
from autograder.isolated.codec import Codec, Foreign
from autograder.isolated.messages import Answer, Ask, Line


class Side:
    """One side of the conversation.

    Args:
        connection: the socket to the other side.
        foreign: how this side treats what is no data.
        first_handle: 0 or 1; the sides number what they share with even and with odd numbers.
    """

    def __init__(self, connection: socket.socket, foreign: Foreign, *, first_handle: int) -> None:
        self.line = Line(connection)
        self.codec = Codec(foreign, first_handle=first_handle)
        self._chance = chance.snapshot()

    def news(self) -> dict[str, Any]:
        """What changed here since the last message: fields of a message."""
        found: dict[str, Any] = {"states": self.codec.shared.states()}
        now = chance.snapshot()
        if now != self._chance:
            self._chance = now
            found["random"] = chance.described(now)
        return found

    def take_news(self, message: Ask | Answer) -> None:
        """Make this side equal to the other; call :meth:`after` once the message's body is read."""
        self.codec.shared.take(message.states)
        if message.random:
            chance.restore(message.random)
            self._chance = chance.snapshot()

    def after(self, message: Ask | Answer) -> None:
        """Forget what the other side has forgotten."""
        self.codec.shared.forget(message.forget)
