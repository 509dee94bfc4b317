"""What the grader, the zygote and a job's two processes say to each other.

Every message is a msgpack frame with its length in front, bounded, and decoded into the types below and nothing else.
What the workspace says (to the examiner alone) is another matter: see ``autograder/isolated/messages.py``.
"""

import socket
import struct
from enum import StrEnum
from typing import Any

import msgspec

from autograder.isolated.names import Names

MAX_FRAME = 64 * 1024 * 1024
_LENGTH = struct.Struct("!I")
_MAX_DEPTH = 64  # of a displayed value

FAILED_STATUS = 71
"""The exit status of a job's process that failed to settle."""


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of the messages; the tag in a frame is the class's name."""


class Limits(_Message, frozen=True):
    """What a workspace may use."""

    cell_seconds: float
    submission_seconds: float
    cpu_seconds: int
    memory_bytes: int
    output_bytes: int
    disk_bytes: int
    processes: int
    total_memory_bytes: int
    files: int
    open_files: int


class File(_Message, frozen=True):
    """A file of the working folder; ``path`` is relative, with ``/``, and was checked by whoever made it."""

    path: str
    data: bytes


class Role(StrEnum):
    """Whose code a cell is, which decides where it runs."""

    SUBMITTED = "submitted"  # in the workspace
    AUTHOR = "author"  # what tests need of it, in the examiner; nothing comes back
    TEST = "test"  # in the examiner
    SHARED_TEST = "shared_test"  # in the workspace, because it cannot work elsewhere


class Cell(_Message, frozen=True):
    """A code cell. ``number`` comes back with what it did; ``released`` is the part of a test that learners can see."""

    number: int
    source: str
    role: Role = Role.SUBMITTED
    released: str = ""


class Kernel(_Message, frozen=True):
    """A kernel of another language than Python."""

    name: str
    spec: str  # its kernel.json
    folders: tuple[str, ...]  # what it needs to read, besides the system's


class Place(_Message, frozen=True):
    """What the workspace is told: no text of any test."""

    files: tuple[File, ...]  # the learner's
    seed: int
    limits: Limits
    kernel: Kernel | None = None  # None: the cells are Python


class Job(_Message, frozen=True):
    """One notebook to execute: its code cells in order."""

    key: str
    cells: tuple[Cell, ...]
    place: Place
    files: tuple[File, ...] = ()  # the author's; they win over the learner's
    entropy: int = 0  # seed of what the examiner draws from the system: learners must not be able to work it out
    solutions: tuple[str, ...] = ()  # the author's answers, which tell what names learners are to define
    names: dict[str, Names] = {}  # what was found in the author's texts, by text

    def reporting(self) -> tuple[int, ...]:
        """The numbers of the cells that something comes back of, in order."""
        return tuple(cell.number for cell in self.cells if cell.role is not Role.AUTHOR)


class Setup(_Message, frozen=True):
    """How the zygote is to warm up."""

    imports: tuple[str, ...]
    isolated: bool
    root: str  # an empty folder of the grader's, on which the jail's root is mounted
    visible: tuple[str, ...]  # what the jail shows, read-only


class Ready(_Message, frozen=True):
    """The zygote is warm; ``problem`` says why it is not."""

    problem: str = ""
    weaknesses: tuple[str, ...] = ()  # what holds here less well than elsewhere, for people
    alone: bool = False  # whether only one job can run at a time
    kernels: bool = True  # whether kernels of other languages can be locked in


class Run(_Message, frozen=True):
    """To the zygote, with descriptors: memory files with the place and the job, and the socket to report to."""

    number: int
    limits: Limits


class Kill(_Message, frozen=True):
    """To the zygote: end that job now."""

    number: int


class Ended(_Message, frozen=True):
    """From the zygote: the job's processes are gone. Statuses are those of ``os.waitstatus_to_exitcode``."""

    number: int
    examiner_status: int
    workspace_status: int
    cpu_seconds: float
    excess: str = ""  # the limit for which the zygote killed it: a field of Limits


