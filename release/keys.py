"""Ed25519 keys: made, kept encrypted on disk, and named as ``did:key``."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from release import multibase
from release.key_file import KeyFileError, load_key, save_key

_ED25519_PUBLIC = b"\xed\x01"  # the multicodec prefix of an Ed25519 public key


@dataclass(frozen=True)
class SigningKey:
    """A private key. It is never shown: its representation names the public key alone."""

    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.did})"

    @property
    def did(self) -> str:
        """The public key as ``did:key:z6Mk…``."""
        raw = self.private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"did:key:{multibase.encode(_ED25519_PUBLIC + raw)}"

    def sign(self, message: bytes) -> bytes:
        """The signature of the message, 64 bytes."""
        return self.private.sign(message)


def generate() -> SigningKey:
    """A new key from the system's random numbers."""
    return SigningKey(Ed25519PrivateKey.generate())


def verification_method(did: str) -> str:
    """The name of the one key of a ``did:key``, as proofs refer to it."""
    return f"{did}#{did.removeprefix('did:key:')}"


def public_key(did: str) -> Ed25519PublicKey:
    """The public key that a ``did:key`` names.

    Raises:
        ValueError: it is not the ``did:key`` of an Ed25519 key.
    """
    if not did.startswith("did:key:z6Mk"):
        raise ValueError("not the did:key of an Ed25519 key")
    raw = multibase.decode(did.removeprefix("did:key:"))
    if not raw.startswith(_ED25519_PUBLIC) or len(raw) != 34:
        raise ValueError("not the did:key of an Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(raw[2:])


def signed_by(did: str, message: bytes, signature: bytes) -> bool:
    """Whether the key of that ``did:key`` made the signature. False also when it is not such a key."""
    try:
        public_key(did).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def save(key: SigningKey, path: Path, passphrase: str) -> None:
    """Write the key; see :func:`release.key_file.save_key`."""
    save_key(key.private, path, passphrase, why_kept="replacing it would orphan what it signed")


def load(path: Path, passphrase: str) -> SigningKey:
    """The key of a file.

    Raises:
        KeyFileError: as :func:`release.key_file.load_key`, or it is a key of another kind.
    """
    key = load_key(path, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(path, "this is a key of another kind: an Ed25519 key is needed.")
    return SigningKey(key)
