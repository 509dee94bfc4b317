"""A summary of work as PDF, with the signed record attached to it."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from release.credentials.answer import Answer
from release.rounding import per_cent, points
from release.summary.record import TITLE, exam_title
from release.summary.work import ShownAttempt, Summary, SummaryError
from release.typesetting import breakable, day, direction, qr_code, typeset

_NOT_SHOWN = "not shown"
_ATTACHMENT = "summary-of-work.json"


def document(summary: Summary, record: bytes, *, at: datetime, address: str = "", fonts: Sequence[Path] = ()) -> bytes:
    """The PDF.

    Args:
        summary: what it says.
        record: the same as a signed record (:func:`release.summary.record.record`); it has to verify.
        at: now.
        address: the link (https) under which the reader can fetch it anew, which is then what the QR code leads to;
            without it the QR code holds the record's id.
        fonts: folders with fonts for a name in a script that the document's own fonts lack.

    Raises:
        SummaryError: the record does not verify, or the address is not one.
        TypesettingError: no font has a letter of the name.
    """
    from release.verify import verify

    signed: dict[str, Any] = json.loads(record)
    found = verify(record, at=at)
    if found.answer not in (Answer.VERIFIED, Answer.UNKNOWN_ISSUER):
        raise SummaryError(f"no document is made of a record that is not in order: {found.message}")
    if address and not address.startswith("https://"):
        raise SummaryError(f"{address[:80]}: the address of a summary has to begin with https://.")
    names = [
        each["identityHash"] for each in signed["credentialSubject"]["identifier"] if each["identityType"] == "name"
    ]
    name = names[0] if names else ""
    facts = {
        "title": TITLE,
        "issuer": signed["issuer"]["name"],
        "key": signed["issuer"]["id"],
        "id": signed["id"],
        "name": name,
        "shown": breakable(name),
        "direction": direction(name),
        "as_of": day(datetime.fromisoformat(signed["validFrom"])),
        "address": address,
        "leads_to": address or signed["id"],
        "attempts": [_attempt(each) for each in summary.attempts],
        "attachment": _ATTACHMENT,
        "record": record.decode(),
    }
    made_at = datetime.fromisoformat(signed["validFrom"])
    code = qr_code(address or signed["id"])
    return typeset("summary.typ", facts, at=made_at, pictures={"code": code}, fonts=fonts)


def _attempt(attempt: ShownAttempt) -> dict[str, Any]:
    return {
        "title": attempt.title,
        "run": f"Run {attempt.run}, which ended on {attempt.ended.isoformat()}; "
        f"pass mark {per_cent(attempt.pass_mark)}",
        "rows": list(_rows(attempt)),
        "rests_on": f"Entry {attempt.entry} of the ledger, leaf hash {attempt.leaf}",
    }


def _rows(attempt: ShownAttempt) -> Iterator[tuple[str, str, str]]:
    yield "Course grade", _result(attempt.passed), _NOT_SHOWN if attempt.grade is None else per_cent(attempt.grade)
    for exam in attempt.exams:
        score = _NOT_SHOWN
        if exam.score is not None and exam.max_score is not None:
            earned, full = Fraction(exam.score), Fraction(exam.max_score)
            score = f"{points(earned)} of {points(full)} points, {per_cent(earned / full)}"
        yield f"{exam_title(exam)}, verified by the proctor", _result(exam.passed), score


def _result(passed: bool) -> str:
    return "passed" if passed else "not passed"
