"""Verifiers that we did not write come to our answers: openbadgeslib (Python) and Digital Bazaar's (JavaScript).

Both compare status lists with the clock of the machine, so the lists are made as of now.
"""

import json
import subprocess
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3 import OB3LdpVerifier, OB3Verifier
from openbadgeslib.ob3.did import pem_for_kid

from release import keys, pinned
from release.credential import to_bytes, token_of
from release.credentials.badge import badge
from release.credentials.did import MULTIKEY_V1, PublishedKey, document_of, method_of
from release.credentials.proofs import read
from release.credentials.status import Purpose, status_list
from release.data_integrity import signed
from tests.release.conftest import NOW
from tests.release.credentials.conftest import BASE, DID, DOCUMENT, KEY, LATER

pytestmark = pytest.mark.integration  # starts node, draws

JAVASCRIPT = Path(__file__).parent / "javascript"
MALLORY = keys.generate()
METHOD = method_of(DID, KEY.did)
PEM = KEY.private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def listed(revoked=(), suspended=(), key=KEY, issuer=DID) -> list[bytes]:
    now, places = datetime.now(UTC), {Purpose.REVOCATION: revoked, Purpose.SUSPENSION: suspended}
    lists = [status_list(issuer, f"{BASE}/{each}-1.json", each, places[each], at=now) for each in Purpose]
    return [to_bytes(signed(each, key, now, method=method_of(issuer, key.did))) for each in lists]


# openbadgeslib


def web(lists):
    """What the issuer's server answers, to a verifier that fetches on its own."""
    served = {json.loads(each)["id"]: token_of(each, KEY).encode() for each in lists}
    served["https://example.org/credentials/did.json"] = json.dumps(DOCUMENT).encode()
    return served.__getitem__


def test_openbadgeslib_verifies_both_forms_and_looks_their_status_up(adas):
    download = web(listed())
    proof = OB3LdpVerifier.for_issuer_did(DID).verify(adas.json, check_status=True, download=download)
    token = OB3Verifier.for_issuer_did(DID, download=download).verify(
        adas.jwt.decode(), check_status=True, download=download
    )
    assert proof.id == token.id == adas.id
    assert [result.value for result in proof.results] == [result.value for result in token.results] == ["84.25", "75"]


def test_openbadgeslib_finds_both_forms_in_our_badges(adas):
    for credential, verifier in ((adas.json, OB3LdpVerifier(PEM)), (adas.jwt, OB3Verifier(PEM))):
        from_png = OB3Verifier.extract_token_from_png(badge(read(credential), credential, "png"))
        from_svg = OB3Verifier.extract_token_from_svg(badge(read(credential), credential, "svg"))
        assert verifier.verify(from_png).id == verifier.verify(from_svg).id == adas.id


@pytest.mark.parametrize("state", ["revoked", "suspended"])
def test_openbadgeslib_sees_what_was_revoked_or_suspended(adas, state):
    place = adas.entry.status.place
    download = web(listed(**{state: [place]}))
    for verifier, credential in (
        (OB3LdpVerifier.for_issuer_did(DID), adas.json),
        (OB3Verifier.for_issuer_did(DID, download=download), adas.jwt.decode()),
    ):
        with pytest.raises(LibOpenBadgesException, match="is set at index"):
            verifier.verify(credential, check_status=True, download=download)


def test_openbadgeslib_refuses_what_we_refuse(adas):
    other = json.loads(adas.json)
    other["credentialSubject"]["result"][0]["value"] = "99"
    head, body, signature = adas.jwt.decode().split(".")
    for verifier, credential in (
        (OB3LdpVerifier(PEM), to_bytes(other)),
        (OB3Verifier(PEM), f"{head}.{body[:-8]}AAAAAAAA.{signature}"),
    ):
        with pytest.raises(LibOpenBadgesException):
            verifier.verify(credential)


def test_openbadgeslib_finds_each_key_in_our_document_by_its_name():
    for method in DOCUMENT["assertionMethod"]:
        assert pem_for_kid(DOCUMENT, DID, method).strip() == PEM.strip()


# Digital Bazaar's


@pytest.fixture(scope="module")
def javascript(adas):
    """Asks Digital Bazaar's verifier about many credentials at once."""
    scripts = Path(__file__).parents[3] / "scripts"
    subprocess.run(["sh", str(scripts / "javascript.sh")], check=True)

    def ask(questions) -> list[dict]:
        asked = json.dumps([{"now": LATER.isoformat(), **each} for each in questions])
        done = subprocess.run(
            ["node", "verify.js"], check=False, input=asked, capture_output=True, text=True, cwd=JAVASCRIPT
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


def loadable(lists) -> dict:
    """All that the verifier may load: contexts, the documents of the issuers, each of their methods, status lists."""
    found = {url: pinned.context(url) for url in pinned.CONTEXTS}
    for document in (DOCUMENT, document_of(MALLORY.did, [PublishedKey(did=MALLORY.did)])):
        found |= {method["id"]: {"@context": MULTIKEY_V1, **method} for method in document["verificationMethod"]}
        found[document["id"]] = document
    return found | {json.loads(each)["id"]: json.loads(each) for each in lists}


def test_digital_bazaars_verifier_comes_to_our_answers(adas, javascript):
    place = adas.entry.status.place
    good, changed, undefined = (json.loads(adas.json) for _ in range(3))
    changed["credentialSubject"]["result"][0]["value"] = "99"
    undefined["honours"] = "summa cum laude"
    forged = deepcopy(good)
    del forged["proof"]
    forged = signed(forged, MALLORY, NOW, method=METHOD)
    expired = {name: value for name, value in good.items() if name != "proof"} | {"validUntil": "2026-06-02T00:00:00Z"}
    expired = signed(expired, KEY, NOW, method=METHOD)
    lists = listed()
    named = {
        "good": (good, lists),
        "neighbours revoked": (good, listed(revoked=[place - 1, place + 1], suspended=[place + 8])),
        "changed": (changed, lists),
        "undefined": (undefined, lists),
        "forged": (forged, lists),
        "expired": (expired, lists),
        "revoked": (good, listed(revoked=[place])),
        "suspended": (good, listed(suspended=[place])),
        "lists of another issuer": (good, listed(key=MALLORY, issuer=MALLORY.did)),
        "no lists": (good, []),
    }
    answers = javascript([{"credential": each, "documents": loadable(some)} for each, some in named.values()])
    said = dict(zip(named, answers, strict=True))
    assert {name for name, answer in said.items() if answer["verified"] and not answer["set"]} == {
        "good",
        "neighbours revoked",
    }, answers
    assert (said["revoked"]["set"], said["suspended"]["set"]) == (["revocation"], ["suspension"])
