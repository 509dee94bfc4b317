"""A summary of work as a signed record and as PDF, judged by verifiers that we did not write, too."""

import hashlib
import io
import json
import uuid
from copy import deepcopy

import pypdf
import pytest
from cryptography.hazmat.primitives import serialization
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3 import OB3LdpVerifier, bundled_clr_contexts
from openbadgeslib.ob3.ldp import verify_data_integrity_proof

from release import keys, pinned
from release.credential import Issuer, to_bytes, token_of
from release.data_integrity import signed
from release.eligibility import GradesInHand
from release.summary.document import document
from release.summary.record import record
from release.summary.work import Choice, SummaryError, summary
from release.verify import Answer, verify
from tests.release.conftest import NOW
from tests.release.summary.conftest import GRADES, SUBJECT, recorded

pytestmark = pytest.mark.integration  # slow: it signs and typesets

KEY = keys.generate()
ISSUER = Issuer(name="Example Institute", url="https://example.org/")
ID = uuid.UUID("6f1f0d5a-5f0e-4c62-8f8e-1f1d2a3b4c5d")
PEM = KEY.private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
CHOICES = [Choice(course="mpc", scores=True, exams=True, failed=True), Choice(course="systems", exams=True)]


@pytest.fixture(scope="module")
def shown():
    return summary(GradesInHand(GRADES), "ada", CHOICES, {"mpc": "Process Control"})


@pytest.fixture(scope="module")
def made(shown) -> bytes:
    return record(shown, issuer=ISSUER, key=KEY, at=NOW, id_=ID, name="Ada Lovelace")


def parts(made: bytes) -> list[dict]:
    return json.loads(made)["credentialSubject"]["verifiableCredential"]


def test_it_is_a_partial_learner_record_that_verifies(made):
    document = json.loads(made)
    assert document["@context"] == [pinned.CREDENTIALS_V2, pinned.OPEN_BADGES_3, pinned.CLR_2]
    assert document["type"] == ["VerifiableCredential", "ClrCredential"]
    assert document["partial"] is True
    assert document["credentialSubject"]["type"] == ["ClrSubject"]
    assert verify(made, at=NOW, issuer=KEY.did).ok


def test_each_attempt_is_a_credential_that_verifies_by_itself(made):
    assert [each["credentialSubject"]["achievement"]["name"] for each in parts(made)] == [
        "Process Control (2025-spring)",
        "systems (2026-spring)",
        "Process Control (2026-spring)",
    ]
    assert all(verify(to_bytes(each), at=NOW, issuer=KEY.did).ok for each in parts(made))


def test_it_is_signed_as_a_token_too(made):
    assert verify(token_of(made, KEY).encode(), at=NOW, issuer=KEY.did).ok


def test_scores_stand_where_they_were_chosen_and_otherwise_the_outcome_alone(made):
    results = [
        [(result["status"], result.get("value")) for result in each["credentialSubject"]["result"]]
        for each in parts(made)
    ]
    assert results == [
        [("Failed", "43.21")],
        [("Completed", None), ("Completed", None)],
        [("Completed", "84.25"), ("Failed", "27.5"), ("Completed", "78.75")],
    ]
    kinds = [
        [each["resultType"] for each in part["credentialSubject"]["achievement"]["resultDescription"]]
        for part in parts(made)
    ]
    assert kinds == [["Percent"], ["Status", "Status"], ["Percent"] * 3]


def test_the_parts_are_of_the_learner_of_the_whole(made):
    for part in parts(made):
        [who] = part["credentialSubject"]["identifier"]
        assert who["identityHash"] == "sha256$" + hashlib.sha256((SUBJECT + who["salt"]).encode()).hexdigest()


