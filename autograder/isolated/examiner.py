"""The examiner: runs the test cells in its own shell, and asks the workspace for what the learner's code has to say.

1. It never runs anything of the submission, and believes nothing that the workspace says: what is not exactly as
   agreed ends the conversation.
2. What the author or Python defines keeps its meaning; only other names come from the workspace (:mod:`.namespace`).
3. A cell in whose course the workspace died, or lied about the protocol, has failed, whatever its code made of that.
4. Time: a cell has its seconds here, and what it asks has the seconds that are left. When they are over the workspace
   gets a little longer to say so; if it does not, it is given up.
5. One lock: threads of a test ask one after the other.
"""

import builtins
import collections
import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import msgspec

from autograder.engine.protocol import ProtocolError, Ran, decode_workspace
from autograder.engine.shell import CellTimeoutError, RecordingShell, run_cell
from autograder.isolated import data_types, special
from autograder.isolated.author import trusted_part
from autograder.isolated.classes import Classes, StandIn, is_stand_in, note, reference
from autograder.isolated.codec import NotTransferableError
from autograder.isolated.errors import BUILTIN, build, text_of
from autograder.isolated.judges import Judges
from autograder.isolated.messages import (
    MAX_TEXT,
    Answer,
    Ask,
    Interruptible,
    Uninterrupted,
    WorkspaceDiedError,
    WorkspaceSilentError,
)
from autograder.isolated.names import Reference, names_of
from autograder.isolated.namespace import BACK, Namespace
from autograder.isolated.pyplot import answer_pyplot
from autograder.isolated.side import Side
from autograder.isolated.sources import Sources

_GRACE_SECONDS = 3.0


