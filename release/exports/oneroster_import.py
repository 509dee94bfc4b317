"""The zip of OneRoster 1.2 CSV, read: line items and results of one class, whoever wrote it.

A result's ``scoreStatus`` says whether there is a score; a number beside "not submitted" or "exempt" is none. The
course grade is the line item that our own export makes, or one with that title.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from authoring.errors import CoursewrightError
from exam_bank.interchange.safe_zip import Archive
from release.exports.evidence import Facts, Found, ImportedGrades, ImportedScore, evidence
from release.exports.mapping import People
from release.exports.oneroster import COURSE_GRADE, Ids
from release.exports.sheet import MAX_BYTES, Line, Sheet, parsed, read_bytes
from release.exports.table import State
from release.rounding import decimal

BY = ("oneroster_user",)
_TITLE = "course grade"
_STATES = {
    "fully graded": State.GRADED,
    "partially graded": State.PENDING,
    "submitted": State.PENDING,
    "not submitted": State.NOT_ATTEMPTED,
    "exempt": State.EXCUSED,
}
_NEEDED = {
    "manifest": ("propertyName", "value"),
    "lineItems": ("sourcedId", "title", "classSourcedId", "resultValueMax"),
    "results": ("sourcedId", "lineItemSourcedId", "studentSourcedId", "scoreStatus", "score"),
}


@dataclass(frozen=True)
class _Package:
    """The files of a zip that are read here."""

    file: str
    sheets: Mapping[str, Sheet]

    def lines(self, name: str) -> Sequence[Line]:
        return self.sheets[name].lines if name in self.sheets else ()


def read_oneroster(path: Path, facts: Facts, people: People) -> ImportedGrades:
    """The grades of a package.

    Raises:
        CsvError: a cell of a file in it is not what its column holds.
        CoursewrightError: it is no package of OneRoster 1.2 with a bulk set of results of one class, or too large.
    """
    data = read_bytes(path)
    package = _package(path, data)
    _check(package)
    items = {line["sourcedId"]: line for line in package.lines("lineItems")}
    by_student: dict[str, list[Line]] = {
        line["userSourcedId"]: [] for line in package.lines("enrollments") if line["role"] == "student"
    }
    for line in package.lines("results"):
        if line["lineItemSourcedId"] not in items:
            raise line.wrong("lineItemSourcedId", "the sourcedId of a line in lineItems.csv")
        by_student.setdefault(line["studentSourcedId"], []).append(line)
    facts = replace(facts, ended_on=facts.ended_on or _end(package))
    grade_items = {Ids(facts.course, facts.run).of("line-item", COURSE_GRADE)} | {
        name for name, line in items.items() if line["title"].strip().casefold() == _TITLE
    }
    found = [
        _found(number, student, lines, items, grade_items)
        for number, (student, lines) in enumerate(by_student.items(), start=2)
    ]
    return evidence("oneroster", path, data, facts, found, people)


def _package(path: Path, data: bytes) -> _Package:
    return _Package(str(path), dict(_sheets(path, Archive(data, file=str(path), largest=MAX_BYTES))))


def _sheets(path: Path, archive: Archive) -> Iterable[tuple[str, Sheet]]:
    for name in (*_NEEDED, "enrollments", "academicSessions"):
        file = f"{name}.csv"
        if file in archive.names:
            sheet = parsed(archive.read(file), f"{path}: {file}")
            sheet.need(_NEEDED.get(name, ()), "file of OneRoster 1.2")
            yield name, sheet
        elif name in _NEEDED:
            raise CoursewrightError(f"{path}: {file} is not in it, so this is no set of grades of OneRoster 1.2.")


def _check(package: _Package) -> None:
    said = {line["propertyName"]: line["value"].strip() for line in package.lines("manifest")}
    if said.get("oneroster.version") != "1.2":
        version = said.get("oneroster.version", "of no version")
        raise CoursewrightError(f"{package.file}: manifest.csv: the set is {version}, and OneRoster 1.2 is read here.")
    for name in ("lineItems", "results"):
        if said.get(f"file.{name}") != "bulk":
            raise CoursewrightError(
                f"{package.file}: manifest.csv: file.{name} is {said.get(f'file.{name}', 'not named')}; a bulk set is "
                "read here, for changes alone do not say what the grades are."
            )
    if len(classes := {line["classSourcedId"] for line in package.lines("lineItems")}) > 1:
        raise CoursewrightError(f"{package.file}: lineItems.csv has {len(classes)} classes; import one at a time.")


def _end(package: _Package) -> date | None:
    """The last day of the session, if there is one alone; the binding's end is the day after it."""
    ends = {line["endDate"]: line for line in package.lines("academicSessions")}
    if len(ends) != 1:
        return None
    ((text, line),) = ends.items()
    try:
        return date.fromisoformat(text) - timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise line.wrong("endDate", "a day, such as 2026-11-08") from error


def _found(number: int, student: str, lines: Sequence[Line], items: Mapping[str, Line], grade_items: set[str]) -> Found:
    scores, grade = [], None
    for line in lines:
        item = items[line["lineItemSourcedId"]]
        score = _score(line, item, _name(item, items))
        if item["sourcedId"] in grade_items:
            grade = None if score.points is None else _fraction(item, score)
        else:
            scores.append(score)
    return Found(
        row=number, ids={"sourcedId": student}, known_by={"oneroster_user": student}, scores=scores, grade=grade
    )


def _name(item: Line, items: Mapping[str, Line]) -> str:
    alike = sum(each["title"] == item["title"] for each in items.values())
    return item["title"] if alike == 1 else f"{item['title']} ({item['sourcedId']})"


def _score(line: Line, item: Line, name: str) -> ImportedScore:
    status = line["scoreStatus"].strip()
    if status not in _STATES:
        raise line.wrong("scoreStatus", f"one of {', '.join(_STATES)}")
    state = _STATES[status]
    points = line.amount("score") if state is State.GRADED else None
    if state is State.GRADED and points is None:
        raise line.wrong("score", "a number, for it is fully graded")
    return ImportedScore(column=name, state=state, points=points, possible=item.amount("resultValueMax"))


def _fraction(item: Line, score: ImportedScore) -> Decimal:
    if score.points is None or not score.possible:
        raise item.wrong("resultValueMax", "a number above 0, for grades are a share of it")
    return decimal(Fraction(score.points) / Fraction(score.possible))
