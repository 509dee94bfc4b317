"""What learners may have by a moment, and no more."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from coursewright.moments import moment
from coursewright.output import print_json, print_table, say


def publish(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")],
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="TIME",
            help="By when, as 2026-09-14T12:00; without an offset it is the course's own time. By default now.",
        ),
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER|ZIP", help="Where to; by default the course's folder published."),
    ] = None,
    exchange: Annotated[bool, typer.Option("--exchange", help="To nbgrader's exchange, where learners fetch.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only read what is out, and say what is wrong with it.")
    ] = False,
    note: Annotated[str, typer.Option("--note", help="Why something that is out already was corrected.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put out what is due by a moment, and no more."""
    from authoring.course_file import load_course
    from release.publication import exchange_place, problems
    from release.publication import publish as put_out
    from release.publication_place import Place

    if exchange and to is not None:
        raise typer.BadParameter("give either --to or --exchange.")
    loaded = load_course(course)
    by = moment(at, loaded) if at else datetime.now(UTC)
    place = exchange_place(course) if exchange else Place(to or course / "published")
    if check:
        _say_problems(problems(place, loaded, at=by, sources=course / "source"), as_json=as_json)
        return
    done = put_out(course, loaded, at=by, destination=place, note=note)
    if as_json:
        print_json(done.manifest)
        return
    states = {
        **dict.fromkeys(done.new, "new"),
        **dict.fromkeys(done.corrected, "corrected"),
        **dict.fromkeys(done.unchanged, "unchanged"),
    }
    names = sorted(states, key=[each.id for each in loaded.assignments].index)
    when = f"{by.astimezone(loaded.zone):%Y-%m-%d %H:%M %Z}"
    if not names:
        say(f"Nothing is due by {when}.")
        return
    print_table(["assignment", "state"], [(name, states[name]) for name in names])
    say(f"In {done.destination} is what is due by {when}.")


def _say_problems(found: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"problems": found})
    else:
        say("\n".join(found) or "What is out is what may be out.")
    if found:
        raise typer.Exit(1)
