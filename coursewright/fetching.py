"""Reads what a person names: a file, or an address on the web, which is asked for once and for nothing else."""

from pathlib import Path
from urllib.parse import urlsplit

from authoring.errors import CoursewrightError

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
