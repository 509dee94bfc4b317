"""Source notebooks into student versions."""

from pathlib import Path
from typing import Annotated

import typer


def build(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="A course's folder.")],
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="Which ones; all when none is named.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make the student versions of a course's assignments."""
    from authoring.build import build as make
    from coursewright.output import counted, print_json, say
    from coursewright.progress import progress

    made = []
    with progress("Building", len(assignments) if assignments else None) as advance:
        for version in make(course, assignments or ()):
            made.append(version)
            advance(version.assignment)
    if as_json:
        rows = [
            {"assignment": one.assignment, "folder": str(one.folder), "notebooks": one.notebooks, "files": one.files}
            for one in made
        ]
        print_json({"assignments": rows})
        return
    for one in made:
        files = f" and {counted(len(one.files), 'file')}" if one.files else ""
        say(f"{one.folder}: {counted(len(one.notebooks), 'notebook')}{files}")
