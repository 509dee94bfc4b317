"""Submissions into grade records."""

import itertools
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.batch import Batch, Result
    from autograder.cluster import Cluster
    from autograder.record import GradeRecord

_ROWS = 1000  # of a table; a class that is larger gets several, so that no table fills the memory


class IsolationChoice(StrEnum):
    """Whether submissions are locked in."""

    STRICT = "strict"
    NONE = "none"


def grade(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="A course's folder; any nbgrader course will do.")],
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The name of a folder below source/.")],
    learner: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this one; may be given again.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many submissions to run at a time.")] = os.cpu_count() or 1,
    dask: Annotated[str, typer.Option(metavar="ADDRESS", help="Grade on the workers of this Dask scheduler.")] = "",
    store: Annotated[
        str, typer.Option(metavar="URL", help="With --dask: a folder, as an fsspec URL, through which files travel.")
    ] = "",
    isolation: Annotated[
        IsolationChoice, typer.Option(help="Say none only for submissions that you trust.")
    ] = IsolationChoice.STRICT,
    nbgrader_rules: Annotated[
        bool, typer.Option("--nbgrader-rules", help="Read what test cells print exactly as nbgrader does.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Grade again what was graded and has not changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Grade the submissions of an assignment."""
    from autograder import batch
    from coursewright import timings
    from coursewright.output import print_json_stream
    from coursewright.progress import progress

    cluster = _cluster(dask, store)
    planned = batch.plan(
        course,
        assignment,
        learners=learner or (),
        isolated=isolation is IsolationChoice.STRICT,
        nbgrader_rules=nbgrader_rules,
    )
    counts, began = _Counts(), time.monotonic()
    with progress("Grading", len(planned.learners)) as advance:
        for result in batch.run(planned, workers=workers, force=force, cluster=cluster):
            counts.add(result)
            advance(result.record.learner)
    timings.keep(course, assignment, counts.ran, seconds=time.monotonic() - began, workers=workers)
    if as_json:
        print_json_stream("records", _records(planned), {"summary": counts.summary()})
    else:
        _say(planned, counts)
    if counts.outcomes.keys() & {"failed", "missing"}:
        raise typer.Exit(1)


def _cluster(address: str, store: str) -> "Cluster | None":
    if store and not address:
        raise typer.BadParameter(
            "it says how files get to the workers of --dask; give that as well", param_hint="--store"
        )
    if not address:
        return None
    from autograder.cluster import Cluster

    return Cluster(address, store)


@dataclass
class _Counts:
    """What is known of a batch without keeping its records."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reused: int = 0
    ran: dict[str, float] = field(default_factory=dict)  # seconds of computing by learner
    shared: set[str] = field(default_factory=set)  # tests that ran in learners' processes

    def add(self, result: "Result") -> None:
        self.outcomes[result.record.outcome.value] += 1
        self.reused += result.reused
        if not result.reused:
            self.ran[result.record.learner] = round(result.cpu_seconds, 4)
        self.shared |= {
            f"{cell.notebook}: {cell.grade_id}" for cell in result.record.cells if cell.isolation.value == "shared"
        }

    def summary(self) -> dict[str, object]:
        return {"submissions": self.outcomes.total(), "reused": self.reused, "outcomes": self.outcomes}


def _records(planned: "Batch") -> "Iterator[GradeRecord]":
    """The records of the batch, learner by learner, as they lie on disk now."""
    from autograder.files import read_record

    for learner in sorted(planned.learners):
        yield read_record(planned.course.root, planned.source.assignment, learner)


def _say(planned: "Batch", counts: _Counts) -> None:
    from coursewright.output import counted, print_table, say

    if not planned.learners:
        say("Nobody handed anything in.")
        return
    rows = (
        (record.learner, record.score, record.max_score, record.outcome.value, _remark(record))
        for record in _records(planned)
    )
    while some := list(itertools.islice(rows, _ROWS)):
        print_table(["learner", "score", "of", "outcome", "to look at"], some, right=("score", "of"))
    parts = [f"{number} {name.replace('_', ' ')}" for name, number in sorted(counts.outcomes.items())]
    unchanged = f" ({counts.reused} unchanged since the last time)" if counts.reused else ""
    say(f"{counted(counts.outcomes.total(), 'submission')}: {', '.join(parts)}{unchanged}.")
    if counts.shared:
        together = ", ".join(sorted(counts.shared))
        say(f"Open to tampering, because they only work in the learner's process: {together}.")


def _remark(record: "GradeRecord") -> str:
    if record.findings:
        first = record.findings[0]
        more = f" (and {len(record.findings) - 1} more)" if len(record.findings) > 1 else ""
        return f"{first.cell + ': ' if first.cell else ''}{first.message}{more}"
    waiting = [cell.grade_id for cell in record.cells if cell.score is None]
    return f"waits for a mark: {', '.join(waiting)}" if waiting else ""
