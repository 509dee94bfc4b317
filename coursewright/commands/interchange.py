"""Items from and for other systems."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import counted, print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exam_bank.interchange.exchanged import LeftOut
    from exam_bank.item import Item

CourseArgument = Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_FORMATS = "qti, moodle, gift, aiken, olx or canvas"


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that another system exported.")],
    course: CourseArgument,
    topic: Annotated[str, typer.Option("--topic", metavar="TOPIC", help="The new items' topic.")],
    form: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help=f"{_FORMATS}; by default found out from the file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take questions from another system into a course as drafts, with the scores that they give there."""
    from exam_bank.interchange.importing import format_named, import_items

    _require_course(course)
    result = import_items(file, course, topic=topic, form=format_named(form) if form else None)
    if as_json:
        print_json({"format": result.format, "written": result.written, "left_out": result.left})
    else:
        for each in result.written:
            say(str(course / each.file))
            for note in each.notes:
                say(f"    {note}.")
        _say_left_out(result.left)
        say(f"{counted(len(result.written), 'item')} written as drafts, {len(result.left)} left out.")
    if result.left or not result.written:
        raise typer.Exit(1)


def export_file(
    course: CourseArgument,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help=_FORMATS + ".")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The file to write; what is there is replaced.")],
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="TOPIC[/ID]", help="A topic or an item; may be given several times."),
    ] = None,
    variants: Annotated[
        int | None, typer.Option("--variants", min=1, max=1_000, help="How many variants of items that have them.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a course's items, keys included, into a file for another system."""
    from exam_bank.interchange.exporting import export_items
    from exam_bank.interchange.importing import format_named
    from exam_bank.item_file import read_bank

    _require_course(course)
    chosen = format_named(form)
    if not to.parent.is_dir():
        raise CoursewrightError(f"{to.parent}: there is no such folder; make it first.")
    items = _chosen(list(read_bank(course).items.values()), only or [], course)
    result = export_items(items, chosen, to, variants=variants)
    if as_json:
        kept = [{"item": each.item.ref, "notes": each.notes} for each in result.kept]
        print_json({"format": chosen.name, "file": str(to), "written": kept, "left_out": result.left})
    else:
        for each in result.kept:
            for note in each.notes:
                say(f"{each.item.ref}: {note}.")
        _say_left_out(result.left)
        say(f"{to}: {counted(len(result.kept), 'question')} written, {len(result.left)} left out.")
    if result.left or not result.kept:
        raise typer.Exit(1)


def _say_left_out(left: "Sequence[LeftOut]") -> None:
    for each in left:
        say(f"{each.question}: left out: {each.reason}.")
        say(f"    {each.mend[:1].upper()}{each.mend[1:]}.")


def _chosen(items: "list[Item]", only: list[str], course: Path) -> "list[Item]":
    for name in only:
        if not any(name in (item.ref, item.topic) for item in items):
            raise CoursewrightError(f"{course}: there is no topic or item {name!r}; name one as its folder or file is.")
    return [item for item in items if not only or item.ref in only or item.topic in only]


def _require_course(folder: Path) -> None:
    if not (folder / "items").is_dir():
        raise CoursewrightError(f"{folder}: there is no folder items here; name a course that has items.")
