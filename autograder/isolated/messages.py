"""What the examiner and the workspace say to each other, and how it crosses the socket.

1. Every message is one msgpack frame with its length in front, of a bounded size, and has one of the types below.
2. The two sides take turns: whoever asked is silent until the answer, except to answer what the other asks meanwhile
   (a function of the test that learner code calls back). Anything else is a breach, and ends the conversation.
3. A message carries, besides what it is about, everything that changed on its side since the last one.
4. A time-out can interrupt the sending and the receiving of a frame; both go on where they were.
"""

import select
import signal
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from autograder.engine.protocol import Frames, ProtocolError

MAX_FRAME = 128 * 1024 * 1024
MAX_TEXT = 10_000  # characters of a message of an exception, or of a name


class WorkspaceDiedError(BaseException):
    """The submission's process is gone, or has broken the rules of the conversation.

    Not an Exception: a test's ``except Exception`` must not take it for the learner's refusal of an argument.
    """


class WorkspaceSilentError(WorkspaceDiedError):
    """The submission's process does not answer in time."""


class ClassInfo(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What the examiner is told of a class that is not data."""

    handle: int
    name: str
    module: str
    bases: list[Any]  # encoded classes
    special: list[str]  # the special methods that it has
    library: bool  # not of the submission's own making
    data: list[str]  # module and name, if it is a class of :mod:`autograder.isolated.data_types`
    fields: list[str]  # of a named tuple


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Base of the messages: everything that changed on the sender's side."""

    states: list[list[Any]] = []  # of shared mutable data
    forget: list[int] = []  # shared data that the sender will speak of no more
    classes: list[ClassInfo] = []  # that the examiner does not know yet
    printed: list[list[Any]] = []  # by learner code: a stream and a text, or data to display and its metadata
    names: list[list[Any]] = []  # [name, value] bound, [name] deleted, [name, None, "back"] put back after that
    random: list[Any] = []  # the states of the generators, when they changed
    folder: str = ""  # the working directory, when it changed


class Ask(_Message, frozen=True, kw_only=True):
    """Please do this; ``opaque``: answer with a reference even if the result is plain data."""

    number: int
    operation: str
    body: Any = None
    opaque: bool = False
    seconds: float = 0.0
    released: list[int] = []  # objects that the examiner refers to no more


class Answer(_Message, frozen=True, kw_only=True):
    """What came of it: a value, or (``failed``) an exception."""

    number: int
    body: Any = None
    failed: bool = False
    untidy: bool = False  # only from the workspace: something is to be done there when the cell is over


_ALARM = frozenset({signal.SIGALRM})
# without the wrapper that makes names of numbers: it takes longer than the system call
_mask: Callable[[int, Iterable[int]], set[int]] = vars(signal.pthread_sigmask).get(
    "__wrapped__", signal.pthread_sigmask
)
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Ask | Answer)


class Uninterrupted:
    """Holds the time-out's signal back, so that it does not come between two steps that belong together."""

    def __enter__(self) -> None:
        self._before = _mask(signal.SIG_BLOCK, _ALARM)

    def __exit__(self, *_: object) -> None:
        _mask(signal.SIG_SETMASK, self._before)


class Interruptible:
    """Lets the time-out's signal through, within :class:`Uninterrupted`."""

    def __enter__(self) -> None:
        try:
            self._before = _mask(signal.SIG_UNBLOCK, _ALARM)
        except BaseException:  # it was waiting
            _mask(signal.SIG_BLOCK, _ALARM)
            raise

    def __exit__(self, *_: object) -> None:
        _mask(signal.SIG_SETMASK, self._before)


class Line:
    """One end of the socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._frames = Frames(MAX_FRAME)
        self._arrived: list[bytes] = []
        self._unsent = memoryview(b"")
        self._polls = {event: select.poll() for event in (select.POLLIN, select.POLLOUT)}
        for event, poll in self._polls.items():
            poll.register(connection, event)

    def send(self, message: Ask | Answer, deadline: float | None = None) -> None:
        """Send a message, and before it what an interruption left of an earlier one.

        Raises:
            WorkspaceDiedError: nobody is there any more, or nobody takes it in time.
            ValueError: the message is too large.
        """
        data = _encoder.encode(message)
        if len(data) > MAX_FRAME:
            raise ValueError(f"{len(data)} bytes are too much to hand over; at most {MAX_FRAME} are possible")
        self._flush(deadline)
        self._unsent = memoryview(len(data).to_bytes(4, "big") + data)
        self._flush(deadline)

    def _flush(self, deadline: float | None) -> None:
        while self._unsent:
            try:
                self._unsent = self._unsent[self._socket.send(self._unsent, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)
            except OSError as error:
                raise WorkspaceDiedError("the submission's process is gone") from error

    def _wait(self, event: int, deadline: float | None) -> None:
        """Wait until the socket is ready; only here a time-out can interrupt."""
        milliseconds = None if deadline is None else max(1.0, (deadline - time.monotonic()) * 1000)
        with Interruptible():
            ready = self._polls[event].poll(milliseconds)
        if not ready:
            raise WorkspaceSilentError("the submission's process does not answer")

    def receive(self, deadline: float | None = None) -> Ask | Answer:
        """Wait for a message, until a time of the monotonic clock.

        Raises:
            WorkspaceDiedError: nobody is there any more, or nothing came in time.
            ProtocolError: something came that is no message.
        """
        self._flush(deadline)  # what an interruption left is what the other side waits for
        while not self._arrived:
            self._wait(select.POLLIN, deadline)
            try:
                data = self._socket.recv(1 << 20, socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
            except OSError as error:
                raise WorkspaceDiedError("the submission's process is gone") from error
            if not data:
                raise WorkspaceDiedError("the submission's process is gone")
            self._arrived += self._frames.feed(data)
        return decode(self._arrived.pop(0))

    def is_waiting(self) -> bool:
        """Whether something has come in that was not received yet, or the other side has hung up."""
        return bool(self._arrived or self._polls[select.POLLIN].poll(0))

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def decode(data: bytes) -> Ask | Answer:
    """The message in a frame.

    Raises:
        ProtocolError: there is none.
    """
    try:
        message: Ask | Answer = _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ProtocolError(str(error)) from error
    return message
