"""A summary of work as a signed record (1EdTech, *Comprehensive Learner Record Standard 2.0*, ClrCredential).

Each attempt is a signed achievement credential of its own, in the form in which credentials are issued, and the record
around them is signed too. It says of itself that it is partial: it holds what the learner chose.
"""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from release.credential import Issuer, percentage, to_bytes
from release.credentials.did import method_of
from release.data_integrity import signed, xsd_time
from release.pinned import CLR_2, CREDENTIALS_V2, OPEN_BADGES_3
from release.rounding import decimal, per_cent
from release.summary.work import ShownAttempt, ShownExam, Summary

if TYPE_CHECKING:
    from release.keys import SigningKey

TITLE = "Summary of work"
_STATUS = {True: "Completed", False: "Failed"}


def record(
    summary: Summary, *, issuer: Issuer, key: "SigningKey", at: datetime, id_: uuid.UUID, name: str | None = None
) -> bytes:
    """The signed record, as JSON.

    Args:
        summary: what it says.
        issuer: who says so.
        key: signs it.
        at: now.
        id_: a new random one for each record, so that two records of a learner cannot be joined by it.
        name: the learner's name, if the learner wants it there (see :func:`release.credential.checked_name`).
    """
    did = issuer.did(key)
    method = method_of(did, key.did)
    profile = {"id": did, "type": ["Profile"], "name": issuer.name} | ({"url": issuer.url} if issuer.url else {})
    parts = [_credential(each, summary.subject, profile, at, id_) for each in summary.attempts]
    document = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_3, CLR_2],
        "id": id_.urn,
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": TITLE,
        "description": "What the learner chose to show of the verified work that the issuer has on record.",
        "partial": True,
        "issuer": profile,
        "validFrom": xsd_time(at),
        "awardedDate": xsd_time(at),
        "credentialSubject": {
            "type": ["ClrSubject"],
            "identifier": list(_identifiers(summary.subject, name)),
            "verifiableCredential": [signed(part, key, at, method=method) for part in parts],
        },
    }
    return to_bytes(signed(document, key, at, method=method))


def _identifiers(subject: str, name: str | None) -> Iterator[dict[str, Any]]:
    if name is not None:
        yield {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name"}
    yield {"type": "IdentityObject", "hashed": False, "identityHash": subject, "identityType": "systemId"}


def _credential(
    attempt: ShownAttempt, subject: str, profile: dict[str, Any], at: datetime, record_id: uuid.UUID
) -> dict[str, Any]:
    achievement = uuid.uuid5(uuid.NAMESPACE_URL, f"{profile['id']}#course/{attempt.course}/{attempt.run}").urn
    title = f"{attempt.title} ({attempt.run})"
    described, results = zip(*_results(attempt, achievement), strict=True)
    return {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_3],
        "id": uuid.uuid5(record_id, f"{attempt.course}/{attempt.run}").urn,
        "type": ["VerifiableCredential", "AchievementCredential"],
        "name": title,
        "issuer": profile,
        "validFrom": xsd_time(at),
        "awardedDate": _midnight(attempt.ended),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "activityEndDate": _midnight(attempt.ended),
            "term": attempt.run,
            "identifier": [_hashed(subject, record_id, attempt)],
            "achievement": {
                "id": achievement,
                "type": ["Achievement"],
                "name": title,
                "description": f"One run of the course {attempt.title}, which ended on {attempt.ended.isoformat()}.",
                "achievementType": "Course",
                "criteria": {"narrative": f"{title}: passed with {per_cent(attempt.pass_mark)} or more."},
                "resultDescription": list(described),
            },
            "result": list(results),
        },
        "evidence": [
            {
                "type": ["Evidence"],
                "name": f"Entry {attempt.entry} of the issuer's ledger of verified grades, run {attempt.run}",
                "narrative": f"RFC 6962 leaf hash {attempt.leaf}",
            }
        ],
    }


def _hashed(subject: str, record_id: uuid.UUID, attempt: ShownAttempt) -> dict[str, Any]:
    """The learner again, salted: two parts of a record then differ in it, as each statement has to be its own."""
    salt = uuid.uuid5(record_id, f"salt/{attempt.course}/{attempt.run}").hex
    digest = hashlib.sha256((subject + salt).encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${digest}",
        "identityType": "systemId",
        "salt": salt,
    }


def _results(attempt: ShownAttempt, achievement: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """For the course grade and each exam attempt, what the result is and the result."""
    value = None if attempt.grade is None else percentage(attempt.grade)
    yield _result(achievement, f"Course grade: {attempt.title} ({attempt.run})", value, attempt.passed)
    for exam in attempt.exams:
        yield _result(achievement, exam_title(exam), _exam_value(exam), exam.passed)


def exam_title(exam: ShownExam) -> str:
    """The exam attempt in words."""
    number = "" if exam.attempt is None else f", attempt {exam.attempt}"
    return f"{exam.title}{number}, taken on {exam.taken_on.isoformat()}"


def _exam_value(exam: ShownExam) -> str | None:
    if exam.score is None or exam.max_score is None:
        return None
    return percentage(decimal(Fraction(exam.score) / Fraction(exam.max_score)))


def _result(achievement: str, title: str, value: str | None, passed: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    described: dict[str, Any] = {
        "id": uuid.uuid5(uuid.NAMESPACE_URL, f"{achievement}#{title}").urn,
        "type": ["ResultDescription"],
        "name": title,
        "resultType": "Status" if value is None else "Percent",
    }
    result: dict[str, Any] = {"type": ["Result"], "resultDescription": described["id"], "status": _STATUS[passed]}
    if value is not None:
        described |= {"valueMin": "0", "valueMax": "100"}
        result["value"] = value
    return described, result


def _midnight(day: date) -> str:
    return xsd_time(datetime.combine(day, time(), UTC))