def test_openbadgeslib_verifies_the_whole_and_its_parts(made):
    verify_data_integrity_proof(json.loads(made), PEM, extra_contexts=bundled_clr_contexts())
    assert [OB3LdpVerifier(PEM).verify(to_bytes(each)).id for each in parts(made)] == [
        each["id"] for each in parts(made)
    ]
    changed = json.loads(made)
    changed["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["result"][0]["value"] = "93.21"
    with pytest.raises(LibOpenBadgesException):
        verify_data_integrity_proof(changed, PEM, extra_contexts=bundled_clr_contexts())


def texts(value, path=()):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from texts(each, (*path, index))
    else:
        yield path


def test_no_part_of_it_can_be_changed_unseen(made):
    original = json.loads(made)
    places = [path for path in texts(original) if "@context" not in path and path[0] != "proof"]
    for path in places[:: max(1, len(places) // 12)]:
        changed = deepcopy(original)
        target = changed
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = (not target[path[-1]]) if isinstance(target[path[-1]], bool) else f"{target[path[-1]]}x"
        assert not verify(to_bytes(changed), at=NOW).ok, path


def resigned(change) -> Answer:
    """What is answered to a record that its own issuer signs after the change."""
    changed = json.loads(
        record(summary(GradesInHand(GRADES), "ada", CHOICES[1:]), issuer=ISSUER, key=KEY, at=NOW, id_=ID)
    )
    good = {key: value for key, value in changed.items() if key != "proof"}
    proof = changed["proof"]
    change(good["credentialSubject"]["verifiableCredential"][0])
    return verify(to_bytes({**good, "proof": proof}), at=NOW).answer


def test_a_part_cannot_bring_contexts_of_its_own():
    foreign, own, other_order = ["https://example.org/c"], [{"name": "https://example.org/x"}], None
    assert resigned(lambda part: part.update({"@context": foreign})) is Answer.UNDEFINED_TERM
    assert resigned(lambda part: part.update({"@context": own})) is Answer.UNDEFINED_TERM
    assert resigned(lambda part: part.update({"@context": other_order})) is Answer.UNDEFINED_TERM
    reversed_order = [pinned.OPEN_BADGES_3, pinned.CREDENTIALS_V2]
    assert resigned(lambda part: part.update({"@context": reversed_order})) is Answer.UNDEFINED_TERM


def test_contexts_that_a_part_need_not_repeat_change_nothing_of_what_it_says():
    assert resigned(lambda part: part.update({"@context": [pinned.CREDENTIALS_V2]})) is Answer.VERIFIED
    assert resigned(lambda part: part.pop("@context")) is Answer.VERIFIED


def test_a_part_cannot_say_what_no_signature_covers():
    assert resigned(lambda part: part.update({"unheardOf": "x"})) is Answer.UNDEFINED_TERM
    assert resigned(lambda part: part["credentialSubject"].update({"unheardOf": "x"})) is Answer.UNDEFINED_TERM
    assert resigned(lambda part: part["credentialSubject"].update({"@context": [pinned.CREDENTIALS_V2]})) is (
        Answer.UNDEFINED_TERM
    )


def test_a_record_that_holds_texts_where_objects_belong_cannot_even_be_signed(shown):
    document = json.loads(record(shown, issuer=ISSUER, key=KEY, at=NOW, id_=ID))
    document["credentialSubject"]["identifier"] = ["ada"]
    with pytest.raises(Exception, match="identifier"):
        signed({key: value for key, value in document.items() if key != "proof"}, KEY, NOW)


def test_two_records_of_a_learner_share_no_identifier_but_the_ledgers_own(shown):
    one, two = (json.loads(record(shown, issuer=ISSUER, key=KEY, at=NOW, id_=each)) for each in (ID, uuid.UUID(int=7)))
    assert one["id"] != two["id"]
    [first, second] = [
        {
            (part["id"], part["credentialSubject"]["identifier"][0]["identityHash"])
            for part in each["credentialSubject"]["verifiableCredential"]
        }
        for each in (one, two)
    ]
    assert not first & second


def test_eight_courses_with_their_finals_fit_the_rules_of_canonicalisation():
    grades = tuple(
        recorded(index, f"course-{index}", "2026-spring", "0.8", exams=GRADES[1].grade.exams) for index in range(12)
    )
    choices = [Choice(course=f"course-{index}", scores=True, exams=True, failed=True) for index in range(12)]
    made = record(summary(GradesInHand(grades), "ada", choices), issuer=ISSUER, key=KEY, at=NOW, id_=ID)
    assert verify(made, at=NOW).ok


# As PDF


def opened(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def test_the_pdf_says_the_same_and_carries_the_record(shown, made):
    pdf = document(shown, made, at=NOW, address="https://example.org/s/token")
    reader = opened(pdf)
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for said in (
        "Summary of work",
        "Ada Lovelace",
        "Example Institute",
        "Process Control",
        "84.25 %",
        "11 of 40 points, 27.5 %",
        "31.5 of 40 points, 78.75 %",
        "not passed",
        "not shown",
        "the learner chose to show",
        "https://example.org/s/token",
        "1 June 2026",
    ):
        assert said in text
    assert reader.attachments == {"summary-of-work.json": [made]}
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert document(shown, made, at=NOW.replace(year=2030), address="https://example.org/s/token") == pdf


def test_the_pdf_says_nothing_that_was_not_chosen():
    only = summary(GradesInHand(GRADES), "ada", [Choice(course="mpc", exams=True)])
    made = record(only, issuer=ISSUER, key=KEY, at=NOW, id_=ID)
    text = opened(document(only, made, at=NOW)).pages[0].extract_text() + made.decode()
    for hidden in ("84.25", "43.21", "2025-spring", "31.5", "78.75", "attempt 2", "2026-04-20", "Ada", "Failed"):
        assert hidden not in text


def test_no_pdf_is_made_of_a_record_that_is_not_in_order(shown, made):
    with pytest.raises(SummaryError, match="not in order"):
        document(shown, made.replace(b"84.25", b"94.25"), at=NOW)
    with pytest.raises(SummaryError, match="https"):
        document(shown, made, at=NOW, address="javascript:alert(1)")
