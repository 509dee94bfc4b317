"""Answers that are alike, for a person to look at."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from autograder.similar.assignment import AlikePair, Similar

_PAIRS = 50  # as many as a person looks at


def similar(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="A course's folder; any nbgrader course will do.")],
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The name of a folder below source/.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show answers of different learners that are alike, side by side; a person decides what it means."""
    from autograder.similar.assignment import find_similar
    from coursewright.output import counted, print_json, print_table, say
    from coursewright.progress import progress
    from coursewright.report.similar_page import write_similar_page

    with progress("Comparing") as advance:
        found = find_similar(course, assignment, limit=_PAIRS, done=advance)
    page = course / "similar" / f"{assignment}.html"
    write_similar_page(found, page)
    if as_json:
        print_json(_facts(found, page))
        return
    if found.pairs:
        print_table(
            ["learners", "strength", "answers that are alike"],
            [(" and ".join(pair.learners), f"{pair.strength:.0f}", ", ".join(_shares(pair))) for pair in found.pairs],
            right=("strength",),
        )
    say(f"{counted(found.compared, 'submission')} compared: {counted(found.found, 'pair')} to look at, in {page}")
    if found.unread:
        say(f"Not compared, because their notebooks cannot be read: {', '.join(found.unread)}.")


def _shares(pair: "AlikePair") -> list[str]:
    return [f"{answer.question} ({answer.likeness.share:.0%})" for answer in pair.answers]


def _facts(found: "Similar", page: Path) -> dict[str, object]:
    """What was found, without the texts."""
    pairs = [
        {
            "learners": pair.learners,
            "strength": round(pair.strength, 3),
            "answers": {answer.question: round(answer.likeness.share, 3) for answer in pair.answers},
        }
        for pair in found.pairs
    ]
    return {
        "assignment": found.assignment,
        "compared": found.compared,
        "unread": found.unread,
        "found": found.found,
        "pairs": pairs,
        "page": str(page),
    }
