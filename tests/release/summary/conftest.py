"""Grades of a learner with a past: a course failed and passed, an exam failed and passed, a grade withdrawn."""

from datetime import UTC, date, datetime

from release import entry as entries
from release import merkle
from release.entry import ExamEntry, GradeEntry
from release.replay import RecordedGrade
from tests.release.conftest import NOW, D

SUBJECT = "5" * 64


def exam(attempt: int, score: str, day: int, **changes) -> ExamEntry:
    settings = {
        "exam": "final-exam",
        "attempt": attempt,
        "score": D(score),
        "max_score": D(40),
        "taken_at": datetime(2026, 4, day, 23, 30, tzinfo=UTC),
        "verified_at": datetime(2026, 4, 28, tzinfo=UTC),
        "sitting": f"sitting-{attempt}",
    }
    return ExamEntry(**(settings | changes))


def recorded(index: int, course: str, run: str, grade: str, withdrawn: str = "", **changes) -> RecordedGrade:
    settings = {
        "subject": SUBJECT,
        "course": course,
        "run": run,
        "track": "verified",
        "grade": D(grade),
        "passed": D(grade) >= D("0.6"),
        "pass_mark": D("0.6"),
        "earned_on": date(2026, 4, 26),
        "verification": "secret-verification",
        "exams": (),
        "records": ("secret-record",),
        "at": NOW,
    }
    entry = GradeEntry(**(settings | changes))
    return RecordedGrade(index, merkle.leaf_hash(entries.to_bytes(entry)).hex(), entry, withdrawn)


FAILED = recorded(0, "mpc", "2025-spring", "0.4321", earned_on=date(2025, 4, 27))
PASSED = recorded(3, "mpc", "2026-spring", "0.8425", exams=(exam(1, "11", 20), exam(2, "31.5", 24)))
OTHER = recorded(5, "systems", "2026-spring", "0.7177", earned_on=date(2026, 4, 20), exams=(exam(1, "24", 19),))
WITHDRAWN = recorded(6, "leadership", "2026-spring", "0.9", withdrawn="Copied.")
AUDIT = recorded(7, "accounting", "2026-spring", "0.95", track="audit")
GRADES = (FAILED, PASSED, OTHER, WITHDRAWN, AUDIT)
