import json
import socket
import subprocess
import sys
import threading
import uuid
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest

from authoring.errors import CoursewrightError
from authoring.program_file import read_program
from release import keys, multibase, verify
from release.credential import (
    AlreadyIssuedError,
    Issuer,
    NotEligibleError,
    identifying_code,
    issue,
    percentage,
    to_bytes,
)
from release.data_integrity import signed
from release.ledger import Ledger
from release.ledger_verify import verify_ledger
from release.verify import Answer
from tests.release.conftest import NOW, D
from tests.release.ledgers import verified

pytestmark = pytest.mark.integration  # slow: it starts processes, signs or draws again and again

PROGRAM = read_program(Path(__file__).parents[2] / "courses" / "programs" / "process-control.toml")
KEY = keys.generate()
ISSUER = Issuer(name="Example Institute", url="https://example.org/")
LATER = NOW + timedelta(days=30)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", KEY) as ledger:
        ledger.append_grade(verified("0.8425"), at=NOW)
        yield ledger


def issued(ledger, *, learner="ada", at=NOW, name="Ada Lovelace", key=KEY, issuer=ISSUER, program=PROGRAM):
    return issue(program, ledger, learner, issuer=issuer, key=key, at=at, name=name)


@pytest.fixture(scope="module")
def adas(tmp_path_factory):
    """What was issued to Ada, once for all tests that only read it, and the leaf of the grade behind it."""
    with Ledger(f"sqlite:///{tmp_path_factory.mktemp('adas') / 'ledger.db'}", KEY) as ledger:
        ledger.append_grade(verified("0.8425"), at=NOW)
        return issued(ledger), ledger.grades_of("ada")[0].leaf


@pytest.fixture
def credential(adas):
    return json.loads(adas[0].credential)


def resigned(credential, key=KEY):
    """The credential signed anew, as its holder cannot but its issuer can."""
    return to_bytes(signed({name: value for name, value in credential.items() if name != "proof"}, key, NOW))


# What it says


def test_it_is_an_achievement_credential_of_open_badges_3(credential):
    assert credential["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert credential["type"] == ["VerifiableCredential", "AchievementCredential"]
    assert credential["issuer"] == {
        "id": KEY.did,
        "type": ["Profile"],
        "name": "Example Institute",
        "url": "https://example.org/",
    }
    assert credential["validFrom"] == credential["awardedDate"] == "2026-06-01T12:00:00Z"
    assert credential["credentialSubject"]["achievement"]["achievementType"] == "Certificate"


def test_its_results_are_texts_that_refer_to_their_descriptions(credential):
    subject = credential["credentialSubject"]
    described = {each["id"]: each for each in subject["achievement"]["resultDescription"]}
    assert [(described[each["resultDescription"]]["name"], each["value"]) for each in subject["result"]] == [
        ("Course grade: Manufacturing Process Control", "84.25"),
        ("Final exam of Manufacturing Process Control", "75"),
    ]
    assert {each["resultType"] for each in described.values()} == {"Percent"}


def test_it_names_the_ledger_entry_that_it_rests_on(credential, adas):
    assert credential["evidence"] == [
        {
            "type": ["Evidence"],
            "name": "Entry 0 of the issuer's ledger of verified grades, run 2026-spring",
            "narrative": f"RFC 6962 leaf hash {adas[1]}",
        }
    ]


def test_the_name_is_there_only_if_the_learner_wants_it_and_is_never_in_the_ledger(ledger, tmp_path):
    with_name = issued(ledger)
    assert b"Ada Lovelace" in with_name.credential
    assert b"Ada Lovelace" not in (tmp_path / "ledger.db").read_bytes()
    ledger.append_grade(verified(learner="bob"), at=NOW)
    nameless = json.loads(issued(ledger, learner="bob", name=None).credential)
    assert [each["identityType"] for each in nameless["credentialSubject"]["identifier"]] == ["systemId"]
    assert "bob" not in json.dumps(nameless)


def test_a_hostile_name_is_only_a_name(ledger):
    name = '</script><img src=x onerror="alert(1)"> \U0001f393 " \\ Ω'
    credential = issued(ledger, name=name).credential
    assert json.loads(credential)["credentialSubject"]["identifier"][0]["identityHash"] == name
    assert verify(credential, at=NOW).ok


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "a\x00b", "x" * 201, "\u202egnp.exe", "\ud800"])
def test_a_name_that_cannot_be_shown_safely_is_refused(ledger, name):
    with pytest.raises(CoursewrightError, match="cannot be shown"):
        issued(ledger, name=name)


