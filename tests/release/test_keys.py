import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from authoring.errors import CoursewrightError
from release import keys, multibase

# The key pair of W3C's "Data Integrity EdDSA Cryptosuites v1.0" test vectors.
W3C_PRIVATE = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
W3C_PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"


def w3c_key():
    seed = multibase.decode(W3C_PRIVATE).removeprefix(b"\x80\x26")
    return keys.SigningKey(keys.Ed25519PrivateKey.from_private_bytes(seed))


def test_the_did_of_the_published_key_is_the_published_one():
    assert w3c_key().did == f"did:key:{W3C_PUBLIC}"
    assert keys.verification_method(w3c_key().did) == f"did:key:{W3C_PUBLIC}#{W3C_PUBLIC}"


@pytest.mark.parametrize(
    ("data", "text"),
    [  # draft-msporny-base58-03, section 5
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "zUSm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "z11233QC4"),
        (b"", "z"),
    ],
)
def test_base_58_is_the_published_one(data, text):
    assert multibase.encode(data) == text
    assert multibase.decode(text) == data


@given(st.binary(max_size=70))
def test_base_58_goes_both_ways(data):
    assert multibase.decode(multibase.encode(data)) == data


@pytest.mark.parametrize("text", ["", "u123", "z0", "zO", "zl", "z é"])
def test_what_is_not_base_58_is_refused(text):
    with pytest.raises(ValueError, match="base"):
        multibase.decode(text)


def test_a_signature_is_that_of_its_key_and_message_alone():
    key, other = keys.generate(), keys.generate()
    signature = key.sign(b"message")
    assert keys.signed_by(key.did, b"message", signature)
    assert not keys.signed_by(other.did, b"message", signature)
    assert not keys.signed_by(key.did, b"massage", signature)
    assert not keys.signed_by(key.did, b"message", signature[:-1])


@pytest.mark.parametrize(
    "did", ["", "did:web:example.org", "did:key:z6Mk", "did:key:zQ3shokFTS3brHcDQ", "did:key:z6MkO0"]
)
def test_what_names_no_ed25519_key_has_signed_nothing(did):
    assert not keys.signed_by(did, b"message", bytes(64))


def test_a_key_survives_being_kept_and_is_unreadable_to_others(tmp_path):
    key, path = keys.generate(), tmp_path / "issuer.pem"
    keys.save(key, path, "correct horse")
    assert keys.load(path, "correct horse").did == key.did
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert [file.name for file in tmp_path.iterdir()] == ["issuer.pem"]


def test_a_key_is_never_replaced(tmp_path):
    path = tmp_path / "issuer.pem"
    first = keys.generate()
    keys.save(first, path, "correct horse")
    with pytest.raises(CoursewrightError, match="there is a key already"):
        keys.save(keys.generate(), path, "correct horse")
    assert keys.load(path, "correct horse").did == first.did


def test_a_half_written_key_of_a_killed_run_is_not_in_the_way(tmp_path):
    (tmp_path / ".issuer.pem.new").write_bytes(b"half")
    keys.save(keys.generate(), tmp_path / "issuer.pem", "correct horse")
    assert [file.name for file in tmp_path.iterdir()] == ["issuer.pem"]


def test_what_cannot_be_opened_says_why(tmp_path):
    path = tmp_path / "issuer.pem"
    with pytest.raises(CoursewrightError, match="cannot be read"):
        keys.load(path, "correct horse")
    with pytest.raises(CoursewrightError, match="shorter than 8"):
        keys.save(keys.generate(), path, "short")
    keys.save(keys.generate(), path, "correct horse")
    with pytest.raises(CoursewrightError, match="the passphrase is wrong"):
        keys.load(path, "wrong horse")
    with pytest.raises(CoursewrightError, match="cannot be written"):
        keys.save(keys.generate(), tmp_path / "none" / "issuer.pem", "correct horse")


def test_a_key_that_is_not_encrypted_or_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "issuer.pem"
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    path.write_bytes(keys.generate().private.private_bytes(*pem, serialization.NoEncryption()))
    with pytest.raises(CoursewrightError, match="not encrypted"):
        keys.load(path, "correct horse")
    encrypted = serialization.BestAvailableEncryption(b"correct horse")
    path.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(*pem, encrypted))
    with pytest.raises(CoursewrightError, match="another kind"):
        keys.load(path, "correct horse")


def test_a_key_does_not_show_itself():
    key = keys.generate()
    assert repr(key) == f"SigningKey({key.did})"
