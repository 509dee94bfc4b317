"""Bit strings of status lists: W3C's published one, one bit for each place, and nothing that unpacks without end."""

import base64
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.credentials import bits

# W3C, "Bitstring Status List v1.0", examples: a list of 131,072 places of which none is set.
W3C_EMPTY = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def packed(data: bytes) -> str:
    stream = zlib.compressobj(wbits=31)
    return "u" + base64.urlsafe_b64encode(stream.compress(data) + stream.flush()).rstrip(b"=").decode()


def test_the_published_list_is_reproduced():
    assert bits.encoded([]) == W3C_EMPTY
    assert bits.decoded(W3C_EMPTY) == bytes(16_384)


def test_the_first_place_is_the_most_significant_bit_of_the_first_byte():
    assert bits.decoded(bits.encoded([0]))[0] == 0b1000_0000
    assert bits.decoded(bits.encoded([7, 8]))[:2] == bytes([0b0000_0001, 0b1000_0000])


def test_historic_mistake_a_byte_for_each_credential_where_the_standard_wants_a_bit():
    """Others then saw the wrong credential revoked: place 9 set must be bit 9, and byte 9 must stay empty."""
    unpacked = bits.decoded(bits.encoded([9]))
    assert len(unpacked) == 131_072 // 8
    assert unpacked[1] == 0b0100_0000
    assert unpacked[9] == 0
    assert [place for place in range(131_072) if bits.is_set(unpacked, place)] == [9]


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(0, bits.SIZE - 1), max_size=40))
def test_what_is_set_is_set_and_nothing_else(places):
    unpacked = bits.decoded(bits.encoded(places))
    as_text = f"{int.from_bytes(unpacked):0{bits.SIZE}b}"  # another way to count from the most significant bit
    assert {place for place in places if as_text[place] == "1"} == places
    assert as_text.count("1") == len(places)


@pytest.mark.parametrize("place", [-1, bits.SIZE])
def test_a_place_outside_of_the_list_is_refused(place):
    with pytest.raises(ValueError, match="outside"):
        bits.encoded([place])
    with pytest.raises(ValueError, match="no place"):
        bits.is_set(bytes(bits.SIZE // 8), place)


@pytest.mark.parametrize("size", [8, 131_064, 131_073])
def test_a_list_is_never_shorter_than_the_standard_allows(size):
    with pytest.raises(ValueError, match="131072 places or more"):
        bits.encoded([], size=size)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "multibase"),
        (W3C_EMPTY[1:], "multibase"),
        ("z" + W3C_EMPTY[1:], "multibase"),
        ("u!!", "base 64"),
        ("uAAAA", "gzip"),
        (W3C_EMPTY[:-8], "cut off"),
        (packed(bytes(16_384))[:-4] + "AAAAAAAA", "gzip|cut off"),
        (packed(bytes(16_383)), "fewer than 131072"),
        (packed(bytes((1 << 24) + 1)), "longer than"),
        (packed(bytes(1 << 28)), "longer than"),
    ],
)
def test_what_is_no_list_is_refused_without_being_unpacked_whole(text, why):
    with pytest.raises(ValueError, match=why):
        bits.decoded(text)