@pytest.mark.parametrize(
    ("score", "text"),
    [("0.8425", "84.25"), ("1", "100"), ("0", "0"), ("0.6", "60"), ("0.6666666666", "66.66"), ("0.599999", "59.99")],
)
def test_scores_are_per_cent_and_never_look_better_than_they_are(score, text):
    assert percentage(D(score)) == text


def test_the_identifying_code_is_part_of_the_id():
    assert identifying_code("urn:uuid:01234567-89ab-4def-8123-456789abcdef") == "4DEF-8123-4567-89AB-CDEF"


# Issuing


def test_it_is_issued_only_if_it_is_earned(ledger):
    ledger.append_grade(verified("0.5", learner="bob"), at=NOW)
    with pytest.raises(NotEligibleError, match=r"bob has not earned process-control: .*not passed") as caught:
        issued(ledger, learner="bob")
    assert not caught.value.eligibility.met
    with pytest.raises(NotEligibleError):
        issued(ledger, learner="nobody")
    assert ledger.head().size == 2


def test_asked_again_the_very_same_bytes_come_back(ledger):
    first = issued(ledger)
    ledger.append_grade(verified("0.99", run="2026-autumn"), at=NOW)
    assert issued(ledger, at=LATER) == first
    assert ledger.credential_of("process-control", "ada").index == first.entry == 1


@pytest.mark.parametrize(
    "other", [{"name": "Somebody Else"}, {"name": None}, {"issuer": Issuer(name="X")}, {"key": keys.generate()}]
)
def test_asked_again_for_another_one_is_an_error(ledger, other):
    issued(ledger)
    with pytest.raises(AlreadyIssuedError, match="was issued at 2026-06-01T12:00:00Z"):
        issued(ledger, **other)
    assert ledger.head().size == 2


def test_two_who_issue_at_the_same_time_issue_one(ledger, tmp_path):
    answers = []

    def one():
        with Ledger(f"sqlite:///{tmp_path / 'ledger.db'}", KEY) as own:
            answers.append(issued(own))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert ledger.head().size == 2
    assert verify_ledger(ledger.store, keys=[KEY.did]).ok


def test_the_id_tells_nobody_whose_it_is(ledger):
    assert uuid.UUID(issued(ledger).id).version == 4


# Verifying


def test_a_credential_verifies_without_a_network(adas, monkeypatch):
    def refused(*_):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    made, _ = adas
    answer = verify(made.credential, at=LATER, issuer=KEY.did)
    assert answer.answer is Answer.VERIFIED
    assert (answer.issuer, answer.id) == (KEY.did, made.id)


def test_every_single_changed_value_is_found(credential):
    """Each text in the credential, one after the other, is changed by one letter."""

    def texts(value, path=()):
        if isinstance(value, dict):
            for key, each in value.items():
                yield from texts(each, (*path, key))
        elif isinstance(value, list):
            for index, each in enumerate(value):
                yield from texts(each, (*path, index))
        else:
            yield path, value

    paths = list(texts(credential))
    assert len(paths) > 40
    for path, value in paths:
        other = deepcopy(credential)
        place = other
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = not value if isinstance(value, bool) else value[:-1] + ("1" if value[-1:] != "1" else "2")
        answer = verify(to_bytes(other), at=NOW)
        assert not answer.ok, path


def test_a_changed_score_is_a_changed_credential(credential):
    credential["credentialSubject"]["result"][0]["value"] = "99"
    answer = verify(to_bytes(credential), at=NOW)
    assert (answer.answer, answer.message) == (
        Answer.CHANGED,
        "It is not what was signed: something in it was changed.",
    )


def test_a_removed_or_moved_part_is_a_changed_credential(credential):
    del credential["evidence"]
    assert verify(to_bytes(credential), at=NOW).answer is Answer.CHANGED


def test_a_changed_signature_is_a_changed_credential(credential):
    value = bytearray(multibase.decode(credential["proof"]["proofValue"]))
    value[5] ^= 1
    for proof_value in (multibase.encode(bytes(value)), "z", "", "not multibase", "u" + "A" * 86):
        credential["proof"]["proofValue"] = proof_value
        assert verify(to_bytes(credential), at=NOW).answer is Answer.CHANGED


def test_a_term_that_the_contexts_do_not_define_is_refused(credential):
    credential["honours"] = "summa cum laude"
    answer = verify(to_bytes(credential), at=NOW)
    assert answer.answer is Answer.UNDEFINED_TERM
    assert answer.message == "Not all of it is covered by a signature: honours is not a term of its contexts."
    del credential["honours"]
    credential["proof"]["honours"] = "summa cum laude"
    assert verify(to_bytes(credential), at=NOW).answer is Answer.UNKNOWN_PROOF


