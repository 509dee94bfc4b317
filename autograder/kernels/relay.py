"""The examiner's end: cells go to the driver, and what they did comes back.

1. One cell at a time; the driver answers each with one message.
2. The driver is in the learner's jail and may be under the learner's control: anything but the outcome of that cell
   ends the conversation.
3. It has the cell's time and a little more, to interrupt the kernel; then it is given up.
"""

import socket
import time

from msgspec.structs import replace

from autograder.engine.protocol import Cell, Done, Frames, FromExaminer, ProtocolError, Ran, decode_workspace, send
from autograder.isolated.messages import WorkspaceDiedError, WorkspaceSilentError

START_SECONDS = 25.0
"""How long a kernel may take to start; a cell's time begins afterwards."""

_GRACE_SECONDS = 6.0


class Relay:
    """The driver, as the examiner sees it.

    Args:
        connection: the socket to it.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._frames = Frames()
        self._arrived: list[bytes] = []
        self.breach = False  # it has said something that it may not say
        self.silent = False  # it did not answer in time

    def wait_for_kernel(self) -> None:
        """Wait until the kernel is there.

        Raises:
            WorkspaceDiedError: it does not start.
        """
        if not isinstance(self._receive(START_SECONDS), Done):
            raise self._broken()

    def run_cell(self, cell: Cell, seconds: float) -> Ran:
        """Have the kernel run a cell, and tell what it did.

        Raises:
            WorkspaceDiedError: the driver or the kernel is gone, or does not come to an end.
        """
        try:
            send(self._connection, cell)
        except OSError as error:
            raise WorkspaceDiedError("the kernel is gone") from error
        ran = self._receive(seconds + _GRACE_SECONDS)
        if not isinstance(ran, Ran) or ran.status not in {"ok", "error", "timeout"} or self._arrived:
            raise self._broken()
        return replace(ran, cell=cell.number)

    def _receive(self, seconds: float) -> FromExaminer:
        deadline = time.monotonic() + seconds
        while not self._arrived:
            self._connection.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self._connection.recv(1 << 20)
            except TimeoutError as error:
                self.silent = True
                raise WorkspaceSilentError("the kernel does not answer") from error
            except OSError as error:
                raise WorkspaceDiedError("the kernel is gone") from error
            if not data:
                raise WorkspaceDiedError("the kernel is gone")
            try:
                self._arrived += self._frames.feed(data)
            except ProtocolError as error:
                raise self._broken() from error
        try:
            return decode_workspace(self._arrived.pop(0))
        except ProtocolError as error:
            raise self._broken() from error

    def _broken(self) -> WorkspaceDiedError:
        self.breach = True
        return WorkspaceDiedError("the submission's process sent something that is no outcome of a cell")
