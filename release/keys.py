"""Ed25519 keys: made, kept encrypted on disk, and named as ``did:key``."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from authoring.errors import CoursewrightError
from release import multibase

_ED25519_PUBLIC = b"\xed\x01"  # the multicodec prefix of an Ed25519 public key
_SHORTEST_PASSPHRASE = 8


class KeyFileError(CoursewrightError):
    """A key file that cannot be made or opened.

    Attributes:
        file: the file.
    """

    def __init__(self, file: Path, message: str) -> None:
        super().__init__(f"{file}: {message}")
        self.file = file


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
    """Write the key as encrypted PKCS#8, readable by its owner alone. A key that is there already is never replaced.

    Raises:
        KeyFileError: there is a file, the folder cannot be written, or the passphrase is shorter than 8 characters.
    """
    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise KeyFileError(
            path, f"the passphrase is shorter than {_SHORTEST_PASSPHRASE} characters: take a longer one."
        )
    pem = key.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    temporary = path.with_name(f".{path.name}.new")
    try:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()  # left by a run that was killed
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            os.fsync(file.fileno())
        os.link(temporary, path)  # unlike a rename, this never replaces what is there
    except FileExistsError as error:
        raise KeyFileError(path, "there is a key already, and replacing it would orphan what it signed.") from error
    except OSError as error:
        raise KeyFileError(path, f"the key cannot be written ({error.strerror}).") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def load(path: Path, passphrase: str) -> SigningKey:
    """The key of an encrypted PKCS#8 file.

    Raises:
        KeyFileError: it cannot be read, the passphrase is wrong, or it is not an encrypted Ed25519 key.
    """
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise KeyFileError(path, f"the key cannot be read ({error.strerror}).") from error
    try:
        key = serialization.load_pem_private_key(pem, passphrase.encode())
    except TypeError as error:
        raise KeyFileError(
            path, "the key is not encrypted: make a new one, for this one may have been seen."
        ) from error
    except ValueError as error:
        raise KeyFileError(path, "the passphrase is wrong, or this is not a key file.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(path, "this is a key of another kind: an Ed25519 key is needed.")
    return SigningKey(key)