class Started(_Message, frozen=True):
    """From an examiner: this cell begins."""

    cell: int


class Ran(_Message, frozen=True):
    """From an examiner: what a cell did. ``value`` is the cell's value, when it is a real number."""

    cell: int
    status: str  # "ok", "error" or "timeout"
    outputs: list[dict[str, Any]]
    error: str = ""  # the exception's class
    value: float | None = None
    seconds: float = 0.0


class Lost(_Message, frozen=True):
    """From an examiner: nothing more can be had of the workspace, because it is gone if neither field is true."""

    breach: bool  # it has said something that is no message
    silent: bool  # it does not answer


class Done(_Message, frozen=True):
    """From an examiner: every cell has had its turn."""


ToZygote = Setup | Run | Kill
FromZygote = Ready | Ended
FromExaminer = Started | Ran | Lost | Done

_encoder = msgspec.msgpack.Encoder()
to_zygote = msgspec.msgpack.Decoder(ToZygote)
from_zygote = msgspec.msgpack.Decoder(FromZygote)
from_examiner = msgspec.msgpack.Decoder(FromExaminer)
job_decoder = msgspec.msgpack.Decoder(Job)
place_decoder = msgspec.msgpack.Decoder(Place)


class ProtocolError(Exception):
    """The other side said something that is no message."""


def encode(message: msgspec.Struct) -> bytes:
    """The message without its length."""
    return _encoder.encode(message)


def frame(message: msgspec.Struct) -> bytes:
    """The message as it goes over a socket."""
    data = encode(message)
    return _LENGTH.pack(len(data)) + data


def send(connection: socket.socket, message: msgspec.Struct) -> None:
    """Send one message, waiting until it is gone."""
    connection.sendall(frame(message))


class Frames:
    """Cuts what a socket delivers into frames."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._buffer = bytearray()
        self._limit = limit

    def feed(self, data: bytes) -> list[bytes]:
        """Take what came in, and give the frames that are whole now.

        Raises:
            ProtocolError: a frame is longer than the limit.
        """
        self._buffer += data
        frames = []
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > self._limit:
                raise ProtocolError(f"a frame of {length} bytes; at most {self._limit} are allowed")
            if len(self._buffer) < _LENGTH.size + length:
                break
            frames.append(bytes(self._buffer[_LENGTH.size : _LENGTH.size + length]))
            del self._buffer[: _LENGTH.size + length]
        return frames


def decode_workspace(data: bytes) -> FromExaminer:
    """What an examiner said.

    Raises:
        ProtocolError: it is no message of an examiner.
    """
    try:
        message: FromExaminer = from_examiner.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProtocolError(str(error)) from error
    if isinstance(message, Ran) and not all(is_output(output) for output in message.outputs):
        raise ProtocolError("an output that no notebook can hold")
    return message


def is_output(output: dict[str, Any]) -> bool:
    """Whether this is an output of nbformat 4 that can be written as JSON."""
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr", "text": str(), **rest}:
            return not rest
        case {"output_type": "error", "ename": str(), "evalue": str(), "traceback": [*lines], **rest}:
            return not rest and all(isinstance(line, str) for line in lines)
        case {"output_type": "display_data", "data": dict() as data, "metadata": dict() as metadata, **rest}:
            return not rest and _is_data(data) and _is_json(metadata, _MAX_DEPTH)
        case {"output_type": "execute_result", "data": dict() as data, "metadata": dict() as metadata, **rest}:
            count = rest.pop("execution_count", None)
            sound = not rest and (count is None or type(count) is int)
            return sound and _is_data(data) and _is_json(metadata, _MAX_DEPTH)
    return False


def _is_data(data: dict[Any, Any]) -> bool:
    return isinstance(data.get("text/plain", ""), str) and _is_json(data, _MAX_DEPTH)


def _is_json(value: object, depth: int) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(isinstance(key, str) and _is_json(one, depth - 1) for key, one in value.items())
    if isinstance(value, list):
        return depth > 0 and all(_is_json(one, depth - 1) for one in value)
    return value is None or isinstance(value, str | int | float)
