"""Graded work into pages for those who did it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.feedback.giving import Given


def feedback(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="A course's folder; any nbgrader course will do.")],
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The name of a folder below source/.")],
    learner: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this one; may be given again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write a page for each graded notebook, for the learner whose it is."""
    from autograder.feedback import giving
    from coursewright.output import print_json
    from coursewright.progress import progress

    planned = giving.plan(course, assignment, learners=learner or ())
    found = []
    with progress("Writing feedback", len(planned.learners)) as advance:
        for given in giving.give(planned):
            found.append(given)
            advance(given.learner)
    if as_json:
        print_json({"feedback": [_as_json(given) for given in found], "summary": _summary(found)})
    else:
        _say(found)
    if any(given.problem for given in found):
        raise typer.Exit(1)


def _as_json(given: "Given") -> dict[str, object]:
    return {
        "learner": given.learner,
        "pages": [str(page) for page in given.pages],
        "points": given.points,
        "max_points": given.max_points,
        "waiting": given.waiting,
        "problem": given.problem,
    }


def _summary(found: "Sequence[Given]") -> dict[str, int]:
    return {
        "learners": len(found),
        "pages": sum(len(given.pages) for given in found),
        "problems": sum(bool(given.problem) for given in found),
        "waiting": sum(given.waiting for given in found),
    }


def _say(found: "Sequence[Given]") -> None:
    from coursewright.output import counted, print_table, say

    if not found:
        say("Nobody has been graded yet.")
        return
    print_table(
        ["learner", "points", "of", "to look at"],
        [(one.learner, _points(one), _of(one), one.problem or _waits(one)) for one in found],
        right=("points", "of"),
    )
    summary = _summary(found)
    said = f"{counted(summary['pages'], 'page')} for {counted(len(found) - summary['problems'], 'learner')}."
    say(said if not summary["problems"] else f"{said} {summary['problems']} without.")


def _points(given: "Given") -> str | None:
    return None if given.points is None else f"{round(given.points, 4):g}"


def _of(given: "Given") -> str | None:
    return f"{given.max_points:g}" if given.pages else None


def _waits(given: "Given") -> str:
    from coursewright.output import counted

    if given.points is None:
        return "could not be graded"
    return f"{counted(given.waiting, 'question')} without a mark" if given.waiting else ""
