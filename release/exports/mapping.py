"""``mapping.csv``: who a learner is to other systems.

A row for each learner, and a column for each id that is known: see :data:`COLUMNS`. Only ``learner`` is needed; the
others may be left out, stand in any order, and be empty. No id belongs to two learners.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from authoring.csv_file import CsvError
from release.exports.sheet import Line, parsed, read_bytes
from release.exports.table import GradeTable, LearnerGrades

IDS = ("edx_id", "edx_username", "edx_email", "canvas_id", "sis_user_id", "sis_login_id", "oneroster_user", "lti_user")
COLUMNS = ("learner", "given_name", "family_name", *IDS, "canvas_section")

Person = Mapping[str, str]  # by column, empty where nothing is known
NOBODY: Person = dict.fromkeys(COLUMNS, "")


@dataclass(frozen=True)
class Unmatched:
    """Somebody or something that has no counterpart on the other side."""

    side: str  # "course", "mapping" or "file"
    who: str
    reason: str


@dataclass(frozen=True)
class People:
    """The mapping file."""

    file: str
    by_learner: Mapping[str, Person]
    by_id: Mapping[tuple[str, str], str]  # by column and value, in lower case

    def known_as(self, ids: Mapping[str, str]) -> tuple[str, str]:
        """The learner whom the ids of a peer's row name, or "" and why nobody is.

        Args:
            ids: what the row has, by column of the mapping; empty ones say nothing.
        """
        if (learner := ids.get("learner", "")) in self.by_learner:
            return learner, ""
        told = {
            column: self.by_id[column, value.casefold()]
            for column, value in ids.items()
            if value and (column, value.casefold()) in self.by_id
        }
        if not told:
            shown = ", ".join(f"{column} {value!r}" for column, value in ids.items() if value) or "any id"
            return "", f"nobody in {self.file} has {shown}"
        if len(set(told.values())) > 1:
            return "", "; ".join(f"{column} is that of {learner}" for column, learner in told.items())
        return next(iter(told.values())), ""


def read_people(path: Path) -> People:
    """The mapping in a file.

    Raises:
        CoursewrightError: the file cannot be read, a column is unknown, a learner or an id is there twice.
    """
    sheet = parsed(read_bytes(path), str(path))
    sheet.need(["learner"], "mapping")
    for column in sheet.header:
        if column not in COLUMNS:
            raise CsvError(sheet.file, 1, column, f"the column is unknown; the columns are {', '.join(COLUMNS)}")
    by_learner: dict[str, Person] = {}
    by_id: dict[tuple[str, str], str] = {}
    for line in sheet.lines:
        person = {column: line[column].strip() for column in COLUMNS}
        _check(line, person, by_learner, by_id)
        by_learner[person["learner"]] = person
        by_id.update({(column, person[column].casefold()): person["learner"] for column in IDS if person[column]})
    return People(str(path), by_learner, by_id)


def _check(line: Line, person: Person, by_learner: Mapping[str, Person], by_id: Mapping[tuple[str, str], str]) -> None:
    if not person["learner"]:
        raise CsvError(line.file, line.number, "learner", "the learner is missing")
    if person["learner"] in by_learner:
        raise CsvError(line.file, line.number, "learner", f"{person['learner']!r} has a row already")
    for column in IDS:
        if person[column] and (other := by_id.get((column, person[column].casefold()))):
            raise CsvError(line.file, line.number, column, f"{person[column]!r} is that of {other} already")


def joined(
    table: GradeTable, people: People, lacking: Callable[[Person], str]
) -> tuple[list[tuple[LearnerGrades, Person]], list[Unmatched]]:
    """Each learner of the table with the ids that a peer knows them by, and whoever has no counterpart.

    Args:
        table: the course's side.
        people: the mapping.
        lacking: says which column a person lacks for this peer, or nothing.
    """
    matched, unmatched = [], []
    for row in table.learners:
        person = people.by_learner.get(row.learner)
        if person is None:
            unmatched.append(Unmatched("course", row.learner, f"has no row in {people.file}"))
        elif lack := lacking(person):
            unmatched.append(Unmatched("course", row.learner, f"has no {lack} in {people.file}"))
        else:
            matched.append((row, person))
    return matched, unmatched + without_course(table, people, lacking)


def without_course(table: GradeTable, people: People, lacking: Callable[[Person], str]) -> list[Unmatched]:
    """Whoever the mapping knows to this peer and the course does not know."""
    enrolled = {row.learner for row in table.learners}
    return [
        Unmatched("mapping", learner, "is in the mapping and not enrolled in this run")
        for learner, person in people.by_learner.items()
        if learner not in enrolled and not lacking(person)
    ]


def all_of(*columns: str) -> Callable[[Person], str]:
    """What a person lacks to have every one of these columns."""
    return lambda person: " and no ".join(column for column in columns if not person[column])


def any_of(*columns: str) -> Callable[[Person], str]:
    """What a person lacks to have one of these columns."""
    return lambda person: "" if any(person[column] for column in columns) else " or ".join(columns)


def by_hand(table: GradeTable, unmatched: Sequence[Unmatched]) -> list[list[str]]:
    """The rows of those learners who are in no row of an export, so that a person can carry them over."""
    from release.exports.cells import number
    from release.exports.sheet import texts

    reasons = {each.who: each.reason for each in unmatched if each.side == "course"}
    columns = [column.id for column in table.columns]
    rows = [["learner", "reason", "grade", *texts(*columns)]]
    for row in table.learners:
        if row.learner in reasons:
            scores = [row.scores[column] for column in columns]
            shown = [number(each.points) if each.points is not None else each.state.value for each in scores]
            rows.append([*texts(row.learner, reasons[row.learner]), number(row.exact), *shown])
    return rows
