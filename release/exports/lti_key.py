"""The RSA key by which LTI platforms know this tool: made once, encrypted on disk, its public half a JWK Set."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from release.keys import KeyFileError

_BITS = 2048
_SHORTEST_PASSPHRASE = 8


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
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # left by a run that was killed
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            os.fsync(file.fileno())
        os.link(temporary, path)  # unlike a rename, this never replaces what is there
    except FileExistsError as error:
        raise KeyFileError(path, "there is a key already, and platforms know this tool by it.") from error
    except OSError as error:
        raise KeyFileError(path, f"the key cannot be written ({error.strerror}).") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def load(path: Path, passphrase: str) -> LtiKey:
    """The key of an encrypted PKCS#8 file.

    Raises:
        KeyFileError: it cannot be read, the passphrase is wrong, or it is not an encrypted RSA key.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode())
    except OSError as error:
        raise KeyFileError(path, f"the key cannot be read ({error.strerror}); make one with export lti-key.") from error
    except TypeError as error:
        raise KeyFileError(
            path, "the key is not encrypted: make a new one, for this one may have been seen."
        ) from error
    except ValueError as error:
        raise KeyFileError(path, "the passphrase is wrong, or this is not a key file.") from error
    if not isinstance(key, RSAPrivateKey):
        raise KeyFileError(path, "this is a key of another kind: an RSA key is needed.")
    return LtiKey(key)
