"""Grades for other systems: edX, Canvas, student information systems, nbgrader, LTI platforms."""

import time
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.exported import as_recorded, people_of, read_all_records, read_table, rows_of, write_export
from coursewright.output import counted, print_json, print_table, say
from coursewright.registry import TrustOption, open_sound_ledger, passphrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from release.exports.ags import Message, Sent
    from release.exports.export import Export
    from release.exports.mapping import Unmatched
    from release.exports.table import GradeTable

CourseArgument = Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")]
IntoOption = Annotated[Path | None, typer.Option("--into", metavar="FILE", help="Where to write it.")]
MappingOption = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="FILE", help="Who a learner is to others; by default COURSE/mapping.csv."),
]
LedgerOption = Annotated[
    str | None,
    typer.Option("--ledger", metavar="FILE|URL", help="Take the course grades that this ledger has in force."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LtiKeyOption = Annotated[Path, typer.Option("--key", metavar="FILE", help="The key by which platforms know this tool.")]
DEFAULT_LTI_KEY = Path("registry/lti.key")


def edx(
    course: CourseArgument,
    problems: Annotated[bool, typer.Option("--problems", help="The problem grade report instead.")] = False,
    rounding: Annotated[
        str, typer.Option("--rounding", metavar="edx|exact", help="As edX rounds, or not at all.")
    ] = "edx",
    into: IntoOption = None,
    mapping: MappingOption = None,
    ledger: LedgerOption = None,
    trust: TrustOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write edX's grade report, or its problem grade report."""
    from release.exports.edx import grade_report, problem_grade_report
    from release.exports.peer_rounding import PeerRounding

    rule = PeerRounding(_one_of("--rounding", rounding, "edx", "exact"))
    table, report = _table(course, ledger, trust), problem_grade_report if problems else grade_report
    name = "problem_grade_report" if problems else "grade_report"
    export = report(table, people_of(course, mapping), rule)
    _deliver(export, table, into or Path(f"{table.course}_{table.run}_{name}.csv"), as_json=as_json)


def canvas(
    course: CourseArgument,
    assignments: Annotated[
        Path | None,
        typer.Option("--assignments", metavar="FILE", help="Canvas's ids of assignments: assignment,canvas_id."),
    ] = None,
    rounding: Annotated[
        str, typer.Option("--rounding", metavar="canvas|exact", help="As Canvas shows points, or not at all.")
    ] = "exact",
    into: IntoOption = None,
    mapping: MappingOption = None,
    ledger: LedgerOption = None,
    trust: TrustOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a gradebook that Canvas imports."""
    from release.exports.canvas import gradebook, read_assignment_ids
    from release.exports.peer_rounding import PeerRounding

    rule = PeerRounding(_one_of("--rounding", rounding, "canvas", "exact"))
    table = _table(course, ledger, trust)
    ids = read_assignment_ids(assignments, table) if assignments else {}
    export = gradebook(table, people_of(course, mapping), ids, rule)
    _deliver(export, table, into or Path(f"{table.course}_{table.run}_canvas.csv"), as_json=as_json)


def oneroster(
    course: CourseArgument,
    organisation: Annotated[str, typer.Option("--organisation", metavar="NAME", help="The school's name.")],
    into: IntoOption = None,
    mapping: MappingOption = None,
    ledger: LedgerOption = None,
    trust: TrustOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a OneRoster 1.2 package for a student information system."""
    from release.exports.oneroster import oneroster_zip

    table = _table(course, ledger, trust)
    export = oneroster_zip(table, people_of(course, mapping), organisation=organisation)
    _deliver(export, table, into or Path(f"{table.course}_{table.run}_oneroster.zip"), as_json=as_json)


def nbgrader(
    course: CourseArgument,
    into: IntoOption = None,
    mapping: MappingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what nbgrader export would, and leave empty what was not handed in."""
    from release.exports.mapping import People
    from release.exports.nbgrader_csv import nbgrader_csv

    table = _table(course, None, None)
    named = mapping is not None or (course / "mapping.csv").is_file()
    people = people_of(course, mapping) if named else People("mapping.csv", {}, {})
    export = nbgrader_csv(table, people, read_all_records(course))
    _deliver(export, table, into or Path(f"{table.course}_{table.run}_nbgrader.csv"), as_json=as_json)


def _require_lti() -> None:
    if find_spec("pylti1p3") is None:
        raise CoursewrightError("LTI platforms need PyLTI1p3, which is not installed: pip install 'coursewright[lti]'.")


def lti_key(key: LtiKeyOption = DEFAULT_LTI_KEY) -> None:
    """Make the key by which LTI platforms know this tool, or show the public half of the one that is there."""
    _require_lti()
    from release.exports import lti_key as keys

    if key.is_file():
        own = keys.load(key, passphrase(f"Passphrase of {key}"))
    else:
        own = keys.generate()
        keys.save(own, key, passphrase(f"New passphrase of {key}", twice=True))
    print_json(keys.jwks(own))


def ags(
    course: CourseArgument,
    platform: Annotated[
        Path, typer.Option("--platform", metavar="FILE", help="The platform and the course's line items in it (TOML).")
    ],
    journal: Annotated[
        Path | None,
        typer.Option("--journal", metavar="FILE", help="What was sent; by default beside the platform's file."),
    ] = None,
    key: LtiKeyOption = DEFAULT_LTI_KEY,
    mapping: MappingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send scores to an LTI 1.3 platform, what is new and nothing twice, and read them back."""
    _require_lti()
    from autograder.sole import sole
    from coursewright.progress import progress
    from release.exports import ags as service_of
    from release.exports import lti_key as keys
    from release.exports.ags_connector import Patience
    from release.exports.ags_journal import Journal
    from release.exports.ags_platform import read_platform
    from release.exports.mapping import all_of, joined

    described, table = read_platform(platform), _table(course, None, None)
    matched, unmatched = joined(table, people_of(course, mapping), all_of("lti_user"))
    own = keys.load(key, passphrase(f"Passphrase of {key}"))
    noted = journal or platform.with_suffix(".sent.jsonl")
    scores = service_of.messages(table, matched)
    with sole(noted.with_suffix(".lock"), "sending scores"), progress("Sending scores", len(scores)) as step:
        service = service_of.Service(described, own, Patience(lambda: datetime.now(UTC), time.sleep))
        items = {column.id: service.line_item(table, column) for column in table.columns}
        at = datetime.now(UTC)
        came = service_of.send(
            service, items, scores, Journal(noted), at=at, told=lambda message: step(message.learner)
        )
        wrong = came.refused + service_of.differences(service, items, _taken(scores, came))
    if as_json:
        _print_sent(came, wrong, unmatched)
    else:
        _say_unmatched(unmatched)
        if wrong:
            print_table(["learner", "assignment", "not as it was sent, because"], _wrong_rows(wrong))
        say(
            f"{counted(came.sent, 'score')} sent, {came.unchanged} there already, {len(wrong)} not as they should be, "
            f"{counted(len(unmatched), 'learner')} without a counterpart."
        )
    if wrong or unmatched:
        raise typer.Exit(1)


def _taken(scores: "Sequence[Message]", came: "Sent") -> "list[Message]":
    refused = {id(message) for message, _ in came.refused}
    return [message for message in scores if id(message) not in refused]


def _wrong_rows(wrong: "Sequence[tuple[Message, str]]") -> list[list[str]]:
    return [[message.learner, message.assignment, why] for message, why in wrong]


def _print_sent(came: "Sent", wrong: "Sequence[tuple[Message, str]]", unmatched: "Sequence[Unmatched]") -> None:
    print_json(
        {"sent": came.sent, "unchanged": came.unchanged, "wrong": _wrong_rows(wrong), "unmatched": rows_of(unmatched)}
    )


def _one_of(option: str, value: str, *known: str) -> str:
    if value not in known:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}.", param_hint=option)
    return value


def _table(course: Path, ledger: str | None, trust: list[str] | None) -> "GradeTable":
    table = read_table(course)
    if not table.learners:
        raise CoursewrightError(f"{course}: nobody is enrolled, so there are no grades to export.")
    if ledger is None:
        return table
    with open_sound_ledger(ledger, trust) as opened:
        return as_recorded(table, opened)


def _deliver(export: "Export", table: "GradeTable", into: Path, *, as_json: bool) -> None:
    """Write the file, and say who is not in it; exit status 1 if anybody is."""
    aside = write_export(export, table, into)
    if as_json:
        print_json(
            {
                "file": str(into),
                "learners": export.learners,
                "unmatched": rows_of(export.unmatched),
                "by_hand": None if aside is None else str(aside),
            }
        )
    else:
        _say_unmatched(export.unmatched)
        without = f", {counted(len(export.unmatched), 'learner')} without a counterpart" if export.unmatched else ""
        say(f"{counted(export.learners, 'learner')} in {into}{without}.")
        if aside is not None:
            say(f"The grades of those who are in this course and not in it are in {aside}.")
    if export.unmatched:
        raise typer.Exit(1)


def _say_unmatched(unmatched: "Sequence[Unmatched]") -> None:
    if unmatched:
        print_table(["learner", "has no counterpart, because the learner"], rows_of(unmatched))
