"""A credential in whatever it came: JSON, a token, or an image that it was baked into."""

from release.credentials import png, svg
from release.credentials.answer import Answer, RefusedError

_LARGEST = 1 << 24  # bytes


def unwrapped(data: bytes) -> bytes:
    """The credential itself, JSON or a token, without blanks around it.

    Raises:
        RefusedError: it is an image without a credential, or larger than anything that holds one.
    """
    if len(data) > _LARGEST:
        raise RefusedError(Answer.MALFORMED, "It is larger than a credential or a badge can be.")
    begins = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    try:
        if data.startswith(png.SIGNATURE):
            return png.extracted(data)
        if begins == b"<":
            return svg.extracted(data)
    except ValueError as error:
        raise RefusedError(Answer.MALFORMED, f"It is no badge: {error}.") from error
    return data if begins == b"{" else data.strip()
