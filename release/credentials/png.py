"""Credentials within PNG images (Open Badges 3.0, 5.3.3.1): an uncompressed ``iTXt`` chunk ``openbadgecredential``."""

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"openbadgecredential"
_LARGEST = 1 << 20  # bytes of a credential
_MOST_CHUNKS = 10_000


def baked(image: bytes, credential: bytes) -> bytes:
    """The image with the credential in it, before its pixels, in place of one that was there.

    Raises:
        ValueError: it is not a PNG image.
    """
    text = _KEYWORD + b"\0" + b"\0\0" + b"\0" + b"\0" + credential  # not compressed, no language, no translation
    parts = [SIGNATURE]
    for kind, data in _chunks(image):
        if kind == b"iTXt" and data.startswith(_KEYWORD + b"\0"):
            continue
        parts.append(_chunk(kind, data))
        if kind == b"IHDR":
            parts.append(_chunk(b"iTXt", text))
    return b"".join(parts)


def extracted(image: bytes) -> bytes:
    """The one credential in an image.

    Raises:
        ValueError: it is not a sound PNG image, or holds none, or two, or one that is not as the standard has it.
    """
    found = [data for kind, data in _chunks(image) if kind == b"iTXt" and data.startswith(_KEYWORD + b"\0")]
    if not found:
        raise ValueError("the image holds no credential")
    if len(found) > 1:
        raise ValueError("the image holds two credentials, and readers would differ in which one counts")
    rest = found[0][len(_KEYWORD) + 1 :]
    compressed, (_language, _, behind) = rest[:1], rest[2:].partition(b"\0")
    if compressed != b"\0":
        raise ValueError("the credential in the image is compressed, which the standard forbids")
    _translated, separator, credential = behind.partition(b"\0")
    if not separator:
        raise ValueError("the credential in the image is cut off")
    if len(credential) > _LARGEST:
        raise ValueError("the credential in the image is larger than one can be")
    return credential


def _chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks up to the end, each with its checksum compared."""
    if not image.startswith(SIGNATURE):
        raise ValueError("it is not a PNG image")
    at = len(SIGNATURE)
    for number in range(_MOST_CHUNKS):
        if at + 12 > len(image):
            raise ValueError("the image is cut off")
        length, kind = struct.unpack_from(">I4s", image, at)
        end = at + 8 + length
        if end + 4 > len(image):
            raise ValueError("the image is cut off")
        data = image[at + 8 : end]
        if struct.unpack_from(">I", image, end)[0] != zlib.crc32(data, zlib.crc32(kind)):
            raise ValueError("the image is damaged: a checksum does not match")
        if (number == 0) != (kind == b"IHDR"):
            raise ValueError("it is not a PNG image: its header is not where it belongs")
        yield kind, data
        at = end + 4
        if kind == b"IEND":
            return
    raise ValueError("the image has more parts than an image needs")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
