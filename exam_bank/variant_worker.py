"""Runs variant code, in a process of its own: jobs come in on standard input, bindings go out on standard output.

A job may bring check code, which finds the answer again: it is run after the variant code and sees nothing of it but
the names that the question shows, rounded as they are shown.

Started by :mod:`exam_bank.variant_code` as a plain script with isolated imports; it imports nothing of coursewright.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import CodeType, FrameType
from typing import IO, Any

FILE = "variant code"
CHECK_FILE = "check code"


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
    exec(_compiled(source, FILE), names)  # noqa: S102 - the author's code, trusted as the course's notebooks are
    found = {name: plain(value) for name, value in names.items() if not name.startswith("_") and name != "rng"}
    return {name: value for name, value in found.items() if value is not None}


def recomputed(source: str, shown: Mapping[str, Any]) -> Any:
    """What the check code ``source`` binds to ``answer``; a mapping may be one, as fill-in and matching need it.

    Raises:
        ValueError: it binds no answer that can be compared.
    """
    names: dict[str, Any] = {"__name__": "check", **shown}
    exec(_compiled(source, CHECK_FILE), names)  # noqa: S102 - the author's code, as above
    answer = names.get("answer")
    if isinstance(answer, dict):
        return {str(key): plain(value) for key, value in answer.items()}
    answer = plain(answer)
    if answer is None:
        raise ValueError("the code must bind `answer` to a number, a text, a list or a mapping")
    return answer


def as_shown(value: Any, spec: str) -> Any:
    """``value`` as a reader knows it who sees it in the format ``spec``: numbers with the digits on the page."""
    if isinstance(value, list):
        return [as_shown(each, spec) for each in value]
    if isinstance(value, bool | str):
        return value
    text = format(value, spec).strip().replace(",", "").replace("_", "")
    try:
        return int(text) if isinstance(value, int) else float(text)
    except ValueError:
        pass
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return text


@lru_cache
def _compiled(source: str, file: str) -> CodeType:
    return compile(source, file, "exec")


def _line(error: BaseException, file: str) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"line {lines[-1]}" if lines else ""


def _answer(job: Mapping[str, Any], seconds: float, slow: set[str]) -> dict[str, Any]:
    code = job["code"]
    answer = _tried(code, lambda: bindings(code, job["seed"]), FILE, seconds, slow)
    if "error" in answer or not job["check"]:
        return answer if "error" in answer else {"bindings": answer["value"]}
    found = answer["value"]

    def check() -> Any:
        return recomputed(
            job["check"], {name: as_shown(found[name], spec) for name, spec in job["shown"] if name in found}
        )

    return {"bindings": found, "check": _tried(job["check"], check, CHECK_FILE, seconds, slow)}


def _tried(code: str, run: Callable[[], Any], file: str, seconds: float, slow: set[str]) -> dict[str, Any]:
    """What ``run`` returns as ``value``, or ``error`` and ``line``."""
    if code in slow:
        return {"error": "not tried, because another seed took too long", "line": ""}
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            return {"value": run()}
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _TooSlow:
        slow.add(code)
        return {"error": f"took longer than {seconds:g} s", "line": ""}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the author's code raises is the answer
        return {"error": f"{type(error).__name__}: {error}", "line": _line(error, file)}


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
    os._exit(0)  # taking NumPy down in order takes longer than a small program


if __name__ == "__main__":
    main()
