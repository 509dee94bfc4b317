"""Verification of both forms and of badges: each reason not to rely on a credential has its own answer."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from release import keys
from release.credential import to_bytes, token_of
from release.credentials import bits
from release.credentials.badge import badge
from release.credentials.did import PublishedKey, document_of, method_of
from release.credentials.proofs import read
from release.credentials.status import Purpose, status_list
from release.credentials.token import signed_token
from release.data_integrity import signed, signed_bytes
from release.verify import Answer, verify
from tests.release.conftest import NOW
from tests.release.credentials.conftest import BASE, DID, DOCUMENT, KEY, LATER

pytestmark = pytest.mark.integration  # signs, canonicalises and draws again and again

METHOD = method_of(DID, KEY.did)
MALLORY = keys.generate()
HOME = "https://example.org/credentials"


def answer(credential, lists, *, at=LATER, documents=(DOCUMENT,), issuer=None) -> Answer:
    found = verify(credential, at=at, documents=documents, lists=lists, issuer=issuer)
    assert found.message.endswith((".", "was not given."))
    assert found.ok == (found.answer is Answer.VERIFIED)
    return found.answer


def plain(adas) -> dict:
    document = json.loads(adas.json)
    del document["proof"]
    return document


def both(document, *, key=KEY, method=METHOD, at=NOW) -> list[bytes]:
    """The document signed anew in both forms, as its issuer can."""
    return [
        to_bytes(signed(document, key, at, method=method)),
        signed_token(document, key, at, method=method).encode(),
    ]


def listed(purpose, places, *, at=LATER, key=KEY, issuer=DID, number=1, **more) -> bytes:
    document = status_list(issuer, f"{BASE}/{purpose}-{number}.json", purpose, places, at=at)
    document["credentialSubject"] |= more
    return to_bytes(signed(document, key, at, method=method_of(issuer, key.did)))


# Both forms of one credential


def test_both_forms_and_both_badges_verify_and_say_the_same(adas):
    forms = [adas.json, adas.jwt]
    forms += [badge(read(each), each, form) for each in (adas.json, adas.jwt) for form in ("png", "svg")]
    for each in forms:
        found = verify(each, at=LATER, issuer=DID, documents=[DOCUMENT], lists=adas.lists)
        assert (found.answer, found.issuer, found.id) == (Answer.VERIFIED, DID, adas.id)
    assert read(adas.json).document == read(adas.jwt).document


def test_the_lists_may_be_tokens_too(adas):
    lists = [token_of(each, KEY).encode() for each in adas.lists]
    assert answer(adas.json, lists) is Answer.VERIFIED
    assert answer(adas.jwt, lists) is Answer.VERIFIED


def test_a_changed_byte_of_a_token_is_never_verified(adas):
    for at in range(0, len(adas.jwt), 97):
        other = bytearray(adas.jwt)
        other[at] = ord("B") if other[at] != ord("B") else ord("C")
        assert answer(bytes(other), adas.lists) is not Answer.VERIFIED, at


def test_a_changed_payload_is_a_changed_token(adas):
    other = plain(adas)
    other["credentialSubject"]["result"][0]["value"] = "99"
    head, _, signature = adas.jwt.split(b".")
    body = both(other)[1].split(b".")[1]
    assert answer(b".".join([head, body, signature]), adas.lists) is Answer.CHANGED


def test_an_undefined_term_is_refused_in_both_forms_even_if_it_is_signed(adas):
    head, _, signature = adas.jwt.split(b".")
    body = signed_token(plain(adas) | {"honours": "x"}, KEY, NOW, method=METHOD).encode().split(b".")[1]
    assert answer(b".".join([head, body, signature]), adas.lists) is Answer.UNDEFINED_TERM
    token = signed_token(plain(adas) | {"honours": "summa"}, KEY, NOW, method=METHOD).encode()
    assert answer(token, adas.lists) is Answer.UNDEFINED_TERM
    assert answer(to_bytes(json.loads(adas.json) | {"honours": "summa"}), adas.lists) is Answer.UNDEFINED_TERM


def test_times_are_checked_in_both_forms(adas):
    document = plain(adas) | {"validUntil": "2026-06-02T00:00:00Z"}
    for each in both(document):
        assert answer(each, adas.lists) is Answer.EXPIRED
        assert answer(each, adas.lists, at=NOW - timedelta(seconds=1)) is Answer.NOT_YET_VALID


def test_a_token_that_ended_is_expired(adas):
    import jwt

    claims = plain(adas) | {"exp": int(NOW.timestamp()) + 60}
    made = jwt.encode(claims, KEY.private, algorithm="EdDSA", headers={"typ": "vc+jwt", "kid": METHOD}).encode()
    assert answer(made, adas.lists) is Answer.EXPIRED


def test_a_token_with_a_proof_in_it_is_not_understood(adas):
    token = signed_token(json.loads(adas.json), KEY, NOW, method=METHOD).encode()
    assert answer(token, adas.lists) is Answer.UNKNOWN_PROOF


# Whose it is


def test_an_issuer_on_the_web_is_unknown_until_its_document_is_given(adas):
    found = verify(adas.json, at=LATER, lists=adas.lists)
    assert (found.answer, found.message) == (
        Answer.UNKNOWN_ISSUER,
        f"Its issuer {DID} publishes its keys at {HOME}/did.json, and that document was not given.",
    )


def test_another_issuer_is_the_wrong_issuer_in_both_forms(adas):
    for each in (adas.json, adas.jwt):
        assert answer(each, adas.lists, issuer="did:web:other.example") is Answer.WRONG_ISSUER
    for each in both(plain(adas), key=MALLORY, method=method_of(DID, MALLORY.did)):
        assert answer(each, adas.lists) is Answer.WRONG_ISSUER
    for each in both(plain(adas), key=MALLORY, method=method_of(MALLORY.did, MALLORY.did)):
        assert answer(each, adas.lists) is Answer.WRONG_ISSUER
    for each in both(plain(adas), key=MALLORY):  # says that it was the issuer's key
        assert answer(each, adas.lists) is Answer.CHANGED


# Keys over time


def documents_with(**ends) -> list[dict]:
    return [document_of(DID, [PublishedKey(did=KEY.did, **ends)])]


def test_a_retired_key_vouches_for_what_it_signed_before_and_for_nothing_later(adas):
    lists = [listed(purpose, [], at=NOW) for purpose in Purpose]
    until = documents_with(ends=NOW + timedelta(seconds=1))
    for each in (adas.json, adas.jwt):
        assert answer(each, lists, documents=until) is Answer.VERIFIED
        assert answer(each, lists, documents=documents_with(ends=NOW)) is Answer.RETIRED_KEY


def test_a_compromised_key_makes_its_later_signatures_worthless(adas):
    lists = [listed(purpose, [], at=NOW) for purpose in Purpose]
    since = documents_with(ends=NOW + timedelta(seconds=1), compromised=True)
    later = [to_bytes(signed(plain(adas), KEY, LATER, method=METHOD)), both(plain(adas), at=LATER)[1]]
    for each in (adas.json, adas.jwt):
        assert answer(each, lists, documents=since) is Answer.VERIFIED
    for each in later:
        assert answer(each, lists, documents=since) is Answer.COMPROMISED_KEY


def test_a_signature_without_a_time_by_a_key_that_ended_is_not_believed(adas):
    import jwt

    made = jwt.encode(plain(adas), KEY.private, algorithm="EdDSA", headers={"typ": "vc+jwt", "kid": METHOD}).encode()
    assert answer(made, adas.lists, documents=documents_with(ends=LATER)) is Answer.RETIRED_KEY


def test_a_new_key_signs_lists_for_what_an_old_one_issued(adas):
    new = keys.generate()
    ring = [document_of(DID, [PublishedKey(did=KEY.did, ends=NOW + timedelta(days=1)), PublishedKey(did=new.did)])]
    lists = [listed(purpose, [], key=new) for purpose in Purpose]
    assert answer(adas.json, lists, documents=ring) is Answer.VERIFIED


def test_a_document_may_end_a_did_key_too(adas):
    document = plain(adas) | {"issuer": plain(adas)["issuer"] | {"id": KEY.did}}
    del document["credentialStatus"]
    for each in both(document, method=method_of(KEY.did, KEY.did)):
        assert answer(each, [], documents=()) is Answer.VERIFIED
        ended = document_of(KEY.did, [PublishedKey(did=KEY.did, ends=NOW, compromised=True)])
        assert answer(each, [], documents=[ended]) is Answer.COMPROMISED_KEY


# Revocation and suspension


def test_revoked_and_suspended_have_their_own_answers(adas):
    place = adas.entry.status.place
    none, here = [listed(purpose, []) for purpose in Purpose], [listed(purpose, [place]) for purpose in Purpose]
    for each in (adas.json, adas.jwt):
        assert answer(each, none) is Answer.VERIFIED
        assert answer(each, [here[0], none[1]]) is Answer.REVOKED
        assert answer(each, [none[0], here[1]]) is Answer.SUSPENDED
        assert answer(each, here) is Answer.REVOKED
        assert answer(each, [here[0]]) is Answer.REVOKED  # the other list cannot make it better


def test_the_bits_of_all_others_mean_nothing(adas):
    place = adas.entry.status.place
    others = set(range(bits.SIZE)) - {place}
    assert answer(adas.json, [listed(purpose, others) for purpose in Purpose]) is Answer.VERIFIED


def test_a_missing_list_is_an_unknown_status_that_says_where_it_is(adas):
    for lists in ([], adas.lists[:1], [b"{}"], [b""], [b"\xff\x00"], [adas.json]):
        assert answer(adas.json, lists) is Answer.UNKNOWN_STATUS
    assert (
        f"{BASE}/revocation-1.json, and that list was not given"
        in verify(adas.json, at=LATER, documents=[DOCUMENT]).message
    )


def test_a_list_of_another_issuer_is_refused_even_if_its_signature_is_sound(adas):
    foreign = [listed(purpose, [], key=MALLORY, issuer=MALLORY.did) for purpose in Purpose]
    assert answer(adas.json, foreign) is Answer.FOREIGN_STATUS
    assert answer(adas.json, [adas.lists[0], foreign[1]]) is Answer.FOREIGN_STATUS


@pytest.mark.parametrize(
    ("what", "lists"),
    [
        ("forged by another's key", lambda: [listed(p, [], key=MALLORY) for p in Purpose]),
        ("out of date", lambda: [listed(p, [], at=LATER - timedelta(days=31)) for p in Purpose]),
        ("from the future", lambda: [listed(p, [], at=LATER + timedelta(days=1)) for p in Purpose]),
        ("about something else", lambda: [listed(p, [], statusPurpose="refresh") for p in Purpose]),
        ("too short", lambda: [listed(p, [], encodedList="uH4sIAAAAAAAAAwMAAAAAAAAAAAA") for p in Purpose]),
        ("given twice", lambda: [listed(p, []) for p in (*Purpose, *Purpose)]),
    ],
)
def test_a_list_that_is_not_to_be_believed_decides_nothing(adas, what, lists):
    assert answer(adas.json, lists()) is Answer.BAD_STATUS, what


def test_a_changed_list_is_not_to_be_believed(adas):
    changed = json.loads(adas.lists[0])
    changed["credentialSubject"]["encodedList"] = bits.encoded([1])
    assert answer(adas.json, [to_bytes(changed), adas.lists[1]]) is Answer.BAD_STATUS


def test_something_else_of_the_issuer_is_no_list(adas):
    other = plain(adas) | {"id": f"{BASE}/revocation-1.json"}
    assert answer(adas.json, [both(other)[0], adas.lists[1]]) is Answer.BAD_STATUS


@pytest.mark.parametrize(
    "change",
    [
        {"type": "StatusList2021Entry"},
        {"statusPurpose": "message"},
        {"statusListIndex": "-1"},
        {"statusListIndex": "0x1"},
        {"statusListIndex": "\u0661"},
        {"statusListIndex": "9" * 9},
        {"statusSize": 2},
    ],
)
def test_a_status_that_is_not_understood_is_unknown(adas, change):
    document = plain(adas)
    document["credentialStatus"] = document["credentialStatus"][0] | change
    token = signed_token(document, KEY, NOW, method=METHOD).encode()
    expected = Answer.UNDEFINED_TERM if "type" in change else Answer.UNKNOWN_STATUS
    assert answer(token, adas.lists) is expected


def test_a_place_behind_the_end_of_the_list_is_not_in_force(adas):
    document = deepcopy(plain(adas))
    document["credentialStatus"] = document["credentialStatus"][0] | {"statusListIndex": "131072"}
    assert answer(both(document)[0], adas.lists) is Answer.BAD_STATUS


# Published vectors


def test_1edtechs_published_signature_is_reproduced_and_verifies():
    """Implementation Guide of Open Badges 3.0, "Linked Data Proof Test Vector for Open Badges 3.0"."""
    issuer, multikey = "https://example.edu/issuers/565049", "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
    secret = "6241a409e6707bb640a0140a8a32bc3d193c33a661747284d6adfa4ed4180be4"
    key = keys.SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)))
    credential = {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "http://example.com/credentials/3527",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "url": "https://www.imsglobal.org", "name": "Example Corp"},
        "validFrom": "2010-01-01T00:00:00Z",
        "name": "Teamwork Badge",
        "credentialSubject": {
            "id": "did:example:ebfeb1f712ebc6f1c276e12ec21",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://example.com/achievements/21st-century-skills/teamwork",
                "type": ["Achievement"],
                "criteria": {
                    "narrative": "Team members are nominated for this badge by their peers and recognized upon review "
                    "by Example Corp management."
                },
                "description": "This badge recognizes the development of the capacity to collaborate within a group "
                "environment.",
                "name": "Teamwork",
            },
        },
    }
    created = datetime(2010, 1, 1, 19, 23, 24, tzinfo=UTC)
    made = signed(credential, key, created, method=f"{issuer}#{multikey}")
    assert signed_bytes(credential, made["proof"]).hex() == (
        "d34009cea0dbc1ca941e09dc01c8c9d3e3ce3c5b853f67ee44698dcea10f5d19"
        "87f65a76d40146205e3b3e06cb0fbd153f97f9ce70372390f52566bb7f9e0773"
    )
    published = "z5x9aCBYovW3CQCbKdNyhEm7ffYSw1YpEdPywQJoNbzDD2gkzQDKJ1sYKJaWvqZtkMtSbz35HcbgXVEDYHxCzgkCr"
    assert made["proof"]["proofValue"] == published
    method = {"id": f"{issuer}#{multikey}", "type": "Multikey", "controller": issuer, "publicKeyMultibase": multikey}
    pinned = {"id": issuer, "verificationMethod": [method], "assertionMethod": [method["id"]]}
    assert answer(to_bytes(made), [], documents=[pinned]) is Answer.VERIFIED
