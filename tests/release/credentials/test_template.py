"""The quick way to a credential's statements is the same as the long one, with PyLD as the judge."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release.credential import Issuer, unsigned
from release.credentials import template
from release.credentials.template import Templates
from release.data_integrity import xsd_time
from release.entry import CredentialEntry, CredentialResult, StatusPlace
from release.linked_data import LinkedDataError, statements
from tests.release.credentials.conftest import BASE, DID, ISSUER, KEY, PROGRAM

pytestmark = pytest.mark.integration  # PyLD takes 20 ms for each document

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@st.composite
def documents(draw):
    """Credentials as issuing makes them: other people, times, scores, places, and any text as a name or a title."""
    results = tuple(
        CredentialResult(
            title=draw(TEXT),
            score=Decimal(draw(st.integers(0, 10_000))) / 10_000,
            run=draw(TEXT),
            entry=draw(st.integers(0, 3)),
            leaf=f"{draw(st.integers(0, 2**256 - 1)):064x}",
        )
        for _ in range(draw(st.integers(1, 4)))
    )
    place = StatusPlace(number=draw(st.integers(1, 2)), place=draw(st.integers(0, 131_071)))
    entry = CredentialEntry(
        program="process-control",
        subject=f"{draw(st.integers(0, 2**256 - 1)):064x}",
        credential=draw(st.uuids()).urn,
        results=results,
        digest="",
        at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, 10**9))),
        status=draw(st.sampled_from([None, place])),
    )
    issuer = draw(st.sampled_from([ISSUER, Issuer(name="I", id=KEY.did)]))
    return unsigned(PROGRAM, entry, issuer, issuer.id, draw(st.none() | TEXT))


def outcome(canonicalise, document) -> bytes | str:
    try:
        return canonicalise(document)
    except LinkedDataError as error:
        return error.message


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(documents(), min_size=1, max_size=3))
def test_statements_are_those_of_pyld(some):
    quick = Templates()
    for document in some:
        assert outcome(quick.statements, document) == outcome(statements, document)


@pytest.fixture
def document(adas):
    found = json.loads(adas.json)
    del found["proof"]
    return found


def test_a_second_document_of_a_shape_needs_no_processor(document, monkeypatch):
    quick = Templates()
    quick.statements(document)
    monkeypatch.setattr(template, "statements", lambda _: pytest.fail("the long way was gone"))
    other = deepcopy(document)
    other["id"] = "urn:uuid:11111111-2222-4333-8444-555555555555"
    other["credentialSubject"]["result"][0]["value"] = "7"
    other["credentialSubject"]["identifier"][0]["identityHash"] = 'Eve "Ω" \\ \n\u2028'
    assert quick.statements(other) == statements(other) != statements(document)


@pytest.mark.parametrize("value", ["\x01", "\x7f", "a\x0bb", "\x85\u2028", "_:b0", "urn:uuid:marker", "https://a b"])
def test_rare_texts_come_to_the_same_too(document, value):
    quick = Templates()
    quick.statements(document)
    document["credentialSubject"]["identifier"][0]["identityHash"] = value
    assert quick.statements(document) == statements(document)


def test_nodes_that_cannot_be_told_apart_go_the_long_way(document):
    quick = Templates()
    for value in ("1", "2"):
        twin = {"type": ["Result"], "resultDescription": "urn:uuid:a", "value": "84"}
        document["credentialSubject"]["result"] = [twin | {"value": value}, twin | {"value": "2"}]
        assert quick.statements(document) == statements(document)


@pytest.mark.parametrize(
    "change",
    [
        {"honours": "summa"},
        {"id": "relative"},
        {"id": "_:b0"},
        {"name": None},
        {"evidence": []},
        {"@context": ["https://example.org/x"]},
        {"credentialStatus": {"id": f"{BASE}#1", "type": "Unheard"}},
    ],
)
def test_what_a_signature_would_not_cover_is_refused_here_too(document, change):
    quick = Templates()
    for _ in range(2):
        with pytest.raises(LinkedDataError):
            quick.statements(document | change)


def test_the_options_of_a_proof_have_a_template_too(document):
    quick = Templates()
    for second in range(2):
        options = {
            "@context": document["@context"],
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "created": xsd_time(datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)),
            "verificationMethod": f"{DID}#{KEY.did.removeprefix('did:key:')}",
            "proofPurpose": "assertionMethod",
        }
        assert quick.statements(options) == statements(options)
    assert len(quick._known) == 1
