"""Beginnings: a course, a week or an item that passes ``coursewright check`` as it is."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import say

CourseArgument = Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")]
TitleOption = Annotated[str, typer.Option("--title", help="What learners read; by default made from the name.")]


def course(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where; it is made.")],
    title: TitleOption = "",
    starts: Annotated[
        str, typer.Option("--starts", metavar="YYYY-MM-DD", help="The run's first day; by default the next Monday.")
    ] = "",
    weeks: Annotated[int, typer.Option("--weeks", min=1, help="How long the run is.")] = 8,
    time_zone: Annotated[
        str, typer.Option("--time-zone", metavar="AREA/CITY", help="In which the course's times are given.")
    ] = "UTC",
) -> None:
    """Make a course with its first week."""
    from authoring.scaffold import new_course

    name = folder.absolute().name
    files = new_course(
        folder,
        course_id=name,
        title=title or _title(name),
        starts=_day(starts) if starts else _next_monday(datetime.now(UTC).date()),
        time_zone=time_zone,
        weeks=weeks,
    )
    _finish(folder, files)


def week(
    course: CourseArgument,
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", help="Which week; by default the one after the last.")
    ] = None,
    title: TitleOption = "",
) -> None:
    """Add a week to a course: a lesson, a practice notebook and a problem set."""
    from authoring.course_file import load_course
    from authoring.scaffold import new_week

    if number is None:
        number = 1 + max((each.number for each in load_course(course).weeks), default=0)
    _finish(course, new_week(course, number, title=title))


def item(
    course: CourseArgument,
    reference: Annotated[str, typer.Argument(metavar="TOPIC/ID", help="What the item is called.")],
    item_type: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="What kind of question, such as numeric or single-choice.")
    ] = "single-choice",
) -> None:
    """Add a question to a course's item bank."""
    from authoring.scaffold import new_item

    topic, slash, item_id = reference.partition("/")
    if not slash:
        raise CoursewrightError(f"{reference!r} does not name an item; write its topic, a slash and its id.")
    _finish(course, new_item(course, topic, item_id, item_type))


def _finish(root: Path, files: Iterable[Path]) -> None:
    from exam_bank.embed import embed

    embed(root)
    for file in files:
        say(str(file))


def _title(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CoursewrightError(f"--starts {text!r} is not a day; write it as 2026-09-14.") from error


def _next_monday(today: date) -> date:
    return today + timedelta(days=7 - today.weekday())
