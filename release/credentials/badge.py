"""Badges: drawn by ourselves, one for each program and issuer, with a learner's credential baked in."""

import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from authoring.errors import CoursewrightError
from release.credentials import png, svg
from release.credentials.proofs import Secured

_PIXELS_PER_INCH = 144  # 680 pixels across
_LONGEST = 200  # characters of a title or a name
_FOREIGN = re.compile(rb' xmlns:h5="[^"]*"')


class BadgeError(CoursewrightError):
    """No badge can be drawn of a credential."""


def badge(secured: Secured, credential: bytes, form: Literal["png", "svg"]) -> bytes:
    """The badge of a credential, with the credential in it.

    Args:
        secured: the credential, as it was read; it is for the caller to have verified it.
        credential: the same as it came, JSON or a token.
        form: the form of the image.

    Raises:
        BadgeError: it names no achievement and issuer.
    """
    title, issuer = shown(secured)
    image = drawn(title, issuer, form)
    return png.baked(image, credential) if form == "png" else svg.baked(image, credential)


def shown(secured: Secured) -> tuple[str, str]:
    """What a badge shows of a credential: the achievement's name, and the issuer's.

    Raises:
        BadgeError: it names none.
    """
    try:
        title = secured.document["credentialSubject"]["achievement"]["name"]
        issuer = secured.document["issuer"]["name"]
        if not (isinstance(title, str) and isinstance(issuer, str)):
            raise TypeError("not texts")
    except (KeyError, TypeError) as error:
        raise BadgeError("no badge is drawn of a credential that names no achievement and no issuer.") from error
    return title[:_LONGEST], issuer[:_LONGEST]


@lru_cache(maxsize=32)
def drawn(title: str, issuer: str, form: Literal["png", "svg"]) -> bytes:
    """The image alone. Its colour is the title's own, the same each time."""
    import typst

    hue = int.from_bytes(hashlib.sha256(title.encode()).digest()[:2]) % 360
    image = typst.compile(
        files("release").joinpath("web", "badge.typ").read_bytes(),
        format=form,
        ppi=_PIXELS_PER_INCH,
        sys_inputs={"title": title, "issuer": issuer, "hue": str(hue)},
        ignore_system_fonts=True,
    )
    if not isinstance(image, bytes):
        raise TypeError("typst made other than one page")
    return image if form == "png" else _FOREIGN.sub(b"", image)