def test_another_issuer_is_the_wrong_issuer(credential):
    mallory = keys.generate()
    credential["issuer"]["id"] = mallory.did
    assert verify(to_bytes(credential), at=NOW).answer is Answer.WRONG_ISSUER
    forged = resigned(credential, mallory)
    assert verify(forged, at=NOW).issuer == mallory.did  # anybody can issue in their own name
    answer = verify(forged, at=NOW, issuer=KEY.did)
    assert (answer.answer, answer.message) == (
        Answer.WRONG_ISSUER,
        f"It was issued by {mallory.did}, not by {KEY.did}.",
    )


def test_a_signature_of_somebody_else_in_the_issuers_name_is_refused(credential):
    assert verify(resigned(credential, keys.generate()), at=NOW).answer is Answer.WRONG_ISSUER


def test_validity_is_checked_at_the_given_time(credential):
    early = verify(resigned(credential), at=NOW - timedelta(seconds=1))
    assert early.answer is Answer.NOT_YET_VALID
    credential["validUntil"] = "2026-06-10T00:00:00Z"
    assert verify(resigned(credential), at=NOW).ok
    late = verify(resigned(credential), at=LATER)
    assert (late.answer, late.message) == (Answer.EXPIRED, "It was valid until 2026-06-10T00:00:00+00:00.")
    credential["validUntil"] = "tomorrow"
    assert verify(resigned(credential), at=NOW).answer is Answer.MALFORMED
    with pytest.raises(ValueError, match="offset"):
        verify(b"{}", at=NOW.replace(tzinfo=None))


def test_a_credential_that_may_be_revoked_is_not_called_verified(credential):
    credential["credentialStatus"] = {
        "id": "https://example.org/status#1",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "1",
        "statusListCredential": "https://example.org/status",
    }
    assert verify(resigned(credential), at=NOW).answer is Answer.UNKNOWN_STATUS


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"proof": None}, Answer.UNKNOWN_PROOF),
        ({"proof": []}, Answer.UNKNOWN_PROOF),
        ({"proof": {"type": "Ed25519Signature2020"}}, Answer.UNKNOWN_PROOF),
        ({"proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022"}}, Answer.UNKNOWN_PROOF),
        ({"@context": ["https://www.w3.org/ns/credentials/v2", "https://example.org/x"]}, Answer.UNKNOWN_CONTEXT),
        ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, Answer.MALFORMED),
        ({"issuer": None}, Answer.WRONG_ISSUER),
        ({"issuer": "https://example.org"}, Answer.WRONG_ISSUER),
        ({"type": "VerifiableCredential"}, Answer.MALFORMED),
        ({"credentialSubject": []}, Answer.MALFORMED),
    ],
)
def test_each_other_failure_has_its_own_answer(credential, change, answer):
    given = verify(to_bytes(credential | change), at=NOW)
    assert given.answer is answer
    assert given.message.endswith(".")


@pytest.mark.parametrize(
    "change", [{"proofPurpose": "authentication"}, {"verificationMethod": "did:web:example.org#1"}]
)
def test_other_proofs_are_not_understood(credential, change):
    credential["proof"] |= change
    assert verify(to_bytes(credential), at=NOW).answer in (Answer.UNKNOWN_PROOF, Answer.WRONG_ISSUER)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"[]", b"{", b"1", b'{"a": NaN}', b"[" * 200_000, b'{"id": 1, "id": 2}', b" " * (1 << 20) + b"{}"],
)
def test_what_is_not_a_credential_at_all_is_malformed(data):
    assert verify(data, at=NOW).answer is Answer.MALFORMED


def test_a_key_given_twice_is_refused_for_readers_would_differ(adas):
    text = adas[0].credential.decode().replace('"value": "84.25"', '"value": "99", "value": "84.25"')
    assert "a key occurs twice" in verify(text.encode(), at=NOW).message


def test_checking_a_credential_needs_no_jupyter_and_nothing_heavy():
    code = (
        "import sys, datetime, release.verify; from release.verify import Answer\n"
        "release.verify(b'{}', at=datetime.datetime.now(datetime.UTC))\n"
        "heavy = {'IPython', 'jupyter_core', 'nbformat', 'nbgrader', 'numpy', 'pandas', 'scipy', 'sqlalchemy'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
