"""The item bank of a course: try every item, and keep the notebooks that show items up to date."""

from pathlib import Path
from typing import Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import counted, say

CourseArgument = Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")]


def check(
    course: CourseArgument,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="How many variants of each item to try.")] = 1_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try every item of a course, with its sample answers, over many variants."""
    from coursewright.findings import report
    from exam_bank.check import check_items

    report(check_items(_course(course), seeds=seeds), as_json=as_json)


def embed(course: CourseArgument) -> None:
    """Write the items that a course's notebooks name into their cells."""
    from exam_bank.embed import embed as embed_items

    changed = embed_items(_course(course))
    for path in changed:
        say(str(path))
    say(f"{counted(len(changed), 'notebook')} changed." if changed else "Every notebook is up to date.")


def preview(
    course: CourseArgument,
    reference: Annotated[str, typer.Argument(metavar="TOPIC/ID", help="Which item.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; by default TOPIC-ID.html here.")
    ] = None,
) -> None:
    """Write a page with an item as learners see it, its key, and ten of its variants."""
    from exam_bank.item_file import read_item
    from exam_bank.preview import write_preview

    path = _course(course) / "items" / f"{reference}.md"
    if not path.is_file():
        raise CoursewrightError(f"{path}: there is no such item; name one by its topic, a slash and its id.")
    page = out or Path(f"{reference.replace('/', '-')}.html")
    write_preview(read_item(path, course), page)
    say(str(page))


def _course(folder: Path) -> Path:
    if not (folder / "items").is_dir():
        raise CoursewrightError(f"{folder}: there is no folder items here; name a course that has items.")
    return folder
