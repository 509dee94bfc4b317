"""The item bank of a course: try every item, and keep the notebooks that show items up to date."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import counted, print_table, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exam_bank.check.spread import Spread

CourseArgument = Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")]


def check(
    course: CourseArgument,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="How many variants of each item to try.")] = 1_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try every item of a course, with its sample answers, over many variants."""
    from coursewright.findings import report
    from coursewright.progress import progress
    from exam_bank.check import try_items
    from exam_bank.item_file import item_paths

    folder = _course(course)
    with progress("Trying items", total=len(item_paths(folder))) as advance:
        trial = try_items(folder, seeds=seeds, reviews=reviews_asked(folder), advance=advance)
    if not as_json:
        _say_spreads(trial.spreads)
    report(trial.findings, as_json=as_json, more={"spreads": trial.spreads})


def reviews_asked(course: Path) -> int:
    """How many reviews of an item the course asks for; none without a course.toml."""
    from authoring.course_file import load_course

    return load_course(course).items.reviews if (course / "course.toml").is_file() else 0


def _say_spreads(spreads: "Sequence[Spread]") -> None:
    """How far variants lie apart, for people: small where they are alike, and no measure of difficulty."""
    if not spreads:
        return
    headings = ["item", "variants", "answers", "lowest", "median", "highest", "decades", "nearest option", "recomputed"]
    print_table(
        headings,
        [
            (
                each.ref,
                each.distinct,
                each.answers,
                *(_figure(value) for value in (each.lowest, each.median, each.highest, each.decades, each.nearest)),
                _figure(each.recomputed),
            )
            for each in spreads
        ],
        right=headings[1:],
    )
    say("This is how far variants lie apart, not how hard they are: only learners' answers show that.")


def _figure(value: float | None) -> str | None:
    return None if value is None else f"{value:.3g}"


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
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to, .html or .ipynb; by default TOPIC-ID.html here."),
    ] = None,
) -> None:
    """Write a page or notebook with an item as learners see it, its key, and ten of its variants."""
    from exam_bank.item_file import read_item
    from exam_bank.preview import write_preview

    path = item_path(course, reference)
    page = out or Path(f"{reference.replace('/', '-')}.html")
    if page.suffix not in {".html", ".ipynb"}:
        raise CoursewrightError(f"{page}: a preview is a page or a notebook; let the name end in .html or .ipynb.")
    write_preview(read_item(path, course), page)
    say(str(page))


def item_path(course: Path, reference: str) -> Path:
    """The file of an item.

    Raises:
        CoursewrightError: there is no such item.
    """
    path = _course(course) / "items" / f"{reference}.md"
    if not path.is_file():
        raise CoursewrightError(f"{path}: there is no such item; name one by its topic, a slash and its id.")
    return path


def _course(folder: Path) -> Path:
    if not (folder / "items").is_dir():
        raise CoursewrightError(f"{folder}: there is no folder items here; name a course that has items.")
    return folder
