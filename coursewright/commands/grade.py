"""Submissions into grade records."""

import os
import time
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autograder.batch import Result
    from autograder.record import CellGrade, GradeRecord


class IsolationChoice(StrEnum):
    """Whether submissions are locked in."""

    STRICT = "strict"
    NONE = "none"


def grade(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="A course's folder; any nbgrader course will do.")],
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The name of a folder below source/.")],
    learner: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this one; may be given again.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many submissions to run at a time.")] = os.cpu_count() or 1,
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
    from coursewright.output import print_json
    from coursewright.progress import progress

    planned = batch.plan(
        course,
        assignment,
        learners=learner or (),
        isolated=isolation is IsolationChoice.STRICT,
        nbgrader_rules=nbgrader_rules,
    )
    results, began = [], time.monotonic()
    with progress("Grading", len(planned.learners)) as advance:
        for result in batch.run(planned, workers=workers, force=force):
            results.append(result)
            advance(result.record.learner)
    timings.keep(course, assignment, results, seconds=time.monotonic() - began, workers=workers)
    results.sort(key=lambda result: result.record.learner)
    if as_json:
        print_json({"records": [result.record for result in results], "summary": _summary(results)})
    else:
        _say(results)
    if any(result.record.outcome.value in {"failed", "missing"} for result in results):
        raise typer.Exit(1)


def _summary(results: "Sequence[Result]") -> dict[str, object]:
    outcomes = Counter(result.record.outcome.value for result in results)
    return {"submissions": len(results), "reused": sum(result.reused for result in results), "outcomes": outcomes}


def _say(results: "Sequence[Result]") -> None:
    from coursewright.output import counted, print_table, say

    if not results:
        say("Nobody handed anything in.")
        return
    print_table(
        ["learner", "score", "of", "outcome", "to look at"],
        [
            (record.learner, record.score, record.max_score, record.outcome.value, _remark(record))
            for record in (result.record for result in results)
        ],
        right=("score", "of"),
    )
    outcomes = Counter(result.record.outcome.value for result in results)
    parts = [f"{number} {name.replace('_', ' ')}" for name, number in sorted(outcomes.items())]
    reused = sum(result.reused for result in results)
    unchanged = f" ({reused} unchanged since the last time)" if reused else ""
    say(f"{counted(len(results), 'submission')}: {', '.join(parts)}{unchanged}.")
    together = sorted({f"{cell.notebook}: {cell.grade_id}" for cell in _shared(results)})
    if together:
        say(f"Open to tampering, because they only work in the learner's process: {', '.join(together)}.")


def _shared(results: "Sequence[Result]") -> "Iterator[CellGrade]":
    """The test cells that ran in the learners' processes."""
    return (cell for result in results for cell in result.record.cells if cell.isolation.value == "shared")


def _remark(record: "GradeRecord") -> str:
    if record.findings:
        first = record.findings[0]
        more = f" (and {len(record.findings) - 1} more)" if len(record.findings) > 1 else ""
        return f"{first.cell + ': ' if first.cell else ''}{first.message}{more}"
    waiting = [cell.grade_id for cell in record.cells if cell.score is None]
    return f"waits for a mark: {', '.join(waiting)}" if waiting else ""
