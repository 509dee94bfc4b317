"""An IPython shell without a kernel around it, that keeps what cells print and show as nbformat outputs."""

import ast
import base64
import builtins
import io
import json
import operator
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from numbers import Real
from typing import Any, cast

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Instance, Type
from traitlets.config import Config

from autograder.engine.protocol import Ran, is_output

# Once a cell's time is over it is interrupted again and again, in case it swallows the first interruption.
_REPEAT_SECONDS = 0.5
_SHORT = 1_000  # characters of a value for which there is no room


class CellTimeoutError(BaseException):
    """The cell's time is over. Not an Exception, so that ``except Exception`` does not swallow it."""


class StdinNotImplementedError(RuntimeError):
    """A cell asked the keyboard, and nobody is there."""


class Recorder:
    """The outputs of the cell that runs, up to a number of bytes for all cells together."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.left = sys.maxsize
        self._clear_later = False
        self._files: dict[str, int] = {}

    def capture(self) -> None:
        """From here on keep what goes to this process's own stdout and stderr past Python, as programs write it."""
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            self._files[name] = os.memfd_create(name)
            os.dup2(self._files[name], descriptor)

    def collect(self) -> None:
        """Take in what programs have written since the last time; it comes after what the cell itself printed."""
        for name, file in self._files.items():
            with suppress(OSError):  # a cell may close any descriptor
                size = min(os.fstat(file).st_size, max(self.left, 0) + 1)
                self.stream(name, os.pread(file, size, 0).decode("utf-8", "replace"))
                os.ftruncate(file, 0)
                os.lseek(file, 0, os.SEEK_SET)

    def begin(self) -> None:
        """A new cell: no outputs yet."""
        self.outputs = []
        self._clear_later = False

    def stream(self, name: str, text: str) -> None:
        """Text printed to stdout or stderr."""
        if not text or not self._has_room(len(text)):
            return
        self._clear_if_asked()
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last["output_type"] == "stream" and last["name"] == name:
            last["text"] += _clean(text)
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": _clean(text)})

    def show(self, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Something displayed."""
        self._add({"output_type": "display_data", "data": data, "metadata": metadata})

    def result(self, data: dict[str, Any], metadata: dict[str, Any], count: int) -> None:
        """The cell's value; its text is kept even when there is no room, since it may be the points of a test."""
        output = {"output_type": "execute_result", "data": data, "metadata": metadata, "execution_count": count}
        self._add(output, always=True)

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """An exception that nobody caught; recorded even when there is no room for anything else."""
        self._clear_if_asked()
        lines = [_clean(line)[:20_000] for line in traceback]
        output = {"output_type": "error", "ename": _clean(name), "evalue": _clean(value)[:20_000], "traceback": lines}
        self.outputs.append(output)

    def clear(self, wait: bool) -> None:
        """Forget the outputs, at once or as soon as there is a new one."""
        if wait:
            self._clear_later = True
        else:
            self.outputs.clear()

    def _add(self, output: dict[str, Any], *, always: bool = False) -> None:
        output["data"] = {mime: _storable(mime, value) for mime, value in output["data"].items()}
        output["metadata"] = _json_or_nothing(output["metadata"]) or {}
        if not is_output(output):
            output.update(data={"text/plain": str(output["data"].get("text/plain", ""))}, metadata={})
        has_room = self._has_room(sum(len(str(value)) for value in output["data"].values()))
        if always and not has_room:
            output["data"] = {"text/plain": str(output["data"].get("text/plain", ""))[:_SHORT]}
        if has_room or always:
            self._clear_if_asked()
            self.outputs.append(output)

    def _clear_if_asked(self) -> None:
        if self._clear_later:
            self.outputs.clear()
            self._clear_later = False

    def _has_room(self, size: int) -> bool:
        if self.left < 0:
            return False
        self.left -= size
        if self.left < 0:
            note = "\n[more output than is allowed; the rest was left out]\n"
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": note})
            return False
        return True


def _clean(text: str) -> str:
    """The text without lone surrogates, which no JSON file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _storable(mime: str, value: object) -> Any:
    """A displayed value as nbformat keeps it: JSON as it is, bytes in base64, all else as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if mime.endswith("json") and not isinstance(value, str):
        return _json_or_nothing(value)
    return _clean(str(value))


def _json_or_nothing(value: object) -> Any:
    try:
        return json.loads(json.dumps(value, default=str))
    except (TypeError, ValueError, RecursionError):
        return None


class _Stream(io.TextIOBase):
    """What ``sys.stdout`` and ``sys.stderr`` are while cells run."""

    def __init__(self, recorder: Recorder, name: str, descriptor: int) -> None:
        self._recorder = recorder
        self._name = name
        self._descriptor = descriptor

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._recorder.stream(self._name, text)
        return len(text)


def _recorder(shell: object) -> Recorder:
    return cast("RecordingShell", shell).recorder


class _RecordingHook(DisplayHook):
    """Keeps the cell's value instead of printing it."""

    def write_output_prompt(self) -> None:
        """Print no prompt: the output carries the count."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        _recorder(self.shell).result(dict(format_dict), dict(md_dict or {}), self.prompt_count)

    def finish_displayhook(self) -> None:
        self._is_active = False


class _RecordingPublisher(DisplayPublisher):
    """Keeps what is displayed instead of printing it."""

    def publish(self, data: Any, metadata: Any = None, *_: Any, **_ignored: Any) -> None:
        _recorder(self.shell).show(dict(data), dict(metadata or {}))

    def clear_output(self, wait: bool = False) -> None:
        _recorder(self.shell).clear(wait)


class RecordingShell(InteractiveShell):
    """IPython, with everything that cells put out kept in ``recorder``."""

    def atexit_operations(self) -> None:
        """Nothing is left to tidy: a workspace ends without exit handlers."""

    recorder = Instance(Recorder, ())
    displayhook_class = Type(_RecordingHook)
    display_pub_class = Type(_RecordingPublisher)

    def transform_cell(self, raw_cell: str) -> str:
        """IPython's reading of a cell; of plain Python it would only find out that there is nothing to do."""
        if self._as_made and self._as_made == self._transformers() and _is_plain(raw_cell):
            return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
        untyped: Any = super()
        return str(untyped.transform_cell(raw_cell))

    _as_made: tuple[list[Any], ...] = ()

    def note_transformers(self) -> None:
        """Remember what reads cells; when learners add to it, cells are read by all of it again."""
        self._as_made = self._transformers()

    def _transformers(self) -> tuple[list[Any], ...]:
        manager = self.input_transformer_manager
        lists = (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers)
        return tuple(list(one) for one in (*lists, self.input_transformers_post))

    _own_tidiers: tuple[Any, ...] = ()

    def note_tidiers(self) -> None:
        """Remember what IPython itself does behind a cell: it notes that the cell is over."""
        self._own_tidiers = tuple(cast("Any", self).events.callbacks["post_execute"])

    def is_tidy(self) -> bool:
        """Whether nothing else is to be done behind a cell, such as to show the figures that were drawn."""
        try:
            now = tuple(cast("Any", self).events.callbacks["post_execute"])
        except Exception:  # noqa: BLE001 - a learner may have put anything there
            return False
        return len(now) == len(self._own_tidiers) and all(map(operator.is_, now, self._own_tidiers))

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Record the exception; the cell is over, so its time limit must not interrupt this."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        super().showtraceback(*args, **kwargs)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str] | str) -> None:
        lines = stb if isinstance(stb, list) else [stb]
        self.recorder.error(etype.__name__, _text(evalue), lines)

    def _format_exception_for_storage(self, exception: BaseException, *_: Any, **_ignored: Any) -> dict[str, Any]:
        """What the history keeps of an exception; to format it once more takes as long as to show it."""
        return {"ename": type(exception).__name__, "evalue": _text(exception), "traceback": []}

    def ask_exit(self) -> None:
        """What ``exit`` and ``quit`` call: the cell is over, those after it run."""
        raise SystemExit

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no screen."""


def _is_plain(source: str) -> bool:
    """Whether a cell is Python as it stands: no magics, no prompts, nothing that IPython would strip or call."""
    if not source or source[0].isspace() or source.startswith("...") or "\n..." in source or "In [" in source:
        return False
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    # a single line like ``exit`` or ``ls -l`` may be a call or a magic
    return len(source.splitlines()) > 1 or (bool(body) and not isinstance(body[0], ast.Expr))


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as failure:  # noqa: BLE001 - a learner's __str__ may raise anything
        return f"<its message cannot be read: {type(failure).__name__}>"


def make_shell() -> RecordingShell:
    """The shell that a workspace inherits: no history, no files, plain tracebacks."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.banner1 = ""
    shell: RecordingShell = RecordingShell.instance(config=config)
    shell.note_tidiers()
    return shell


def warm_up(shell: RecordingShell) -> None:
    """Do once what every submission does: show a value, and an exception, for which all modules are looked at."""
    for source in ("0", "1/0", "assert 0"):
        run_cell(shell, 0, source, 60)
    untyped: Any = shell
    untyped.reset(new_session=True)
    shell.note_transformers()
    for name in ("__spec__", "__loader__", "__package__"):  # as every module has them; multiprocessing looks for them
        shell.user_ns.setdefault(name, None)
    shell.recorder.begin()


def run_cell(shell: RecordingShell, cell: int, source: str, seconds: float) -> Ran:
    """Run one cell and tell what it did; it is interrupted after so many seconds."""
    recorder = shell.recorder
    recorder.begin()
    started = time.monotonic()
    result = None
    try:
        with _time_limit(seconds):
            result = cast("Any", shell).run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
    except CellTimeoutError as caught:  # it came between the cell and IPython's own handling
        error = caught
        recorder.error("CellTimeoutError", str(caught), [f"CellTimeoutError: {caught}"])
    except KeyboardInterrupt as caught:
        error = caught
        recorder.error("KeyboardInterrupt", "", ["KeyboardInterrupt"])
    recorder.collect()
    return Ran(
        cell=cell,
        status="ok" if error is None else "timeout" if isinstance(error, CellTimeoutError) else "error",
        outputs=recorder.outputs,
        error="" if error is None else _clean(type(error).__name__),
        value=None if result is None else _number(result.result),
        seconds=time.monotonic() - started,
    )


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def interrupt(_signal: int, _frame: object) -> None:
        raise CellTimeoutError(f"the cell ran for {seconds:g} s, longer than is allowed")

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, _REPEAT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _number(value: object) -> float | None:
    """The value as a float, if it is a real number; truth values are none."""
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return None
    try:
        return float(value)
    except (ArithmeticError, TypeError, ValueError):
        return None


def take_over_streams(shell: RecordingShell) -> None:
    """Send everything printed to the recorder, and answer questions to the keyboard with an error."""
    shell.recorder.capture()
    sys.stdout = _Stream(shell.recorder, "stdout", 1)
    sys.stderr = _Stream(shell.recorder, "stderr", 2)

    def refuse(prompt: object = "") -> str:
        raise StdinNotImplementedError(f"input() was called while grading, and nobody can answer: {prompt}")

    builtins.input = refuse
