"""The RSA key by which LTI platforms know this tool: made once, encrypted on disk, its public half a JWK Set."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from release.key_file import KeyFileError, load_key, save_key

_BITS = 2048


@dataclass(frozen=True)
class LtiKey:
    """A private key. It is never shown."""

    private: RSAPrivateKey

    def __repr__(self) -> str:
        return "LtiKey()"

    @property
    def private_pem(self) -> str:
        """The key as it signs; it stays in memory."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def public_pem(self) -> str:
        """The key as anybody may know it."""
        return (
            self.private.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )


def generate() -> LtiKey:
    """A new key from the system's random numbers."""
    return LtiKey(generate_private_key(public_exponent=65537, key_size=_BITS))


def jwks(key: LtiKey) -> Mapping[str, Any]:
    """The public half as a JWK Set, which a platform asks for when the tool is registered."""
    from pylti1p3.registration import Registration

    return {"keys": [dict(Registration.get_jwk(key.public_pem))]}


def save(key: LtiKey, path: Path, passphrase: str) -> None:
    """Write the key, in a folder that is made if it is not there; see :func:`release.key_file.save_key`."""
    with contextlib.suppress(OSError):  # writing into it says what is wrong with it
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    save_key(key.private, path, passphrase, why_kept="platforms know this tool by it")


def load(path: Path, passphrase: str) -> LtiKey:
    """The key of a file.

    Raises:
        KeyFileError: as :func:`release.key_file.load_key`, or it is a key of another kind.
    """
    key = load_key(path, passphrase, mend="make one with export lti-key")
    if not isinstance(key, RSAPrivateKey):
        raise KeyFileError(path, "this is a key of another kind: an RSA key is needed.")
    return LtiKey(key)
