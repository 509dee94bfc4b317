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
from typing import Any, NamedTuple

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


class Job(NamedTuple):
    """One seed of one program, and how its answer is found again."""

    code: str
    seed: int  # of any size from 0
    check: str = ""  # check code
    shown: tuple[tuple[str, str], ...] = ()  # names that the question shows, with their formats


@dataclass(frozen=True)
class Ran:
    """What one seed gave.

    Attributes:
        bindings: what the variant code bound: numbers, texts, booleans and lists.
        answer: what the check code found, or why it found nothing; None if there is no check code.
    """

    bindings: Bindings
    answer: Any = None


def run_variant_code(jobs: Sequence[tuple[str, int]], *, seconds: float = SECONDS) -> list[Bindings | Failure]:
    """What each ``(code, seed)`` binds, in order; numbers, texts, booleans and lists only.

    Args:
        jobs: programs with their seeds, which are integers of any size from 0.
        seconds: the wall clock that one seed may take.
    """
    ran = run_jobs([Job(code, seed) for code, seed in jobs], seconds=seconds)
    return [each if isinstance(each, Failure) else each.bindings for each in ran]


def run_jobs(jobs: Sequence[Job], *, seconds: float = SECONDS) -> list[Ran | Failure]:
    """As :func:`run_variant_code`, with the check code of each job."""
    answers: dict[int, Ran | Failure] = {}
    waiting = list(enumerate(jobs))
    while waiting:  # a program that ends the process takes nothing but itself with it
        lines, ending = _run_batch([job for _, job in waiting], seconds)
        answers |= {number: _read(line) for (number, _), line in zip(waiting, lines, strict=False)}
        waiting = waiting[len(lines) :]
        if waiting:
            culprit = waiting[0][1]
            answers |= {number: Failure(ending) for number, job in waiting if _same_programs(job, culprit)}
            waiting = [(number, job) for number, job in waiting if not _same_programs(job, culprit)]
    return [answers[number] for number in range(len(jobs))]


def _same_programs(one: Job, other: Job) -> bool:
    return (one.code, one.check) == (other.code, other.check)


def _run_batch(jobs: Sequence[Job], seconds: float) -> tuple[list[str], str]:
    """The lines that the worker answered, and why there are no more."""
    request = {"seconds": seconds, "jobs": [job._asdict() for job in jobs]}
    programs = len({code for job in jobs for code in (job.code, job.check) if code})
    limit = START_SECONDS + seconds * (programs + 1) + 0.05 * len(jobs)
    output, ending = _run(json.dumps(request), limit)
    return [line for line in output.splitlines(keepends=True) if line[-1] == "\n"], ending


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


def _read(line: str) -> Ran | Failure:
    answer = json.loads(line)
    if "bindings" not in answer:
        return Failure(answer["error"], answer["line"])
    check = answer.get("check")
    if check is None:
        return Ran(answer["bindings"])
    return Ran(answer["bindings"], check["value"] if "value" in check else Failure(check["error"], check["line"]))
