"""Grades from other systems, kept as evidence that names its source."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.exported import rows_of
from coursewright.output import counted, print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release.exports.evidence import Facts, ImportedGrades
    from release.exports.mapping import People

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="What the other system wrote.")]
CourseOption = Annotated[str, typer.Option("--course", metavar="ID", help="The course, as programs name it.")]
RunOption = Annotated[str, typer.Option("--run", metavar="RUN", help="The run that the grades are of.")]
EndedOption = Annotated[
    str | None, typer.Option("--ended", metavar="DATE", help="The last day of the run; today is never taken for it.")
]
PassMarkOption = Annotated[
    str | None,
    typer.Option("--pass-mark", metavar="FRACTION", help="What it took to pass, such as 0.60; never from the file."),
]
MappingOption = Annotated[Path, typer.Option("--mapping", metavar="FILE", help="Who a learner is to others.")]
IntoOption = Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Where to keep the evidence.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

MAPPING, IMPORTED = Path("mapping.csv"), Path("imported")


def edx(
    file: FileArgument,
    course: CourseOption,
    run: RunOption,
    ended: EndedOption = None,
    pass_mark: PassMarkOption = None,
    mapping: MappingOption = MAPPING,
    into: IntoOption = IMPORTED,
    as_json: JsonOption = False,
) -> None:
    """Take in edX's grade report or problem grade report."""
    from release.exports.edx_import import BY, read_edx
    from release.exports.mapping import read_people

    facts, people = _facts(course, run, ended, pass_mark), read_people(mapping)
    _keep(read_edx(file, facts, people), people, BY, into, as_json=as_json)


def canvas(
    file: FileArgument,
    course: CourseOption,
    run: RunOption,
    ended: EndedOption = None,
    pass_mark: PassMarkOption = None,
    mapping: MappingOption = MAPPING,
    into: IntoOption = IMPORTED,
    as_json: JsonOption = False,
) -> None:
    """Take in a gradebook that Canvas exported."""
    from release.exports.canvas_import import BY, read_canvas
    from release.exports.mapping import read_people

    facts, people = _facts(course, run, ended, pass_mark), read_people(mapping)
    _keep(read_canvas(file, facts, people), people, BY, into, as_json=as_json)


def oneroster(
    file: FileArgument,
    course: CourseOption,
    run: RunOption,
    ended: EndedOption = None,
    pass_mark: PassMarkOption = None,
    mapping: MappingOption = MAPPING,
    into: IntoOption = IMPORTED,
    as_json: JsonOption = False,
) -> None:
    """Take in a OneRoster 1.2 package with results."""
    from release.exports.mapping import read_people
    from release.exports.oneroster_import import BY, read_oneroster

    facts, people = _facts(course, run, ended, pass_mark), read_people(mapping)
    _keep(read_oneroster(file, facts, people), people, BY, into, as_json=as_json)


def nbgrader(
    file: FileArgument,
    course: CourseOption,
    run: RunOption,
    ended: EndedOption = None,
    pass_mark: PassMarkOption = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="Who the learners are; without it the students of the file."),
    ] = None,
    into: IntoOption = IMPORTED,
    as_json: JsonOption = False,
) -> None:
    """Take in the CSV of nbgrader export."""
    from release.exports.mapping import read_people
    from release.exports.nbgrader_import import read_nbgrader

    facts = _facts(course, run, ended, pass_mark)
    people = None if mapping is None else read_people(mapping)
    _keep(read_nbgrader(file, facts, people), people, ["learner"], into, as_json=as_json)


def _facts(course: str, run: str, ended: str | None, pass_mark: str | None) -> "Facts":
    from release.exports.evidence import Facts

    return Facts(course, run, None if ended is None else _day(ended), None if pass_mark is None else _mark(pass_mark))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2026-11-08.", param_hint="--ended") from error


def _mark(text: str) -> Decimal:
    from release.exports.cells import parsed_number

    try:
        mark = parsed_number(text)
    except ValueError:
        mark = Decimal(0)
    if not 0 < mark <= 1:
        raise typer.BadParameter(f"{text!r} is no fraction above 0 and at most 1.", param_hint="--pass-mark")
    return mark


def _keep(
    imported: "ImportedGrades", people: "People | None", by: "Sequence[str]", into: Path, *, as_json: bool
) -> None:
    """Write the evidence, and say what in it is nobody's; exit status 1 if anything is."""
    from release.exports.evidence import absent, write_evidence

    if not imported.rows:
        raise CoursewrightError(f"{imported.file}: there is no learner in it, so there is nothing to keep.")
    path = write_evidence(into, imported)
    unmatched = imported.unmatched + (absent(imported, people, by) if people else [])
    known = sum(bool(row.learner) for row in imported.rows)
    if as_json:
        print_json({"file": str(path), "learners": known, "unmatched": rows_of(unmatched)})
    else:
        if unmatched:
            print_table(["who", "has no counterpart, because"], rows_of(unmatched))
        of = f"{imported.course} ({imported.run})"
        say(f"{counted(known, 'learner')} of {of}, {len(unmatched)} without a counterpart.")
        say(f"The evidence is {path}; it is of a run that ended on {imported.ended_on}.")
    if unmatched:
        raise typer.Exit(1)
