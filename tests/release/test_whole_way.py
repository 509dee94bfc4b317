"""From records and sittings to a credential that verifies, through every stage."""

import json
from pathlib import Path

from authoring.program_file import read_program
from exam_bank.sittings.result import SittingState
from release import evaluate, keys, verify
from release.credential import Issuer, issue
from release.enrolment import parse_enrolments
from release.ledger import Ledger
from release.ledger_verify import verify_ledger
from release.page import page
from release.verified_grade import NotVerifiedError, verified_grade
from tests.release.conftest import NOW, make_course, make_record, make_sitting

PROGRAM = read_program(Path(__file__).parents[2] / "courses" / "programs" / "process-control.toml")

ENROLMENTS = """learner,track,verified_at,verification,email,refunded_at
ada,verified,2026-03-10T00:00:00Z,idv:1,ada@example.org,
ben,verified,2026-03-10T00:00:00Z,idv:2,ben@example.org,
cyd,audit,,,cyd@example.org,
dee,verified,2026-04-10T00:00:00Z,idv:4,dee@example.org,
eli,verified,2026-03-10T00:00:00Z,idv:5,eli@example.org,
"""


def test_of_five_learners_with_the_same_homework_one_earns_the_credential(tmp_path):
    course, key = make_course(), keys.generate()
    enrolments = parse_enrolments(ENROLMENTS, file="enrolments.csv")
    records = [
        make_record(assignment, score, learner=each.learner)
        for each in enrolments
        for assignment, score in (("week01-problem-set", 9.0), ("week02-problem-set", 8.0))
    ]
    sittings = [make_sitting("30", learner=name) for name in ("ada", "cyd", "dee")]
    sittings += [make_sitting("20", learner="ben"), make_sitting("40", SittingState.IN_REVIEW, learner="eli")]
    why_not = {}
    with Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", key) as ledger:
        for each in enrolments:
            try:
                ledger.append_grade(verified_grade(course, each, records, sittings), at=NOW)
            except NotVerifiedError as error:
                why_not[each.learner] = error.reason
        ledger.freeze(course.id, course.run, actor="registrar", at=NOW)
        met = {each.learner: evaluate(PROGRAM, ledger, each.learner) for each in enrolments}
        credential = issue(PROGRAM, ledger, "ada", issuer=Issuer(name="Institute"), key=key, at=NOW, name="Ada")
        assert verify_ledger(ledger.store, keys=[key.did]).ok
    assert [learner for learner, answer in met.items() if answer.met] == ["ada"]
    assert why_not == {
        "cyd": "on the audit track, which never counts towards a credential",
        "dee": "verified at 2026-04-10 00:00:00 UTC, after the deadline of 2026-03-31 03:59:00 UTC",
        "eli": "the grade is pending (final-exam: attempt 1 is not decided by the proctor yet (in review))",
    }
    assert met["ben"].missing[1].startswith("Final exam of Manufacturing Process Control: not passed: 50 %")
    assert verify(credential.credential, at=NOW, issuer=key.did).ok
    shown = json.loads(credential.credential)["credentialSubject"]["result"]
    assert [result["value"] for result in shown] == ["81", "75"]  # 0.6 * 0.85 + 0.4 * 0.75
    assert "81 %" in page(credential.credential, at=NOW)
