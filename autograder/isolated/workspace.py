"""The workspace: runs the submitted cells, and does what the examiner asks of the objects that they made.

1. It is not trusted. Whatever it says, the examiner checks; nothing here protects a test.
2. It never holds the text of a test, nor a value of one that no test handed to the learner's code.
3. It answers one question after the other, in one thread. While it works on one it can ask the examiner to call a
   function of a test, or what ``input()`` answers, and gets further questions meanwhile.
4. A question comes with the seconds that are left for it; then whatever runs is interrupted.
"""

import builtins
import os
import signal
import socket
import threading
import traceback
from collections.abc import Callable
from typing import Any

import msgspec

from autograder.engine.protocol import ProtocolError
from autograder.engine.shell import CellTimeoutError, RecordingShell, run_cell
from autograder.isolated.describe import References
from autograder.isolated.errors import text_of
from autograder.isolated.messages import Answer, Ask, Interruptible, Uninterrupted, WorkspaceDiedError
from autograder.isolated.operations import OPERATIONS
from autograder.isolated.side import Side

_REPEAT_SECONDS = 0.5
_MISSING = object()
_TRACE_TEXT = 2_000


def serve(connection: socket.socket, shell: RecordingShell) -> None:
    """Answer the examiner until it hangs up."""
    workspace = Workspace(connection, shell)
    try:
        while True:
            workspace.listen()
    except WorkspaceDiedError:
        return


