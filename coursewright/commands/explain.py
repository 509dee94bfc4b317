"""How one learner's course grade came about."""

from pathlib import Path
from typing import Annotated

import typer

from coursewright.output import print_json, say


def explain(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")],
    learner: Annotated[str, typer.Argument(metavar="LEARNER", help="Whose grade.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how a learner's course grade comes about, from the points to the pass mark, in plain words."""
    from authoring.course_file import load_course
    from coursewright.explained import explain_grade

    loaded = load_course(course)
    found = explain_grade(course, loaded, learner)
    if as_json:
        print_json({"grade": found.grade, "times": found.times})
        return
    say(f"{learner} in {loaded.title} ({loaded.run})")
    for line in found.lines():
        say(line)
