"""What this machine offers."""

from typing import Annotated

import typer


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what this machine offers for grading safely."""
    from autograder.doctor import examine
    from coursewright.output import print_json, print_table, say

    findings = examine()
    if as_json:
        print_json({"checks": findings})
    else:
        print_table(
            ["what", "here", "detail"], [(one.what, "yes" if one.holds else "NO", one.detail) for one in findings]
        )
    if not all(one.holds or not one.needed for one in findings):
        if not as_json:
            say("Submissions cannot be locked in here: `coursewright grade` refuses unless told --isolation none.")
        raise typer.Exit(1)
