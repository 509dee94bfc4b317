"""Runs variant code, in a process of its own: jobs come in on standard input, bindings go out on standard output.

Started by :mod:`exam_bank.variant_code` as a plain script with isolated imports; it imports nothing of coursewright.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from functools import lru_cache
from types import CodeType, FrameType
from typing import IO, Any

FILE = "variant code"


class _TooSlow(BaseException):
    """Not an Exception, so that an author's ``except Exception`` cannot swallow it."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _TooSlow


def plain(value: Any) -> Any:
    """``value`` as JSON data, or None if it is no number, text, boolean or list of these."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, list | tuple):
        items = [plain(each) for each in value]
        return None if None in items else items
    if hasattr(value, "tolist"):  # NumPy's numbers and arrays
        return plain(value.tolist())
    return None


def bindings(source: str, seed: int) -> dict[str, Any]:
    """The public names that the program ``source`` binds, as JSON data."""
    names: dict[str, Any] = {"__name__": "variant"}
    if "rng" in source:  # NumPy takes most of the time of a small program
        import numpy as np

        names["rng"] = np.random.default_rng(seed)
    exec(_compiled(source), names)  # noqa: S102 - the author's code, trusted as the course's notebooks are
    found = {name: plain(value) for name, value in names.items() if not name.startswith("_") and name != "rng"}
    return {name: value for name, value in found.items() if value is not None}


@lru_cache
def _compiled(source: str) -> CodeType:
    return compile(source, FILE, "exec")


def _line(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    return f"line {lines[-1]}" if lines else ""


def _answer(job: Mapping[str, Any], seconds: float, slow: set[str]) -> dict[str, Any]:
    code = job["code"]
    if code in slow:
        return {"error": "not tried, because another seed took too long", "line": ""}
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            return {"bindings": bindings(code, job["seed"])}
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _TooSlow:
        slow.add(code)
        return {"error": f"took longer than {seconds:g} s", "line": ""}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the author's code raises is the answer
        return {"error": f"{type(error).__name__}: {error}", "line": _line(error)}


def _own_output() -> IO[str]:
    """Standard output for answers only; what the author's code prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return answers


def main() -> None:
    """One line of JSON for each job."""
    request = json.load(sys.stdin)
    signal.signal(signal.SIGALRM, _stop)
    slow: set[str] = set()
    with _own_output() as answers:
        for job in request["jobs"]:
            answers.write(json.dumps(_answer(job, request["seconds"], slow)) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
