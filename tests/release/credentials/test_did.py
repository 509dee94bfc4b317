"""Issuers' identifiers: addresses both ways, documents, and whose key a proof names."""

import json
from datetime import timedelta

import pytest

from release import keys
from release.credentials.answer import Answer, RefusedError
from release.credentials.did import (
    PublishedKey,
    address_of,
    did_of_address,
    document_of,
    issuer_key,
    jwk_of,
    method_of,
    read_document,
    thumbprint,
)
from tests.release.conftest import NOW
from tests.release.credentials.conftest import DID, DOCUMENT, KEY


@pytest.mark.parametrize(
    ("address", "did", "document"),
    [  # did:web method specification, "DID document location"
        ("https://w3c-ccg.github.io", "did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        (
            "https://w3c-ccg.github.io/user/alice",
            "did:web:w3c-ccg.github.io:user:alice",
            "https://w3c-ccg.github.io/user/alice/did.json",
        ),
        (
            "https://example.com:3000/user/alice/",
            "did:web:example.com%3A3000:user:alice",
            "https://example.com:3000/user/alice/did.json",
        ),
    ],
)
def test_addresses_and_identifiers_go_both_ways_as_published(address, did, document):
    assert did_of_address(address) == did
    assert address_of(did) == document


@pytest.mark.parametrize(
    "address",
    ["http://a.org", "https://", "ftp://a.org", "a.org", "https://u:p@a.org", "https://a.org?x", "https://a b"],
)
def test_what_is_no_folder_on_a_server_has_no_identifier(address):
    with pytest.raises(ValueError, match=r"address|did:web"):
        did_of_address(address)


@pytest.mark.parametrize("did", ["did:key:z6Mk", "did:web:", "did:web:a/b", "did:web:a b", "did:web:a?x"])
def test_what_is_no_did_web_has_no_address(did):
    with pytest.raises(ValueError, match="not a did:web"):
        address_of(did)


def test_the_published_key_has_the_published_thumbprint():
    """RFC 8037, appendix A.3."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    key = keys.SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)))
    assert jwk_of(key.did)["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert thumbprint(key.did) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_document_names_the_key_for_proofs_and_for_tokens():
    assert [method["type"] for method in DOCUMENT["verificationMethod"]] == ["Multikey", "JsonWebKey"]
    assert DOCUMENT["assertionMethod"] == [f"{DID}#{KEY.did.removeprefix('did:key:')}", f"{DID}#{thumbprint(KEY.did)}"]
    for method in DOCUMENT["assertionMethod"]:
        assert issuer_key(DID, method, {DID: DOCUMENT}).public == keys.public_key(KEY.did)


def refusal(issuer, method, documents) -> Answer:
    with pytest.raises(RefusedError) as caught:
        issuer_key(issuer, method, documents)
    return caught.value.answer


def test_keys_of_others_are_refused():
    other = keys.generate()
    assert refusal(DID, method_of(DID, other.did), {DID: DOCUMENT}) is Answer.WRONG_ISSUER
    assert refusal(KEY.did, method_of(other.did, other.did), {}) is Answer.WRONG_ISSUER
    assert refusal("https://example.org", "https://example.org#k", {}) is Answer.WRONG_ISSUER
    assert refusal(DID, method_of(DID, KEY.did), {}) is Answer.UNKNOWN_ISSUER


def changed(**more):
    methods = [method | more for method in DOCUMENT["verificationMethod"]]
    return DOCUMENT | {"verificationMethod": methods}


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        (DOCUMENT | {"assertionMethod": []}, Answer.WRONG_ISSUER),
        ({name: value for name, value in DOCUMENT.items() if name != "assertionMethod"}, Answer.WRONG_ISSUER),
        (DOCUMENT | {"verificationMethod": "x"}, Answer.WRONG_ISSUER),
        (changed(controller="did:web:mallory.example"), Answer.WRONG_ISSUER),
        (changed(publicKeyMultibase="z6MkNope"), Answer.UNKNOWN_PROOF),
        (changed(revoked="soon"), Answer.UNKNOWN_PROOF),
        (changed(revoked="2026-06-01T00:00:00"), Answer.UNKNOWN_PROOF),
        (changed(expires=7), Answer.UNKNOWN_PROOF),
    ],
)
def test_documents_that_do_not_vouch_for_the_key_are_refused(document, answer):
    assert refusal(DID, method_of(DID, KEY.did), {DID: document}) is answer


def test_methods_may_be_named_relatively_and_stand_within_the_list():
    short = method_of(DID, KEY.did).removeprefix(DID)
    [method, _] = DOCUMENT["verificationMethod"]
    document = {"id": DID, "verificationMethod": [method | {"id": short}], "assertionMethod": [short]}
    assert issuer_key(DID, DID + short, {DID: document})
    assert issuer_key(DID, DID + short, {DID: {"id": DID, "assertionMethod": [method | {"id": short}]}})


def test_the_earlier_of_two_ends_counts():
    document = document_of(DID, [PublishedKey(did=KEY.did, ends=NOW, compromised=True)])
    for method in document["verificationMethod"]:
        method["expires"] = "2030-01-01T00:00:00Z"
    key = issuer_key(DID, method_of(DID, KEY.did), {DID: document})
    assert (key.ends, key.compromised) == (NOW, True)
    for method in document["verificationMethod"]:
        method["expires"] = (NOW - timedelta(days=1)).isoformat()
    assert not issuer_key(DID, method_of(DID, KEY.did), {DID: document}).compromised


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"id": "x", "verificationMethod": []}', b'{"id":1,"id":2}'])
def test_a_file_that_is_no_document_is_refused(data):
    with pytest.raises(ValueError, match=r"it is not|a key occurs twice|Expecting"):
        read_document(data)
    assert read_document(json.dumps(DOCUMENT).encode()) == DOCUMENT
