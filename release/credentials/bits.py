"""Bit strings as status lists hold them (W3C, *Bitstring Status List v1.0*).

One bit for each place, the first place the most significant bit of the first byte; compressed with gzip, written in
base 64 for addresses without padding, behind the multibase letter ``u``.
"""

import base64
import zlib
from collections.abc import Iterable

SIZE = 131_072  # places: the least that a list may have, so that a place tells little
_LARGEST = 1 << 24  # bytes, uncompressed: 128 times the least
_GZIP = 31  # zlib's number for "with gzip's header and the widest window"


def encoded(places: Iterable[int], *, size: int = SIZE) -> str:
    """A list of ``size`` places in which the given ones are set. The same text for the same places.

    Raises:
        ValueError: a place lies outside of the list, or the list is shorter than the standard allows.
    """
    if size < SIZE or size % 8:
        raise ValueError(f"a status list has {SIZE} places or more, in whole bytes")
    bits = bytearray(size // 8)
    for place in places:
        if not 0 <= place < size:
            raise ValueError(f"the place {place} is outside of a list of {size}")
        bits[place // 8] |= 0x80 >> place % 8
    packing = zlib.compressobj(wbits=_GZIP)
    packed = packing.compress(bytes(bits)) + packing.flush()  # without a time, so the same for the same places
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bits of an encoded list, of which no more are unpacked than a list may have.

    Raises:
        ValueError: it is not such a list, is shorter than the standard allows, or longer than is reasonable.
    """
    if not text.startswith("u"):
        raise ValueError("it is not in multibase base 64 for addresses")
    packed = _bytes_of(text[1:])
    unpacking = zlib.decompressobj(_GZIP)
    try:
        bits = unpacking.decompress(packed, _LARGEST + 1)
    except zlib.error as error:
        raise ValueError("it is not compressed with gzip") from error
    if len(bits) > _LARGEST:
        raise ValueError("it is longer than a status list can be")
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("it is cut off, or has something behind its end")
    if len(bits) * 8 < SIZE:
        raise ValueError(f"it has fewer than {SIZE} places")
    return bits


def is_set(bits: bytes, place: int) -> bool:
    """Whether the bit of a place is set.

    Raises:
        ValueError: the list has no such place.
    """
    if not 0 <= place < len(bits) * 8:
        raise ValueError(f"it has no place {place}")
    return bool(bits[place // 8] & 0x80 >> place % 8)


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise ValueError("it is not in base 64 for addresses") from error
