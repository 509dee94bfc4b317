"""A run with every kind of score, and people with the names that break files."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from authoring.course import Course
from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Isolation, Outcome
from release.enrolment import Track
from release.exports.evidence import Facts
from release.exports.mapping import COLUMNS, People, read_people
from release.exports.sheet import texts, written
from release.exports.table import Evidence, GradeTable, grade_table
from tests.release.conftest import make_course, make_enrolment, make_record, make_sitting

D = Decimal
FACTS = Facts("mpc", "2026-spring", date(2026, 4, 26), D("0.6"))

NAMES = {  # family name, given name
    "ada": ("Lovelace, Countess", 'Ada "Enchantress"'),
    "ben": ('=HYPERLINK("http://example.org","Ben")', "+1"),
    "cyd": ("Ångström-李", "@SUM(1+1)\tZoë\r\nx"),
    "dee": ("'=already safe", "-2"),
}


def cell(name: str, score: float | None, most: float) -> CellGrade:
    outcome = CellOutcome.NEEDS_MANUAL if score is None else CellOutcome.PASSED
    return CellGrade(
        notebook="problem-set",
        grade_id=name,
        kind=CellKind.MANUAL if score is None else CellKind.TEST,
        isolation=Isolation.EXAMINER,
        outcome=outcome,
        score=score,
        max_score=most,
    )


def records() -> list[GradeRecord]:
    """Ada has everything; ben one set late and one of 0 points; cyd's waits for a mark; dee has nothing."""
    both = (cell("t_mean", 5.5, 6.0), cell("t_range", 2.625, 4.0))
    return [
        make_record("week01-problem-set", 8.125, cells=both),
        make_record("week02-problem-set", 9.0),
        make_record("week01-problem-set", 7.1, learner="ben", late_penalty=0.4, cells=(cell("t_mean", 6.0, 6.0),)),
        make_record("week02-problem-set", 0.0, learner="ben"),
        make_record(
            "week01-problem-set", 4.0, learner="cyd", outcome=Outcome.NEEDS_MANUAL, cells=(cell("m_why", None, 4.0),)
        ),
    ]


def run_table(course: Course | None = None, **evidence: Evidence) -> GradeTable:
    """The table of that run; ``evidence`` replaces what there is of a learner."""
    enrolments = [
        make_enrolment(),
        make_enrolment(learner="ben", verification="idv:2", email="ben@example.org"),
        make_enrolment(learner="cyd", track=Track.AUDIT, verified_at=None, verification="", email="cyd@example.org"),
        make_enrolment(learner="dee", verification="idv:4", email="dee@example.org"),
    ]
    graded = records()
    handed_in = {f"week0{week}-problem-set": datetime(2026, 3, 1 + 7 * week, 12, 30, tzinfo=UTC) for week in (1, 2)}

    def evidence_of(learner: str) -> Evidence:
        if learner in evidence:
            return evidence[learner]
        own = [each for each in graded if each.learner == learner]
        sat = [make_sitting("30")] if learner == "ada" else []
        excused = {"week02-problem-set"} if learner == "cyd" else set()
        return Evidence(own, sat, excused, {each.assignment: handed_in[each.assignment] for each in own})

    return grade_table(course or make_course(), enrolments, evidence_of)


def people(folder: Path, learners: str = "ada ben cyd dee", **changes: str) -> People:
    """The mapping of these learners, in a file."""
    rows = [list(COLUMNS)]
    for number, learner in enumerate(learners.split(), start=1):
        family, given = NAMES.get(learner, ("Doe", learner.title()))
        person = {
            "learner": learner,
            "given_name": given,
            "family_name": family,
            "edx_id": f"{1000 + number}",
            "edx_username": f"{learner}_x",
            "edx_email": f"{learner}@example.org",
            "canvas_id": f"{70 + number}",
            "sis_user_id": f"SIS-{number}",
            "sis_login_id": f"{learner}@login",
            "canvas_section": "Section, A",
            "oneroster_user": f"user-{number}",
            "lti_user": f"sub-{learner}",
        }
        rows.append(texts(*(changes.get(f"{learner}_{column}", person[column]) for column in COLUMNS)))
    path = folder / "mapping.csv"
    path.write_bytes(written(rows))
    return read_people(path)


def put(folder: Path, name: str, data: bytes) -> Path:
    """The bytes in a file."""
    path = folder / name
    path.write_bytes(data)
    return path
