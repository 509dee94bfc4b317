"""A page about a course or an assignment."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="A course's folder; any nbgrader course will do.")],
    assignment: Annotated[
        str, typer.Argument(metavar="[ASSIGNMENT]", help="Only this one; by default the whole course.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; by default report.html or ASSIGNMENT.html.")
    ] = None,
) -> None:
    """Write a page on a course or an assignment: scores, questions, errors, what needs a person."""
    from authoring.course_file import FILE_NAME
    from coursewright.output import say
    from coursewright.report.page import class_page, page, write_page
    from coursewright.timings import read

    path = out or Path(f"{assignment or 'report'}.html")
    if assignment or not (course / FILE_NAME).is_file():
        from coursewright.report.class_facts import class_facts

        found = class_facts(course, assignment)
        tasks = found.tasks
        text = class_page(found)
    else:
        from coursewright.report.facts import gather

        facts = gather(course, times=read(course))
        tasks = facts.tasks
        text = page(facts)
    write_page(text, path)
    for task in tasks:
        say(f"{len(task.learners):>4}  {task.what}")
    say(f"{path} holds the whole report." if tasks else f"Nothing waits for a person. {path} holds the whole report.")
