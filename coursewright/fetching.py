"""Reads what a person names: a file, or an address on the web, which is asked for once and for nothing else."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from authoring.errors import CoursewrightError

if TYPE_CHECKING:
    from collections.abc import Mapping

DidOption = Annotated[
    list[str] | None,
    typer.Option("--did", metavar="FILE|URL", help="The issuer's DID document; a did:web needs it."),
]

_LARGEST = 1 << 24  # bytes
_SECONDS = 20
_HERE = ("127.0.0.1", "localhost", "::1")


def read_named(name: str) -> bytes:
    """The bytes of a file, or of an address that begins with ``https://`` (``http://`` on this machine alone).

    Raises:
        CoursewrightError: it cannot be read, or is larger than a badge can be.
    """
    parts = urlsplit(name)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE):
        return _fetched(name)
    if "://" in name:
        raise CoursewrightError(f"{name[:200]}: only https:// addresses are read.")
    try:
        with Path(name).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise CoursewrightError(f"{name[:200]}: it cannot be read ({error.strerror}).") from error
    return _bounded(name, data)


def read_documents(named: list[str] | None) -> "list[Mapping[str, Any]]":
    """The DID documents in the files or at the addresses that a person names.

    Raises:
        CoursewrightError: one cannot be read, or is none.
    """
    from release.credentials.did import read_document

    found = []
    for each in named or []:
        try:
            found.append(read_document(read_named(each)))
        except ValueError as error:
            raise CoursewrightError(f"{each}: {error}; give the did.json that the issuer publishes.") from error
    return found


def _fetched(address: str) -> bytes:
    from http.client import HTTPException
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class NoRedirects(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None  # whoever is asked must answer, not send us elsewhere

    request = Request(address, headers={"User-Agent": "coursewright"})  # noqa: S310  (checked above)
    try:
        with build_opener(NoRedirects).open(request, timeout=_SECONDS) as response:
            data: bytes = response.read(_LARGEST + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise CoursewrightError(f"{address[:200]}: it cannot be fetched ({error}).") from error
    return _bounded(address, data)


def _bounded(name: str, data: bytes) -> bytes:
    if len(data) > _LARGEST:
        raise CoursewrightError(f"{name[:200]}: it is larger than a credential or a badge can be.")
    return data
