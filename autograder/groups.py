"""Learners who hand in together: one submission, one score, a record for each of them.

``groups.csv`` in the course's folder has a row for each member: ``assignment,group,learner``. Whoever of a group hands
in does so for all; if several did, the last submission that holds a notebook counts.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from authoring.csv_file import Row, read_rows
from authoring.nbgrader_api import NbgraderCourse
from autograder.arrangements import check_assignment
from autograder.record import GradeRecord, RecordFinding
from autograder.roster import Roster
from autograder.submission import submitted_at

FILE_NAME = "groups.csv"
COLUMNS = ("assignment", "group", "learner")
_RULE = "group-submission"


@dataclass(frozen=True)
class Group:
    """Learners who share a submission to one assignment."""

    name: str
    members: tuple[str, ...]  # sorted


def read_groups(root: Path, assignments: Collection[str], roster: Roster) -> Mapping[str, Sequence[Group]]:
    """The groups of a course by assignment, in the order of their names; none if there is no such file.

    Raises:
        CoursewrightError: the file is not CSV, or its first row that cannot be used: an assignment or a learner that
            nobody knows, a group without a name, a learner in two groups.
    """
    path = root / FILE_NAME
    if not path.is_file():
        return {}
    members: dict[str, dict[str, list[str]]] = {}
    for row in _checked(read_rows(path, COLUMNS), assignments, roster):
        members.setdefault(row["assignment"], {}).setdefault(row["group"], []).append(row["learner"])
    return {
        assignment: tuple(Group(name, tuple(sorted(found))) for name, found in sorted(groups.items()))
        for assignment, groups in members.items()
    }


def _checked(rows: Iterable[Row], assignments: Collection[str], roster: Roster) -> Iterator[Row]:
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        check_assignment(row, assignments)
        roster.check(row)
        if not row["group"]:
            raise row.wrong("group", "the group's name is missing")
        place = row["assignment"], row["learner"]
        if place in seen:
            raise row.wrong("learner", f"row {seen[place]} has {row['learner']} in a group for this assignment already")
        seen[place] = row.number
        yield row


@dataclass(frozen=True)
class HandedIn:
    """One submission, and for whom it counts."""

    learner: str  # whose folder it is
    members: tuple[str, ...]  # everybody who gets its score, the one who handed in first
    group: str = ""
    others: tuple[str, ...] = ()  # members whose own submissions do not count


def who_counts(course: NbgraderCourse, assignment: str, groups: Sequence[Group], learner: str) -> str:
    """The learner whose submission counts for a learner: of a group perhaps another one."""
    for group in groups:
        if learner in group.members:
            there = [member for member in group.members if course.submitted(member, assignment).is_dir()]
            return _together(course, assignment, group, there).learner if there else learner
    return learner


def handed_in(course: NbgraderCourse, assignment: str, groups: Sequence[Group]) -> tuple[HandedIn, ...]:
    """The submissions that count for an assignment, in the order of the learners."""
    learners = course.learners(assignment)
    together = {member: group for group in groups for member in group.members}
    found = [HandedIn(learner, (learner,)) for learner in learners if learner not in together]
    found.extend(
        _together(course, assignment, group, there)
        for group in groups
        if (there := [member for member in group.members if member in learners])
    )
    return tuple(sorted(found, key=lambda one: one.learner))


def _together(course: NbgraderCourse, assignment: str, group: Group, there: Sequence[str]) -> HandedIn:
    """What counts for a group of which some handed something in."""
    counts = max(there, key=lambda member: _later(course.submitted(member, assignment), member))
    rest = tuple(member for member in group.members if member != counts)
    others = tuple(member for member in there if member != counts)
    return HandedIn(counts, (counts, *rest), group.name, others)


def _later(folder: Path, learner: str) -> tuple[bool, datetime, str]:
    """What decides which submission counts: one with a notebook, the later one, and the name between equals."""
    moment = submitted_at(folder) or datetime.min.replace(tzinfo=UTC)
    return any(folder.rglob("*.ipynb")), moment, learner


def without_remark(record: GradeRecord) -> GradeRecord:
    """The record without what was said about the group."""
    findings = tuple(finding for finding in record.findings if finding.rule != _RULE)
    return record if len(findings) == len(record.findings) else replace(record, findings=findings)


def for_members(one: HandedIn, record: GradeRecord) -> Iterator[GradeRecord]:
    """The record of a submission, once for each learner for whom it counts."""
    if not one.group:
        yield record
        return
    remark = RecordFinding(rule="group-submission", message=_remark(one))
    for member in one.members:
        yield replace(record, learner=member, findings=(*record.findings, remark))


def _remark(one: HandedIn) -> str:
    said = f"{one.learner} handed in for the group {one.group} ({', '.join(sorted(one.members))})"
    if not one.others:
        return said
    return f"{said}; what {' and '.join(one.others)} handed in does not count"


def named(found: Iterable[HandedIn], learners: Sequence[str]) -> tuple[HandedIn, ...]:
    """Those of the submissions that count for one of the learners."""
    return tuple(one for one in found if set(one.members) & set(learners))
