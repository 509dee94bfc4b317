"""Imported grades as evidence that a program can be judged by.

The rules: the pass mark is the one that the registrar gave at the import; whether it was reached is computed here, and
a "passed" or "eligible" of the file plays no part; the date is the run's last day; who was not on the verified track
with a verified identity has no verified attempt; a row without a grade or a learner is no attempt at all.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time

from release.entry import GradeEntry
from release.exports.evidence import ImportedGrades, ImportedRow
from release.replay import RecordedGrade


def grades_of(imports: Iterable[ImportedGrades], learner: str) -> tuple[RecordedGrade, ...]:
    """The learner's attempts in these files, in their order, as :func:`release.eligibility.evaluate` takes them.

    An entry's index is -1: there is no entry of a ledger behind it; its ``leaf`` is the hash of the file.
    """
    return tuple(
        RecordedGrade(-1, imported.sha256, entry)
        for imported in imports
        for row in imported.rows
        if row.learner == learner and (entry := _entry(imported, row)) is not None
    )


def _entry(imported: ImportedGrades, row: ImportedRow) -> GradeEntry | None:
    if row.grade is None or imported.pass_mark is None:
        return None
    verified = row.track == "verified" and row.identity_verified is True
    return GradeEntry(
        subject=row.learner,
        course=imported.course,
        run=imported.run,
        track="verified" if verified else "audit",
        grade=row.grade,
        passed=row.grade >= imported.pass_mark,
        pass_mark=imported.pass_mark,
        earned_on=imported.ended_on,
        verification=f"imported:{imported.sha256}",
        exams=(),
        records=(),
        at=datetime.combine(imported.ended_on, time.min, UTC),
    )
