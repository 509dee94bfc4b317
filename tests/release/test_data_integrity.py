"""The published test vectors of eddsa-rdfc-2022, and what may never pass as signed."""

import json
from datetime import UTC, datetime

import pytest

from release import data_integrity, keys, linked_data, multibase, pinned
from release.linked_data import Fault, LinkedDataError, statements
from tests.release.conftest import NOW

# W3C, "Data Integrity EdDSA Cryptosuites v1.0", appendix B.1 (repository w3c/vc-di-eddsa, TestVectors/eddsa-rdfc-2022).
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
W3C_SEED = multibase.decode("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq").removeprefix(b"\x80\x26")
W3C_CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2", EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
W3C_HASHES = (
    "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0"
    "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
)
W3C_PROOF_VALUE = "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme"
W3C_CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)


@pytest.fixture
def examples_context(monkeypatch):
    known = pinned.context
    monkeypatch.setitem(pinned.CONTEXTS, EXAMPLES, ("", ""))
    vocabulary = {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
    monkeypatch.setattr(pinned, "context", lambda url: vocabulary if url == EXAMPLES else known(url))


@pytest.fixture
def w3c_key():
    return keys.SigningKey(keys.Ed25519PrivateKey.from_private_bytes(W3C_SEED))


def test_the_published_hashes_are_reproduced(examples_context, w3c_key):
    proof = data_integrity.signed(W3C_CREDENTIAL, w3c_key, W3C_CREATED)["proof"]
    assert data_integrity.signed_bytes(W3C_CREDENTIAL, proof).hex() == W3C_HASHES


def test_the_published_proof_is_reproduced(examples_context, w3c_key):
    assert data_integrity.signed(W3C_CREDENTIAL, w3c_key, W3C_CREATED)["proof"] == {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
        "#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "proofPurpose": "assertionMethod",
        "proofValue": W3C_PROOF_VALUE,
    }


def test_the_published_statements_are_reproduced(examples_context):
    lines = statements(W3C_CREDENTIAL).decode().splitlines()
    assert len(lines) == 8
    assert lines[0] == (
        '<did:example:abcdefgh> <https://www.w3.org/ns/credentials/examples#alumniOf> "The School of Examples" .'
    )


DOCUMENT = {
    "@context": [pinned.CREDENTIALS_V2, pinned.OPEN_BADGES_3],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AchievementCredential"],
    "name": "A",
    "issuer": {"id": "did:example:issuer", "type": ["Profile"], "name": "I"},
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "urn:example:a",
            "type": ["Achievement"],
            "name": "A",
            "description": "d",
            "criteria": {"narrative": "c"},
        },
        "result": [{"type": ["Result"], "value": "84"}],
    },
}


def changed(*path, value):
    """The document with one more or another value."""
    copy = json.loads(json.dumps(DOCUMENT))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copy


def fault(document) -> LinkedDataError:
    with pytest.raises(LinkedDataError) as caught:
        statements(document)
    return caught.value


def test_a_good_document_has_statements_whatever_the_order_of_its_keys():
    backwards = dict(reversed(DOCUMENT.items()))
    assert statements(DOCUMENT) == statements(backwards)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("honours",), "summa", "honours is not a term of its contexts"),
        (("credentialSubject", "rank"), 1, "credentialSubject.rank is not a term"),
        (("credentialSubject", "result", 0, "extra"), "x", "credentialSubject.result.extra is not a term"),
        (("issuer", "type"), ["Profile", "Accredited"], "'Accredited' is neither a known term nor"),
        (("id",), "relative", "'relative' is neither a known term nor an absolute address"),
        (("description",), None, "description holds None"),
        (("evidence",), [], "evidence holds []"),
        (("credentialSubject", "achievement", "image"), {}, "image holds {}"),
        (("name",), 1.5, "name holds 1.5"),
        (("credentialSubject", "@included"), [{"id": "urn:x"}], "uses @included"),
        (("name",), {"@value": "A", "@language": "en"}, "name uses @value"),
        (("credentialSubject", "@context"), {"rank": "urn:rank"}, "uses @context"),
        (("https://www.w3.org/2018/credentials#credentialStatus",), {"id": "urn:x"}, "is not a term of its contexts"),
    ],
)
def test_what_a_signature_would_not_cover_is_refused(path, value, said):
    error = fault(changed(*path, value=value))
    assert error.fault is Fault.UNDEFINED_TERM
    assert said in error.message


@pytest.mark.parametrize(
    "contexts",
    [
        None,
        [],
        "https://www.w3.org/ns/credentials/v2",
        ["https://www.w3.org/ns/credentials/v2", "https://example.org/context.json"],
        ["https://www.w3.org/ns/credentials/v2", {"name": "urn:other"}],
        ["file:///etc/passwd"],
    ],
)
def test_contexts_that_are_not_known_are_refused_and_never_fetched(contexts):
    assert fault(changed("@context", value=contexts)).fault is Fault.UNKNOWN_CONTEXT


def test_a_document_that_redefines_nothing_but_is_no_json_ld_is_refused():
    assert fault(changed("credentialSubject", "achievement", "id", value=["a", "b"])).fault is Fault.MALFORMED
    assert fault(changed("issuer", "id", value="_:b0")).fault is Fault.MALFORMED


def test_texts_that_look_like_blank_nodes_are_only_texts():
    twins = [{"type": ["Result"], "value": f"_:b{number} ."} for number in range(12)]
    assert len(statements(changed("credentialSubject", "result", value=twins)).splitlines()) > 36


def test_a_document_made_to_exhaust_the_canonicalisation_is_refused_at_once():
    twins = [{"type": types, "value": value} for types in ("Result", ["Result"]) for value in ("84", ["84"])] * 3
    assert "look alike" in fault(changed("credentialSubject", "result", value=twins)).message
    text = " ".join(f"_:b{number}" for number in range(40))
    twins = [{"type": ["Result"], "value": f"{text} ."} for _ in range(12)]
    assert "look alike" in fault(changed("credentialSubject", "result", value=twins)).message
    deep = value = {}
    for _ in range(50):
        value["evidence"] = {}
        value = value["evidence"]
    assert "nested too deeply" in fault(changed("evidence", value=deep)).message


@pytest.mark.parametrize("url", pinned.CONTEXTS)
def test_the_embedded_contexts_are_the_pinned_ones(url):
    assert json.loads(pinned.context_bytes(url))["@context"]


def test_a_context_that_was_tampered_with_is_not_used(monkeypatch):
    monkeypatch.setitem(pinned.CONTEXTS, pinned.OPEN_BADGES_3, ("open-badges-3.0.3.json", "0" * 64))
    with pytest.raises(RuntimeError, match="not the one that is pinned"):
        pinned.context_bytes(pinned.OPEN_BADGES_3)


def test_the_document_loader_refuses_everything_that_is_not_embedded():
    with pytest.raises(LinkedDataError, match="none is ever fetched"):
        linked_data._load("https://example.org/context.json")


def test_signing_refuses_what_it_could_not_cover():
    with pytest.raises(LinkedDataError):
        data_integrity.signed(changed("honours", value="summa"), keys.generate(), NOW)
