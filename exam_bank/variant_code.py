"""Variant code is run in a process of its own, many seeds at a time.

The code is the author's and trusted as the course's notebooks are, so there is no sandbox. A process of its own is
there for the sake of the one that assembles forms: an endless loop ends with a message, a crash of a C library takes
nothing with it, and no item reaches the memory that holds the exam's secret seed and the other items' keys.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Bindings = Mapping[str, Any]

SECONDS = 5.0  # wall clock for one seed
START_SECONDS = 30.0  # to import NumPy on a busy machine
_WORKER = Path(__file__).with_name("variant_worker.py")
_PASSED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True)
class Failure:
    """Why one seed gave no bindings.

    Attributes:
        problem: what happened, in one clause.
        line: ``line 3`` of the code, or "".
    """

    problem: str
    line: str = ""


def run_variant_code(jobs: Sequence[tuple[str, int]], *, seconds: float = SECONDS) -> list[Bindings | Failure]:
    """What each ``(code, seed)`` binds, in order; numbers, texts, booleans and lists only.

    Args:
        jobs: programs with their seeds, which are integers of any size from 0.
        seconds: the wall clock that one seed may take.
    """
    if not jobs:
        return []
    request = {"seconds": seconds, "jobs": [{"code": code, "seed": seed} for code, seed in jobs]}
    programs = len({code for code, _ in jobs})
    limit = START_SECONDS + seconds * (programs + 1) + 0.05 * len(jobs)
    output, ending = _run(json.dumps(request), limit)
    answers: list[Bindings | Failure] = [_read(line) for line in output.splitlines(keepends=True) if line[-1] == "\n"]
    missing = len(jobs) - len(answers)
    return answers + [Failure(ending)] * missing


def _run(request: str, limit: float) -> tuple[str, str]:
    """The worker's output, and what to say of jobs that it did not answer."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    with tempfile.TemporaryDirectory(prefix="coursewright-variant-") as folder:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-I", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment | {"HOME": folder},
            text=True,
            encoding="utf-8",
        )
        try:
            output, _ = process.communicate(request, timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            return output, f"the process did not answer within {limit:.0f} s"
    return output, f"the process ended with status {process.returncode}"


def _read(line: str) -> Bindings | Failure:
    answer = json.loads(line)
    if "bindings" in answer:
        return dict(answer["bindings"])
    return Failure(answer["error"], answer["line"])
