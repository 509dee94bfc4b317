"""Credentials as signed tokens, against RFC 8037's published signature, PyJWT, and what the two standards say."""

import base64
import json
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from release import keys
from release.credentials.answer import Answer, RefusedError
from release.credentials.did import method_of, thumbprint
from release.credentials.token import read_token, signed_token
from tests.release.conftest import NOW
from tests.release.credentials.conftest import DID, KEY

DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential"],
    "issuer": {"id": DID},
    "validFrom": "2026-06-01T12:00:00Z",
    "credentialSubject": {"id": "did:example:ada", "name": "Äda"},
}
METHOD = method_of(DID, KEY.did)


def part(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(header=(), claims=(), key=KEY) -> bytes:
    """A token with other header parameters and claims; None takes one away."""
    head = {"alg": "EdDSA", "typ": "vc+jwt", "kid": METHOD} | dict(header)
    body = DOCUMENT | dict(claims)
    shown = [part({name: value for name, value in each.items() if value is not None}) for each in (head, body)]
    message = ".".join(shown)
    return f"{message}.{base64.urlsafe_b64encode(key.sign(message.encode())).rstrip(b'=').decode()}".encode()


def test_the_published_signature_is_reproduced():
    """RFC 8037, appendix A.4: our signing input is signed as the RFC signs its own."""
    secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    key = keys.SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)))
    message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    published = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    assert base64.urlsafe_b64encode(key.sign(message)).rstrip(b"=").decode() == published


def test_a_token_is_what_both_standards_ask_for():
    """VC-JOSE-COSE 3.1.1: typ, cty, the credential as payload. Open Badges 3.0, 8.2.4: kid, iss, jti, nbf, sub."""
    made = signed_token(DOCUMENT, KEY, NOW, method=METHOD)
    assert jwt.get_unverified_header(made) == {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": METHOD}
    options = {"verify_nbf": False, "verify_iat": False}
    payload = jwt.decode(made, keys.public_key(KEY.did), algorithms=["EdDSA"], options=options)  # PyJWT's own check
    seconds = int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp())
    claims = {"iss": DID, "jti": DOCUMENT["id"], "sub": "did:example:ada", "nbf": seconds, "iat": seconds}
    assert payload == DOCUMENT | claims
    assert made == signed_token(DOCUMENT, KEY, NOW, method=METHOD)


def test_the_credential_and_the_time_come_out_again():
    read = read_token(signed_token(DOCUMENT, KEY, NOW, method=METHOD).encode())
    assert (read.document, read.method, read.made, read.expires) == (DOCUMENT, METHOD, NOW, None)


def test_a_token_that_pyjwt_made_is_read():
    made = jwt.encode(DOCUMENT, KEY.private, algorithm="EdDSA", headers={"typ": "vc+jwt", "kid": METHOD})
    assert read_token(made.encode()).document == DOCUMENT


@pytest.mark.parametrize(
    ("header", "claims", "answer"),
    [
        ({"alg": "none"}, {}, Answer.UNKNOWN_PROOF),
        ({"alg": "HS256"}, {}, Answer.UNKNOWN_PROOF),
        ({"alg": "RS256"}, {}, Answer.UNKNOWN_PROOF),
        ({"typ": None}, {}, Answer.UNKNOWN_PROOF),
        ({"typ": "at+jwt"}, {}, Answer.UNKNOWN_PROOF),
        ({"cty": "vp"}, {}, Answer.UNKNOWN_PROOF),
        ({"kid": None}, {}, Answer.UNKNOWN_PROOF),
        ({"kid": 7}, {}, Answer.UNKNOWN_PROOF),
        ({"crit": ["exp"]}, {}, Answer.UNKNOWN_PROOF),
        ({"b64": False}, {}, Answer.UNKNOWN_PROOF),
        ({"jwk": {"kty": "OKP"}}, {}, Answer.UNKNOWN_PROOF),
        ({"jku": "https://mallory.example"}, {}, Answer.UNKNOWN_PROOF),
        ({}, {"iss": "did:web:mallory.example"}, Answer.MALFORMED),
        ({}, {"jti": "urn:other"}, Answer.MALFORMED),
        ({}, {"sub": "did:example:bob"}, Answer.MALFORMED),
        ({}, {"nbf": 1}, Answer.MALFORMED),
        ({}, {"nbf": 10**30}, Answer.MALFORMED),
        ({}, {"iat": True}, Answer.MALFORMED),
        ({}, {"exp": "tomorrow"}, Answer.MALFORMED),
    ],
)
def test_what_is_not_understood_or_contradicts_the_credential_is_refused(header, claims, answer):
    with pytest.raises(RefusedError) as caught:
        read_token(token(header, claims))
    assert caught.value.answer is answer


def test_a_name_of_the_key_as_a_thumbprint_is_only_a_name():
    assert read_token(token({"kid": f"{DID}#{thumbprint(KEY.did)}"})).method.endswith(thumbprint(KEY.did))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a.b",
        b"a.b.c.d",
        b"!.b.c",
        token() + b"=",
        token().replace(b".", b".."),
        b"eyJhIjoxfR." + token().split(b".", 1)[1],  # spare bits in base 64
        b"." + token(),
        part([]).encode() + b".e30.",
        b"eyJhIjoxLCJhIjoyfQ.e30.",  # a key twice
        b"A" * (3 << 20) + b".e30.e30",
    ],
)
def test_what_is_no_token_is_refused(data):
    with pytest.raises(RefusedError) as caught:
        read_token(data)
    assert caught.value.answer is Answer.MALFORMED
