"""Private keys on disk: encrypted PKCS#8, readable by their owner alone, and never replaced."""

import contextlib
import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from authoring.errors import CoursewrightError

_SHORTEST_PASSPHRASE = 8


class KeyFileError(CoursewrightError):
    """A key file that cannot be made or opened.

    Attributes:
        file: the file.
    """

    def __init__(self, file: Path, message: str) -> None:
        super().__init__(f"{file}: {message}")
        self.file = file


def save_key(private: Ed25519PrivateKey | RSAPrivateKey, path: Path, passphrase: str, *, why_kept: str) -> None:
    """Write the key into a folder that is there.

    Args:
        private: the key.
        path: the file.
        passphrase: what encrypts it.
        why_kept: why a key that is there already is not replaced.

    Raises:
        KeyFileError: there is a file, the folder cannot be written, or the passphrase is shorter than 8 characters.
    """
    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise KeyFileError(
            path, f"the passphrase is shorter than {_SHORTEST_PASSPHRASE} characters: take a longer one."
        )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.unlink(missing_ok=True)  # left by a run that was killed
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            os.fsync(file.fileno())
        os.link(temporary, path)  # unlike a rename, this never replaces what is there
    except FileExistsError as error:
        raise KeyFileError(path, f"there is a key already, and {why_kept}.") from error
    except OSError as error:
        raise KeyFileError(path, f"the key cannot be written ({error.strerror}).") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def load_key(path: Path, passphrase: str, *, mend: str = "") -> PrivateKeyTypes:
    """The key of a file, of whatever kind; ``mend`` says what to do if there is no file.

    Raises:
        KeyFileError: it cannot be read, the passphrase is wrong, or it is not an encrypted key.
    """
    try:
        return serialization.load_pem_private_key(path.read_bytes(), passphrase.encode())
    except OSError as error:
        raise KeyFileError(path, f"the key cannot be read ({error.strerror}){mend and f'; {mend}'}.") from error
    except TypeError as error:
        raise KeyFileError(
            path, "the key is not encrypted: make a new one, for this one may have been seen."
        ) from error
    except ValueError as error:
        raise KeyFileError(path, "the passphrase is wrong, or this is not a key file.") from error
