"""A verified grade becomes a ledger entry in which no person is named, under the learner's salt."""

import hashlib
import hmac
import uuid
from datetime import UTC, datetime

import msgspec

from release.enrolment import Track
from release.entry import ExamEntry, GradeEntry, commitment, subject
from release.verified_grade import VerifiedExam, VerifiedGrade


def grade_entry(grade: VerifiedGrade, salt: bytes, at: datetime) -> GradeEntry:
    """The entry of a grade."""
    return GradeEntry(
        subject=subject(salt, grade.learner),
        course=grade.course,
        run=grade.run,
        track=Track.VERIFIED.value,
        grade=grade.grade,
        passed=grade.passed,
        pass_mark=grade.pass_mark,
        earned_on=grade.earned_on,
        verification=commitment(salt, "verification", grade.verification),
        exams=tuple(_exam_entry(exam, salt) for exam in grade.exams),
        records=tuple(sorted(commitment(salt, "record", record) for record in grade.records)),
        at=at,
    )


def same_grade(one: GradeEntry | None, other: GradeEntry | None) -> bool:
    """Whether two entries say the same but for when they were written."""
    if one is None or other is None:
        return one is other
    return msgspec.structs.replace(one, at=other.at) == other


def credential_id(salt: bytes, program: str) -> str:
    """The id of the learner's credential: the same however often it is made, and telling nobody whose it is."""
    digest = hmac.digest(salt, f"credential:{program}".encode(), "sha256")
    return uuid.UUID(bytes=digest[:16], version=4).urn


def credential_digest(salt: bytes, credential: bytes) -> str:
    """The commitment to a signed credential."""
    return commitment(salt, "credential", hashlib.sha256(credential).hexdigest())


def _exam_entry(exam: VerifiedExam, salt: bytes) -> ExamEntry:
    return ExamEntry(
        exam=exam.exam,
        attempt=exam.attempt,
        score=exam.score,
        max_score=exam.max_score,
        taken_at=exam.taken_at.astimezone(UTC),
        verified_at=exam.verified_at.astimezone(UTC),
        sitting=commitment(salt, "sitting", exam.sitting),
    )
