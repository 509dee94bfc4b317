"""Where a registrar's ledger and signing key are: options that several commands share, and how they are opened.

By default both are in the folder ``registry`` below the working directory: ``ledger.db``, ``issuer.key`` (encrypted)
and ``issuer.json`` (what anybody may know of the issuer: name, address, public key).
"""

import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from authoring.errors import CoursewrightError
from release.credentials.key_ring import IssuerFile

if TYPE_CHECKING:
    from release.keys import SigningKey
    from release.ledger import Ledger

PASSPHRASE = "COURSEWRIGHT_PASSPHRASE"  # noqa: S105  (the name of a variable)
PASSPHRASE_FILE = "COURSEWRIGHT_PASSPHRASE_FILE"  # noqa: S105  (the name of a variable)
DEFAULT_LEDGER = "registry/ledger.db"
DEFAULT_KEY = Path("registry/issuer.key")

LedgerOption = Annotated[
    str,
    typer.Option(
        "--ledger", metavar="FILE|URL", envvar="COURSEWRIGHT_LEDGER", help="The ledger's file, or a database's URL."
    ),
]
KeyOption = Annotated[
    Path,
    typer.Option("--key", metavar="FILE", envvar="COURSEWRIGHT_KEY", help="The issuer's signing key."),
]
TrustOption = Annotated[
    list[str] | None,
    typer.Option(
        "--trust",
        metavar="DID",
        help="The did:key of an issuer that may have signed; by default the one beside the ledger.",
    ),
]


def open_ledger(ledger: str, *, key: "SigningKey | None" = None) -> "Ledger":
    """The ledger, for reading, or with a key for writing too.

    Raises:
        CoursewrightError: there is none.
    """
    from release.ledger import Ledger

    if "://" not in ledger and not Path(ledger).is_file():
        raise CoursewrightError(f"{ledger}: there is no ledger here; name one with --ledger, or run ledger init.")
    return Ledger(ledger_url(ledger), key)


def open_sound_ledger(ledger: str, trust: Collection[str] | None, *, key: "SigningKey | None" = None) -> "Ledger":
    """As :func:`open_ledger`, after a replay has shown that nothing was changed: nothing is decided on less.

    Raises:
        CoursewrightError: as :func:`open_ledger`, or the ledger is not what a trusted issuer signed.
    """
    from release.ledger_verify import verify_ledger

    keys = trusted(ledger, trust)
    opened = open_ledger(ledger, key=key)
    found = verify_ledger(opened.store, keys=keys)
    if not found.ok:
        opened.close()
        raise CoursewrightError(f"{ledger}: {found.message} Nothing can be decided on it; restore a sound copy.")
    return opened


def ledger_url(ledger: str) -> str:
    """The SQLAlchemy URL of a ledger that is named by a file or a URL."""
    return ledger if "://" in ledger else f"sqlite:///{Path(ledger).absolute()}"


def open_key(key: Path) -> "SigningKey":
    """The signing key; its passphrase is asked for.

    Raises:
        CoursewrightError: there is none, or the passphrase is wrong or missing.
    """
    from release import keys

    if not key.is_file():
        raise CoursewrightError(f"{key}: there is no signing key here; name one with --key, or run ledger init.")
    return keys.load(key, passphrase(f"Passphrase of {key}"))


def passphrase(question: str, *, twice: bool = False) -> str:
    """The passphrase of a key: from the environment (and no child process gets it), from a file, or typed unseen.

    Raises:
        CoursewrightError: there is neither a variable nor a terminal, or the file cannot be read.
    """
    given = os.environ.pop(PASSPHRASE, None)
    if given is not None:
        return given
    if file := os.environ.get(PASSPHRASE_FILE):
        return _first_line(Path(file))
    if not sys.stdin.isatty():
        raise CoursewrightError(
            f"{question} is not known; set {PASSPHRASE} or {PASSPHRASE_FILE}, or run this on a terminal."
        )
    typed: str = typer.prompt(question, hide_input=True, confirmation_prompt=twice, err=True)
    return typed


def _first_line(file: Path) -> str:
    try:
        return file.read_text("utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise CoursewrightError(f"{file}: the passphrase cannot be read from here ({error}).") from error


def issuer_file(ledger_or_key: Path) -> Path:
    """Where the issuer is described: beside the ledger and the private key."""
    return ledger_or_key.parent / "issuer.json"


def read_issuer(file: Path) -> IssuerFile:
    """The issuer that the file describes.

    Raises:
        CoursewrightError: there is no such file, or it says something else.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=IssuerFile)
    except FileNotFoundError as error:
        raise CoursewrightError(f"{file}: the issuer is not described here; ledger init writes this file.") from error
    except msgspec.DecodeError as error:
        raise CoursewrightError(f"{file}: {error}; it holds the issuer's id, name and url.") from error


def signing_issuer(key: Path, did: str) -> IssuerFile:
    """The issuer that a key signs for.

    Raises:
        CoursewrightError: the issuer is not described beside the key, or this key is not one of its own that is in use.
    """
    issuer = read_issuer(issuer_file(key))
    if not issuer.knows(did) or (not issuer.web and issuer.id != did):
        raise CoursewrightError(
            f"{key}: {did} is not the key that {issuer_file(key)} signs with; key rotate makes one."
        )
    return issuer


def trusted(ledger: str, trust: Collection[str] | None) -> Collection[str]:
    """The issuers' keys that may have signed the ledger, and, where it is known, until when.

    Raises:
        CoursewrightError: none is named and none is beside the ledger.
    """
    if trust:
        return trust
    if "://" in ledger or not issuer_file(Path(ledger)).is_file():
        raise CoursewrightError(f"{ledger}: who may have signed is not known; name the issuer with --trust DID.")
    return read_issuer(issuer_file(Path(ledger))).trust()
