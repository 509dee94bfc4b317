"""What grading took: kept beside a course, for records hold no clock.

``.coursewright/timings/<assignment>.json`` has the last run that graded anything, and for each learner the seconds of
computing that the submission took.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from autograder.files import replace
from coursewright.report.assignment_facts import GradingTime

_FOLDER = Path(".coursewright", "timings")
SCHEMA = 1


class _Timings(msgspec.Struct, frozen=True, kw_only=True):
    schema: int = SCHEMA
    submissions: int  # of the last run that graded any
    seconds: float  # by the clock
    cpu_seconds: float
    workers: int
    learners: Mapping[str, float]  # seconds of computing, of everybody who was ever graded here


def keep(root: Path, assignment: str, ran: Mapping[str, float], *, seconds: float, workers: int) -> None:
    """Note what a run took; one that graded nothing anew leaves what is there.

    Args:
        root: the course's folder.
        assignment: what was graded.
        ran: seconds of computing by learner, of those who were graded anew.
        seconds: what it took by the clock.
        workers: how many submissions ran at a time.
    """
    if not ran:
        return
    path = root / _FOLDER / f"{assignment}.json"
    before = _read(path)
    timings = _Timings(
        submissions=len(ran),
        seconds=round(seconds, 3),
        cpu_seconds=round(sum(ran.values()), 4),
        workers=workers,
        learners={**(before.learners if before else {}), **ran},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, msgspec.json.encode(timings, order="sorted") + b"\n")


def read(root: Path) -> dict[str, GradingTime]:
    """What grading took, by assignment, as far as it is known."""
    found = {path.stem: _read(path) for path in sorted((root / _FOLDER).glob("*.json"))}
    return {
        name: GradingTime(
            submissions=timings.submissions,
            seconds=timings.seconds,
            cpu_seconds=timings.cpu_seconds,
            workers=timings.workers,
            learners=tuple(sorted(timings.learners.items())),
        )
        for name, timings in found.items()
        if timings is not None
    }


def _read(path: Path) -> _Timings | None:
    """What was kept; None if it is not there, or of another format: it is only a note."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Timings)
    except (OSError, msgspec.DecodeError):
        return None
    return found if found.schema == SCHEMA else None