class Workspace:
    """The submission's process, as the examiner sees it."""

    def __init__(self, connection: socket.socket, shell: RecordingShell) -> None:
        self._references = References(self._call_back)
        self._side = Side(connection, self._references, first_handle=1)
        self._shell = shell
        self._thread = threading.get_ident()
        self._process = os.getpid()
        self._depth = 0
        self._number = 0
        self._watched: dict[str, Any] = {}
        self._taken: dict[str, Any] = {}
        self._in_cell = False
        self._folder = os.getcwd()  # noqa: PTH109 - compared with every answer
        self._keyboard: Callable[..., Any] = builtins.input
        builtins.input = self._input
        self._special: dict[str, Callable[[Ask], Any]] = {
            "run": self._run,
            "bind": self._bind,
            "names": self._names,
            "push": lambda _: None,
            "end of cell": self._end_of_cell,
        }

    def listen(self) -> None:
        """Wait for the next question and answer it."""
        with Uninterrupted():
            message = self._side.line.receive()
            if isinstance(message, Ask):
                self._answer(message)

    def _answer(self, ask: Ask) -> None:
        self._depth += 1
        if self._depth == 1:
            self._shell.recorder.begin()
        try:
            body, failed = self._outcome(ask)
        finally:
            self._depth -= 1
        # by now nothing here refers to the result, so that it is shared only if the learner's code keeps it
        self._send(Answer, number=ask.number, body=body, failed=failed, untidy=not self._shell.is_tidy())

    def _outcome(self, ask: Ask) -> tuple[Any, bool]:
        try:
            with _TimeLimit(ask.seconds if self._depth == 1 and ask.operation != "run" else 0):
                result = self._do(ask)
                if ask.opaque:
                    return self._references.refer(result), False
                return self._side.codec.pack(result), False
        except WorkspaceDiedError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever learner code raises is the answer
            return self._raised(error), True

    def _do(self, ask: Ask) -> Any:
        self._references.release(ask.released)
        self._side.take_news(ask)
        self._rebind(ask.names)
        special = self._special.get(ask.operation)
        if special is not None:
            result = special(ask)
            self._side.after(ask)
            return result
        operands = self._side.codec.unpack(ask.body)
        self._side.after(ask)
        try:
            with Interruptible():
                return OPERATIONS[ask.operation](*operands)
        finally:
            del operands

    def _send(self, kind: type[Ask] | type[Answer], number: int, **content: Any) -> None:
        """Send a message with all that happened here; if it cannot be written down, an answer that says so."""
        if os.getpid() != self._process:
            os._exit(0)  # a copy that learner code made with os.fork(): the conversation is not for it
        fields = self._fields()
        fields["forget"] = self._side.codec.shared.forgotten()
        try:
            self._side.line.send(kind(number=number, **content, **fields))
        except (ValueError, OverflowError, TypeError, UnicodeError, MemoryError) as error:
            problem = ValueError(f"the result cannot be handed to the test: {error}")
            if kind is Ask:
                raise problem from error
            refusal = self._raised(problem)
            self._side.line.send(Answer(number=number, failed=True, body=refusal, classes=fields["classes"]))

    def _fields(self) -> dict[str, Any]:
        names = self._rebound()
        fields = self._side.news()
        fields |= {"names": names, "printed": self._printed(), "classes": self._references.untold_classes()}
        folder = os.getcwd()  # noqa: PTH109
        if folder != self._folder:
            self._folder = fields["folder"] = folder
        return fields

    def _printed(self) -> list[list[Any]]:
        """What learner code printed or displayed since the last message."""
        recorder = self._shell.recorder
        if self._in_cell:
            return []  # these are the cell's outputs
        found = []
        for output in recorder.outputs:
            if output["output_type"] == "stream":
                found.append([output["name"], output["text"]])
            elif output["output_type"] == "display_data":
                found.append([output["data"], output["metadata"]])
        recorder.outputs = []
        return found

    # names ------------------------------------------------------------------------------------------------------------

    @property
    def _namespace(self) -> dict[str, Any]:
        namespace: dict[str, Any] = self._shell.user_ns
        return namespace

    def _rebind(self, names: list[list[Any]]) -> None:
        for name, *value in names:
            if len(value) == 2:  # a test puts back what it took away
                self._namespace[name] = self._taken.pop(name, None)
            elif value:
                self._namespace[name] = self._side.codec.unpack(value[0])
            elif name in self._namespace:
                self._taken[name] = self._namespace.pop(name)
            if name in self._watched:
                self._watched[name] = self._namespace.get(name, _MISSING)

    def _rebound(self) -> list[list[Any]]:
        """The names that the examiner holds and that mean something else by now."""
        found: list[list[Any]] = []
        for name, before in self._watched.items():
            now = self._namespace.get(name, _MISSING)
            if now is not before:
                found.append([name] if now is _MISSING else [name, self._side.codec.pack(now)])
                self._watched[name] = now
        return found

    def _bind(self, ask: Ask) -> tuple[Any, ...]:
        """The values of names, and from now on what becomes of them."""
        (names,) = self._side.codec.unpack(ask.body)
        self._watched = {name: self._namespace.get(name, _MISSING) for name in names}
        return tuple((name, value) for name, value in self._watched.items() if value is not _MISSING)

    def _names(self, _: Ask) -> tuple[str, ...]:
        hidden = self._shell.user_ns_hidden
        return tuple(
            name
            for name, value in self._namespace.items()
            if isinstance(name, str) and not name.startswith("_") and hidden.get(name, _MISSING) is not value
        )

    # cells ------------------------------------------------------------------------------------------------------------

    def _run(self, ask: Ask) -> Any:
        cell, source, seconds = self._side.codec.unpack(ask.body)
        self._watched = {}
        self._in_cell = True
        try:
            with Interruptible():
                ran = run_cell(self._shell, cell, source, seconds)
        finally:
            self._in_cell = False
        self._shell.recorder.outputs = []
        return msgspec.msgpack.encode(ran)

    def _end_of_cell(self, _: Ask) -> None:
        """Do what follows a cell: figures that learner code drew for a test are shown and closed."""
        self._watched = {}
        self._shell.events.trigger("post_execute")

    # the examiner's answers -------------------------------------------------------------------------------------------

    def _call_back(self, number: int, arguments: Any, keywords: Any) -> Any:
        return self._ask("callback", (number, tuple(arguments), tuple(keywords.items())))

    def _input(self, prompt: object = "") -> Any:
        if self._depth == 0:
            return self._keyboard(prompt)
        return self._ask("input", (str(prompt),))

    def _ask(self, operation: str, operands: tuple[Any, ...]) -> Any:
        if threading.get_ident() != self._thread or self._depth == 0:
            raise RuntimeError("a function of a test can only be called while the test waits for it")
        with Uninterrupted():
            return self._ask_now(operation, operands)

    def _ask_now(self, operation: str, operands: tuple[Any, ...]) -> Any:
        self._number += 1
        body = self._side.codec.pack(operands)
        number = self._number
        self._send(Ask, number=number, operation=operation, body=body)
        while True:
            message = self._side.line.receive()
            if isinstance(message, Ask):
                self._answer(message)
            elif message.number == number:
                return self._read(message)
            else:
                raise ProtocolError("an answer to another question")

    def _read(self, answer: Answer) -> Any:
        self._side.take_news(answer)
        self._rebind(answer.names)
        value = self._side.codec.unpack(answer.body)
        self._side.after(answer)
        if answer.failed:
            raise value
        return value

    def _raised(self, error: BaseException) -> list[Any]:
        """The node of an exception."""
        kind = type(error)
        references = self._references
        if isinstance(error, CellTimeoutError):
            return ["timeout"]
        try:
            arguments = [self._side.codec.pack(one) for one in error.args]
        except Exception:  # noqa: BLE001 - a learner's exception can have anything in it
            arguments = []
        origin = error.__dict__.get("_coursewright_origin") if hasattr(error, "__dict__") else None
        place = _place(error)
        return [
            "raised",
            references.pack_class(kind),
            arguments,
            text_of(error),
            references.refer(error),
            origin,
            place,
        ]


def _place(error: BaseException) -> str:
    """Where in the submission it happened: the innermost lines that are the learner's."""
    try:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/autograder/" not in frame.filename]
        own = [frame for frame in frames if "ipykernel" in frame.filename or "ipython-input" in frame.filename]
        return "\n".join(f"in {frame.name}: {frame.line}" for frame in own[-3:])[:_TRACE_TEXT]
    except Exception:  # noqa: BLE001 - it is only a help
        return ""


class _TimeLimit:
    """Interrupts what runs in it after so many seconds, and again; 0 leaves the clock alone."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        if self._seconds > 0:
            signal.signal(signal.SIGALRM, self._interrupt)
            signal.setitimer(signal.ITIMER_REAL, self._seconds, _REPEAT_SECONDS)

    def __exit__(self, *_: object) -> None:
        if self._seconds > 0:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_IGN)  # one that waits to be delivered is gone with it

    def _interrupt(self, *_: object) -> None:
        raise CellTimeoutError("the time is over")
