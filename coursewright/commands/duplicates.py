"""Accounts that may be one person's."""

from pathlib import Path
from typing import Annotated

import typer

from coursewright.exam_room import ENROLMENTS
from coursewright.output import counted, print_json, print_table, say


def duplicates(
    course: Annotated[list[Path], typer.Argument(metavar="COURSE...", help="The folders of one or more courses.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report accounts that may be one person's: the same identity check or e-mail address. A person decides."""
    from release.enrolment import read_enrolments, suspected_duplicates

    enrolments = [each for root in course for each in read_enrolments(root / ENROLMENTS)]
    found = suspected_duplicates(enrolments)
    learners = len({each.learner for each in enrolments})
    if as_json:
        print_json({"learners": learners, "suspected": found})
    else:
        if found:
            print_table(
                ["accounts", "they have in common"], [(", ".join(each.learners), each.reason) for each in found]
            )
        say(f"{counted(learners, 'account')}, {counted(len(found), 'suspicion')}; nothing is decided here.")
    if found:
        raise typer.Exit(1)
