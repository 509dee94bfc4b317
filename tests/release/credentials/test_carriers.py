"""Badges: what was baked comes out again, and images from strangers do no harm."""

import struct
import zlib

import pytest

from release.credentials import png, svg
from release.credentials.answer import Answer, RefusedError
from release.credentials.carriers import unwrapped

JSON = '{"name": "<Ω> & ]]> \\" ok"}'.encode()
TOKEN = b"eyJh.eyJi.c2ln"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle r="4"/></svg>'


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXELS = chunk(b"IDAT", zlib.compress(b"\0\0"))
END = chunk(b"IEND", b"")
PNG = png.SIGNATURE + HEADER + PIXELS + END


def with_text(*texts: bytes) -> bytes:
    return png.SIGNATURE + HEADER + b"".join(chunk(b"iTXt", text) for text in texts) + PIXELS + END


def itxt(credential: bytes, *, compressed: bytes = b"\0") -> bytes:
    return b"openbadgecredential\0" + compressed + b"\0en\0Berechtigung\0" + credential


@pytest.mark.parametrize("credential", [JSON, TOKEN])
@pytest.mark.parametrize(("form", "image"), [(png, PNG), (svg, SVG)])
def test_what_was_baked_comes_out_again_byte_for_byte(form, image, credential):
    assert form.extracted(form.baked(image, credential)) == credential
    assert unwrapped(form.baked(image, credential)) == credential


def test_a_png_is_baked_as_the_standard_says():
    """Open Badges 3.0, 5.3.3.1: one iTXt chunk with this keyword, not compressed."""
    baked = png.baked(png.baked(PNG, b"other"), TOKEN)
    assert baked.count(b"openbadgecredential") == 1
    assert b"iTXtopenbadgecredential\0\0\0\0\0" + TOKEN in baked
    assert baked.startswith(png.SIGNATURE + HEADER)
    assert baked.endswith(PIXELS + END)


def test_an_svg_is_baked_as_the_standard_says():
    """Open Badges 3.0, 5.3.3.2: a token in the attribute, a credential with its own proof as text."""
    namespace = b'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
    token, text = svg.baked(SVG, TOKEN), svg.baked(SVG, JSON)
    assert namespace in token
    assert namespace in text
    assert b'<openbadges:credential verify="eyJh.eyJi.c2ln"/>' in token
    assert b"<openbadges:credential><![CDATA[{" in text


def test_a_text_with_a_language_is_read_too():
    assert png.extracted(with_text(itxt(TOKEN))) == TOKEN


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (PNG, "holds no credential"),
        (with_text(itxt(TOKEN), itxt(TOKEN)), "two credentials"),
        (with_text(itxt(zlib.compress(bytes(1 << 20)), compressed=b"\1")), "compressed"),
        (with_text(b"openbadgecredential\0\0\0\0"), "cut off"),
        (with_text(itxt(b"x" * ((1 << 20) + 1))), "larger than"),
        (png.SIGNATURE, "cut off"),
        (PNG[:-12], "cut off"),
        (png.SIGNATURE + struct.pack(">I", 0xFFFFFFFF) + b"IHDR" + bytes(40), "cut off"),
        (png.SIGNATURE + PIXELS + END, "header"),
        (png.SIGNATURE + HEADER + HEADER + END, "header"),
        (PNG.replace(b"IEND", b"IENF"), "checksum"),
        (png.SIGNATURE + HEADER + chunk(b"tEXt", b"") * 10_001 + END, "more parts"),
        (b"GIF89a", "not a PNG"),
    ],
)
def test_a_png_that_is_not_sound_is_refused(image, why):
    with pytest.raises(ValueError, match=why):
        png.extracted(image)


ELEMENT = b'<c:credential xmlns:c="https://purl.imsglobal.org/ob/v3p0" verify="a.b.c"/>'


def holding(inner: bytes, before: bytes = b"") -> bytes:
    return before + b'<svg xmlns="http://www.w3.org/2000/svg">' + inner + b"</svg>"


LAUGHS = b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (SVG, "no credential"),
        (holding(ELEMENT + ELEMENT), "two credentials"),
        (holding(ELEMENT, LAUGHS), "document type"),
        (holding(ELEMENT, OUTSIDE), "document type"),
        (holding(ELEMENT, b'<?xml version="1.0" encoding="UTF-7"?>'), "encoding"),
        (holding(ELEMENT).decode().encode("utf-16"), "encoding|not an SVG"),
        (holding(b"<g>" * 600 + ELEMENT + b"</g>" * 600), "not an SVG"),
        (holding(ELEMENT.replace(b"/>", b">{}</c:credential>")), "both ways"),
        (holding(ELEMENT.replace(b' verify="a.b.c"', b"")), "in none"),
        (holding(ELEMENT).replace(b"2000/svg", b"1999/xhtml"), "not an SVG"),
        (b"<svg", "not an SVG"),
        (b"<" + b" " * (1 << 24), "larger than"),
    ],
)
def test_an_svg_that_is_not_safe_or_sound_is_refused(image, why):
    with pytest.raises(ValueError, match=why):
        svg.extracted(image)


def test_a_namespace_may_have_any_prefix_and_comments_hide_nothing():
    assert svg.extracted(holding(b"<!-- <openbadges:credential/> -->" + ELEMENT)) == b"a.b.c"


def test_only_images_without_a_credential_are_baked():
    with pytest.raises(ValueError, match="without a credential"):
        svg.baked(svg.baked(SVG, TOKEN), TOKEN)
    with pytest.raises(ValueError, match="not a PNG"):
        png.baked(b"GIF89a", TOKEN)


def test_blanks_around_a_token_do_not_matter_and_images_without_one_are_malformed():
    assert unwrapped(b"\n " + TOKEN + b"\r\n") == TOKEN
    for data in (PNG, SVG, b" " * ((1 << 24) + 1)):
        with pytest.raises(RefusedError) as caught:
            unwrapped(data)
        assert caught.value.answer is Answer.MALFORMED
