"""Grading again after a mistake in the tests."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.commands.grade import IsolationChoice
from coursewright.who import current_user

if TYPE_CHECKING:
    from autograder.regrade import Preview


def regrade(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="A course's folder; any nbgrader course will do.")],
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The name of a folder below source/.")],
    apply: Annotated[bool, typer.Option("--apply", help="Keep what was shown the last time.")] = False,
    reason: Annotated[str, typer.Option(help="With --apply: why; it is kept.")] = "",
    by: Annotated[str, typer.Option(metavar="NAME", help="With --apply: who decides; it is kept.")] = "",
    workers: Annotated[int, typer.Option(min=1, help="How many submissions to run at a time.")] = os.cpu_count() or 1,
    isolation: Annotated[
        IsolationChoice, typer.Option(help="Say none only for submissions that you trust.")
    ] = IsolationChoice.STRICT,
    nbgrader_rules: Annotated[
        bool, typer.Option("--nbgrader-rules", help="Read what test cells print exactly as nbgrader does.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Grade again and show what would change; nothing is kept before --apply."""
    from autograder import regrade as grading
    from coursewright.output import print_json
    from coursewright.regrade_text import as_data, tell

    if apply:
        if not reason.strip():
            raise CoursewrightError("say with --reason why grades change: it is kept, and you will be asked.")
        by = by or current_user()
        found = grading.apply(course, assignment, reason=reason, by=by, at=datetime.now(UTC))
    else:
        isolated = isolation is IsolationChoice.STRICT
        found = _preview(course, assignment, workers, isolated=isolated, nbgrader_rules=nbgrader_rules)
    if as_json:
        print_json(as_data(found, applied=apply))
    else:
        tell(found, applied=apply)


def _preview(course: Path, assignment: str, workers: int, *, isolated: bool, nbgrader_rules: bool) -> "Preview":
    from autograder import regrade as grading
    from coursewright.progress import progress

    steps = grading.preview(course, assignment, workers=workers, isolated=isolated, nbgrader_rules=nbgrader_rules)
    with progress("Grading again") as advance:
        for step in steps:
            if isinstance(step, grading.Preview):
                return step
            advance(step.learner)
    raise AssertionError("a preview ends with what would change")