class Examiner:
    """The test cells' side of a conversation.

    Args:
        connection: the socket to a workspace that serves it.
        shell: this process's own; no submitted code has run in it.
        solution: what the author's own solution says about names, where there is one.
        files: the author's files beside the notebook, by relative path.
    """

    def __init__(
        self,
        connection: socket.socket,
        shell: RecordingShell,
        solution: Reference | None = None,
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._shell = shell
        self._lock = threading.RLock()
        self._exports: list[Any] = []
        self._export_numbers: dict[int, int] = {}
        self._raised_here: list[BaseException] = []
        self._dropped: collections.deque[int] = collections.deque()
        self._number = 0
        self._outstanding: list[int] = []
        self._unsent: list[list[Any]] = []  # what tests have bound and deleted
        self._untidy = False  # the workspace has something to do when the test is over
        self._deadline: float | None = None
        self._broken = ""
        self.silent = False  # the workspace did not answer in time
        self.breach = False  # it said something that is no message
        self._work = os.path.realpath(os.getcwd())  # noqa: PTH109
        self._may_move = solution is None or solution.moves
        self.classes = Classes(self, (solution or Reference()).classes, special.methods)
        self._side = Side(connection, self, first_handle=0)
        self._namespace = Namespace(shell.user_ns, solution, self.ask, self._is_theirs, Judges(files))
        self._sources = Sources()
        self._sources.answer_inspect()
        answer_pyplot(self._ask_about_figures)
        _keep_off_path(self._work)

    @property
    def broken(self) -> str:
        """Why nothing can be asked any more; "" as long as it can."""
        return self._broken

    # cells ------------------------------------------------------------------------------------------------------------

    def run_learner_cell(self, cell: int, source: str, seconds: float) -> Ran:
        """Have the workspace run a cell, and tell what it did there.

        Raises:
            WorkspaceDiedError: it is gone, or does not come to an end.
        """
        self._namespace.learner_cell(names_of(source))
        self._sources.add(source)
        try:
            with self._time(seconds):
                data = self.ask("run", cell, source, seconds)
        except WorkspaceDiedError:
            raise
        except BaseException:  # noqa: BLE001 - what a cell raises is in its outcome: this process cannot go on
            self.breach = True
            raise self._break("the submission's process cannot run cells any more") from None
        ran = self._checked_ran(data)
        return msgspec.structs.replace(ran, cell=cell)

    def _checked_ran(self, data: Any) -> Ran:
        try:
            ran = decode_workspace(data) if type(data) is bytes else None
        except ProtocolError:
            ran = None
        if not isinstance(ran, Ran) or ran.status not in {"ok", "error", "timeout"}:
            self.breach = True
            raise self._break("the submission's process sent something that is no outcome of a cell")
        return ran

    def run_author_cell(self, cell: int, source: str, seconds: float) -> Ran:
        """Run an author's cell that is no test: in the workspace, and what tests need of it here as well.

        Raises:
            WorkspaceDiedError: the workspace is gone, or does not come to an end.
        """
        ran = self.run_learner_cell(cell, source, seconds)
        self.run_author_part(source, seconds)
        return ran

    def run_author_part(self, source: str, seconds: float) -> None:
        """Run what tests need of an author's cell, here only: the workspace has run the learner's version of it."""
        part = trusted_part(source)
        if part:
            with self._time(seconds):
                run_cell(self._shell, 0, part, seconds)
            self._shell.recorder.outputs = []
            self._namespace.author_cell(names_of(part))

    def run_test_cell(self, cell: int, source: str, seconds: float, released: str) -> Ran:
        """Run a test here.

        Args:
            cell: its number, for the outcome.
            source: all of its text.
            seconds: its time.
            released: the text that learners were given: the same without hidden tests.

        Raises:
            WorkspaceDiedError: the workspace was gone before the test began.
        """
        with self._time(seconds):
            ran = self._begin(cell, source, released) or run_cell(self._shell, cell, source, seconds)
        with contextlib.suppress(BaseException), self._time(_GRACE_SECONDS):  # it only tidies up
            self._namespace.end_test()
            self._end_cell()
        return _failed(ran, WorkspaceDiedError(self._broken)) if self._broken else ran

    def _end_cell(self) -> None:
        """Tell the workspace that the test is over, if that makes any difference to it.

        A workspace that is gone, or speaks without being asked, is found out by asking.
        """
        if not (self._untidy or self._outstanding or self._side.line.is_waiting()):
            self._unsent += self._pushes()
            if not self._unsent:
                return
        self._untidy = False
        self.ask("end of cell")

    def _begin(self, cell: int, source: str, released: str) -> Ran | None:
        """Bind the names of a test; if the submission cannot hand them over, that is the outcome."""
        try:
            self._namespace.begin_test(names_of(source), names_of(released))
        except WorkspaceDiedError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever the workspace says
            status = "timeout" if isinstance(error, CellTimeoutError) else "error"
            return _failed(Ran(cell=cell, status=status, outputs=[]), error)
        return None

    @contextlib.contextmanager
    def _time(self, seconds: float) -> Iterator[None]:
        self._deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self._deadline = None

    # asking -----------------------------------------------------------------------------------------------------------

    def ask(self, operation: str, *operands: Any, derived: bool = False) -> Any:
        """Have the workspace do something, and give what comes of it.

        Args:
            operation: one of :data:`autograder.isolated.operations.OPERATIONS`, or of the workspace's own.
            operands: what it is done to.
            derived: the result is referred to even if it is plain data, and is not believed.

        Raises:
            WorkspaceDiedError: the workspace is gone, does not answer, or broke the rules.
            BaseException: what the operation raised there.
        """
        with self._lock, Uninterrupted():
            if self._broken:
                raise WorkspaceDiedError(self._broken)
            try:
                self._settle()
                answer = self._converse(operation, operands, opaque=derived)
                return self._read(answer, derived=derived)
            except StopIteration as error:
                if operation == "next":
                    raise
                # as in a generator: it would end a loop of the test's (``map(f, …)``), and what is not compared passes
                raise RuntimeError("the submission's code raised StopIteration") from error
            except ProtocolError as error:
                self.breach = True
                raise self._break(f"the submission's process broke the rules of the conversation ({error})") from None
            except WorkspaceDiedError as error:
                self.silent = self.silent or isinstance(error, WorkspaceSilentError)
                raise self._break(str(error)) from None

    def _is_theirs(self, value: Any) -> bool:
        """Whether the workspace knows the value anyway: it is its own, or shared."""
        return self.original(value) is not None or self._side.codec.shared.holds(value)

    def _ask_about_figures(self, *question: Any) -> Any:
        """What pyplot is asked while a test runs; between cells its backend only tidies up here."""
        return self.ask(*question) if self._deadline is not None and not self._broken else []

    def _break(self, why: str) -> WorkspaceDiedError:
        self._broken = self._broken or why
        self._side.line.close()
        return WorkspaceDiedError(self._broken)

    def _converse(self, operation: str, operands: tuple[Any, ...], *, opaque: bool) -> Answer:
        deadline = (self._deadline or time.monotonic()) + _GRACE_SECONDS
        names: list[list[Any]] = []
        if operation not in {"bind", "names"}:
            names, self._unsent = [*self._unsent, *self._pushes()], []
        body = self._side.codec.pack(operands)
        left = max(0.05, (self._deadline or time.monotonic()) - time.monotonic())
        self._number += 1
        number = self._number
        fields = self._side.news() | {"names": names, "released": self._released()}
        fields["forget"] = self._side.codec.shared.forgotten()
        ask = Ask(number=number, operation=operation, body=body, opaque=opaque, seconds=left, **fields)
        self._outstanding.append(number)
        try:
            self._side.line.send(ask, deadline)
        except (ValueError, TypeError, OverflowError):
            self._outstanding.pop()  # it cannot be written down: nothing was sent
            raise
        while True:
            message = self._side.line.receive(deadline)
            if isinstance(message, Answer):
                if message.number != number:
                    raise ProtocolError("an answer to another question")
                self._outstanding.pop()
                return message
            self._serve(message)

    def _pushes(self) -> list[list[Any]]:
        found: list[list[Any]] = []
        for name, *value in self._namespace.pushes():
            if value and value[0] is BACK:
                found.append([name, None, "back"])
                continue
            try:
                found.append([name, *(self._side.codec.pack(one) for one in value)])
            except TypeError:  # it does not cross: the learner's code keeps what it had
                continue
        return found

    def _released(self) -> list[int]:
        dropped = {self._dropped.popleft() for _ in range(len(self._dropped))}
        return [handle for handle in dropped if not self.classes.is_live(handle)]

    def drop(self, handle: int) -> None:
        """A stand-in is gone; the workspace hears of it with the next question."""
        self._dropped.append(handle)

    def _settle(self) -> None:
        """Hear out what an interruption left unanswered."""
        while self._outstanding and not self._serving:
            deadline = time.monotonic() + _GRACE_SECONDS
            message = self._side.line.receive(deadline)
            if isinstance(message, Ask):
                self._take(message)
                self._side.after(message)
                self._reply(message, CellTimeoutError("the time is over"), failed=True)
            elif message.number != self._outstanding.pop():
                raise ProtocolError("an answer to another question")
            else:
                self._take(message)
                self._side.after(message)

    @property
    def _serving(self) -> bool:
        return self._served > 0

    _served = 0

    # hearing ----------------------------------------------------------------------------------------------------------

    def _take(self, message: Ask | Answer) -> None:
        try:
            self._take_all(message)
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            raise ProtocolError(f"malformed news: {type(error).__name__}") from error

    def _take_all(self, message: Ask | Answer) -> None:
        self._untidy = self._untidy or (isinstance(message, Answer) and message.untidy)
        self.classes.learn(message.classes)
        self._side.take_news(message)
        for item in message.printed:
            self._show(item)
        for name, *value in message.names:
            if not isinstance(name, str) or len(value) > 1:
                raise ProtocolError("no name")
            self._namespace.rebound(name, *(self._side.codec.unpack(one) for one in value))
        if message.folder:
            self._follow(message.folder)

    def _show(self, item: list[Any]) -> None:
        match item:
            case ["stdout" | "stderr" as name, str() as text]:
                getattr(sys, name).write(text)
            case [dict() as data, dict() as metadata] if all(isinstance(key, str) for key in [*data, *metadata]):
                self._shell.recorder.show(data, metadata)
            case _:
                raise ProtocolError("nothing that can be printed")

    def _follow(self, folder: str) -> None:
        """Go to the folder that learner code went to, if it is in the working folder.

        And if the author's solution goes anywhere at all: a learner may have data of the same names elsewhere.
        """
        place = os.path.realpath(folder)
        if self._may_move and Path(place).is_relative_to(self._work):
            with contextlib.suppress(OSError):
                os.chdir(place)

    def _read(self, answer: Answer, *, derived: bool) -> Any:
        self._take(answer)
        if derived and not answer.failed:
            match answer.body:
                case ["object", handle, class_handle]:
                    value = self.classes.proxy(handle, class_handle, derived=True)
                case _:
                    raise ProtocolError("no reference")
        else:
            value = self._side.codec.unpack(answer.body)
        self._side.after(answer)
        if answer.failed:
            if not isinstance(value, BaseException):
                raise ProtocolError("a failure without an exception")
            raise value
        return value

    def _serve(self, ask: Ask) -> None:
        """Do what the workspace asks meanwhile: call a function of the test, or answer ``input()``."""
        self._served += 1
        outer, self._outstanding = self._outstanding, []
        try:
            self._take(ask)
            operands = self._side.codec.unpack(ask.body)
            self._side.after(ask)
            call = self._exported(ask.operation, operands)
            result, failed = self._attempt(ask, call)
        finally:
            self._outstanding = outer
            self._served -= 1
        self._reply(ask, result, failed=failed)

    def _attempt(self, ask: Ask, call: Callable[[], Any]) -> tuple[Any, bool]:
        try:
            with Interruptible():
                return call(), False
        except WorkspaceDiedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the test's function raises is the answer
            return error, True
        except BaseException as error:
            self._settle_inner()
            self._reply(ask, error, failed=True)
            raise

    def _settle_inner(self) -> None:
        served, self._served = self._served, 0
        try:
            self._settle()
        finally:
            self._served = served

    def _exported(self, operation: str, operands: Any) -> Any:
        match operation, operands:
            case "callback", (int() as number, tuple() as arguments, tuple() as keywords) if (
                0 <= number < len(self._exports)
            ):
                function = self._exports[number]
                return lambda: function(*arguments, **dict(keywords))
            case "input", (str() as prompt,):
                return lambda: builtins.input(prompt)
            case _:
                raise ProtocolError("a question that is not allowed")

    def _reply(self, ask: Ask, result: Any, *, failed: bool) -> None:
        try:
            body = self._raised(result) if failed else self._side.codec.pack(result)
        except NotTransferableError as error:
            failed, body = True, self._raised(error)
        fields = self._side.news() | {"names": self._pushes()}
        fields["forget"] = self._side.codec.shared.forgotten()
        deadline = (self._deadline or time.monotonic()) + _GRACE_SECONDS
        self._side.line.send(Answer(number=ask.number, body=body, failed=failed, **fields), deadline)

    def _raised(self, error: BaseException) -> list[Any]:
        kind = type(error) if BUILTIN.get(type(error).__name__) is type(error) else RuntimeError
        self._raised_here.append(error)
        arguments = [text_of(error)] if str(error) else []
        return ["raised", ["type", "builtins", kind.__name__], arguments, "", len(self._raised_here) - 1]

    # what is no data (``foreign`` of the codec) -----------------------------------------------------------------------

    def original(self, value: Any) -> list[Any] | None:
        """A reference to what is the workspace's own."""
        if is_stand_in(value):
            return ["object", reference(value).handle]
        return ["class", note(value).handle] if type(value) is StandIn else None

    def pack(self, value: Any) -> list[Any]:
        """A reference to a function of a test, or the name of something in a library."""
        if isinstance(value, ModuleType):
            return ["module", value.__name__]
        if isinstance(value, type):
            found = data_types.name_of(value)
            if found is not None:
                return ["type", *found]
        if isinstance(value, BaseException):
            return self._raised(value)
        path = _library_path(value)
        if path is not None:
            return ["library", *path]
        if not callable(value):
            raise NotTransferableError(
                f"an object of the class {type(value).__name__} that a test made cannot be handed to the submission"
            )
        number = self._export_numbers.get(id(value))
        if number is None:
            number = self._export_numbers[id(value)] = len(self._exports)
            self._exports.append(value)
        return ["callback", number, str(getattr(value, "__name__", "function"))]

    def pack_subclass(self, value: Any) -> list[Any] | None:
        """What the workspace said of the class; or how a named tuple of the test's is made."""
        if is_stand_in(value):
            origin: list[Any] | None = reference(value).origin
            return origin
        if isinstance(value, tuple) and hasattr(type(value), "_fields"):
            fields: Any = type(value)
            return [type(value).__name__, [str(field) for field in fields._fields]]
        return None

    def as_subclass(self, base: Any, origin: list[Any]) -> Any:
        """The base value, as a value of the stand-in class."""
        return self.classes.subclassed(base, origin)

    def unpack(self, node: list[Any]) -> Any:
        """What the workspace refers to."""
        match node:
            case ["object", handle, class_handle]:
                return self.classes.proxy(handle, class_handle, derived=False)
            case ["class" | "type", *_]:
                return self._class(node)
            case ["module", str() as name, ["object", handle, class_handle]]:
                return _trusted_module(name) or self.classes.proxy(handle, class_handle, derived=False)
            case ["yours", int() as number] if 0 <= number < len(self._exports):
                return self._exports[number]
            case ["timeout"]:
                return CellTimeoutError("the submission's code ran longer than the cell is allowed")
            case ["raised", kind, list() as arguments, str() as text, ["object", handle, _], origin, str() as place]:
                return self._exception(kind, arguments, text[:MAX_TEXT], handle, origin, place)
            case _:
                raise ProtocolError("something that there is not")

    def _class(self, node: list[Any]) -> type:
        match node:
            case ["class", handle]:
                return self.classes.find(handle)
            case ["type", str() as module, str() as name]:
                return _known(data_types.find(module, name))
            case _:
                raise ProtocolError("no class")

    def _exception(
        self, kind: Any, arguments: list[Any], text: str, handle: Any, origin: Any, place: str
    ) -> BaseException:
        if type(origin) is int and 0 <= origin < len(self._raised_here):
            return self._raised_here[origin]
        found = self.unpack(kind)
        if not isinstance(found, type) or not issubclass(found, BaseException):
            raise ProtocolError("an exception of a class that is none")
        unpacked = tuple(self._side.codec.unpack(one) for one in arguments)
        if type(found) is StandIn:
            error = self.classes.exception(found, unpacked, text, handle)
        else:
            error = build(found, unpacked)
            error.__dict__["_cw_from_workspace"] = True
        if place:
            error.add_note(f"The submission's code, {place[:2000]}")
        return error


def _failed(ran: Ran, error: BaseException) -> Ran:
    """The outcome of a test that an exception has put an end to, whatever its code made of that."""
    name, text = type.__dict__["__name__"].__get__(type(error)), text_of(error)
    output = {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
    status = ran.status if ran.status == "timeout" else "error"
    return msgspec.structs.replace(ran, status=status, error=name, value=None, outputs=[*ran.outputs, output])


def _known(found: type | None) -> type:
    if found is None:
        raise ProtocolError("no class of data")
    return found


def _trusted_module(name: str) -> ModuleType | None:
    """The module of that name, if this process has imported it already (it imports from the trusted path only)."""
    found = sys.modules.get(name)
    return found if isinstance(found, ModuleType) and name not in {"__main__", "builtins"} else None


def _library_path(value: Any) -> tuple[str, str] | None:
    """Module and name of a function or class of a library, by which the workspace finds its own."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    module = getattr(value, "__module__", None) or ("numpy" if type(value).__name__ == "ufunc" else None)
    if not isinstance(name, str) or not isinstance(module, str) or module == "__main__":
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return (module, name) if found is value and found is not None else None


def _keep_off_path(work: str) -> None:
    """Take the folders that learner code can write to off the path for modules."""
    sys.path[:] = [entry for entry in sys.path if entry not in {"", "."} and not _is_below(_real(entry), work)]


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


@cache
def _real(entry: str) -> str:
    """Where a folder of libraries is; these stay where they are, so the warm process may look once for all jobs."""
    return os.path.realpath(entry)


def look_around() -> None:
    """Find out, in the warm process, what every examiner wants to know."""
    for entry in sys.path:
        _real(entry)


__all__ = ["Examiner", "WorkspaceDiedError"]
