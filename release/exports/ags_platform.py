"""``platform.toml``: an LTI 1.3 platform, and where in it the line items of a course are."""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from authoring.toml_file import TomlError, load_toml

SCHEMA = 1
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Platform(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a platform tells whoever registers the tool."""

    schema: int
    client_id: str
    token_url: str  # its OAuth 2 token endpoint
    line_items: str  # the course's line items, the ``lineitems`` of its launches
    audience: str = ""  # of the assertion, where the platform wants another than the token endpoint

    def is_own(self, url: str) -> bool:
        """Whether an address is at the place that the line items are at; no token goes anywhere else."""
        return origin(url) == origin(self.line_items)


def read_platform(path: Path) -> Platform:
    """The platform in a file.

    Raises:
        TomlError: it cannot be read, a key is missing or unknown, or an address is not one of ``https``.
    """
    platform = load_toml(path, Platform, schema=SCHEMA)
    for key in ("token_url", "line_items"):
        parts = urlsplit(getattr(platform, key))
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise TomlError(str(path), key, "an address that begins with https:// was expected")
    return platform


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port
