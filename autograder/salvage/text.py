"""From bytes to text: encodings other than UTF-8, and files that are something else altogether."""

import codecs
import json
import re
from dataclasses import dataclass

SAVE_AGAIN = "ask the learner to save it from Jupyter and to hand it in again"
_BOMS = (  # the long ones first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_KINDS = (
    (b"%PDF", "a PDF; ask the learner for the notebook itself"),
    (b"PK\x03\x04", "a zip archive (or an Office document); ask the learner for the notebook in it"),
    (b"\x1f\x8b", "a gzip archive; ask the learner for the notebook in it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; ask the learner for the notebook in it"),
    (b"Rar!", "a RAR archive; ask the learner for the notebook in it"),
    (b"\x89PNG", "a picture; ask the learner for the notebook itself"),
    (b"\xff\xd8\xff", "a picture; ask the learner for the notebook itself"),
    (b"\xd0\xcf\x11\xe0", "an Office document; ask the learner for the notebook itself"),
    (b"\x00\x05\x16\x07", "what macOS keeps beside a file, not the file; ask the learner for the notebook itself"),
    (b"{\\rtf", "a text processor's document; ask the learner for the notebook itself"),
    (b"version https://git-lfs", "a pointer to a file in Git LFS; ask the learner for the notebook itself"),
)
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML = re.compile(rb"\s*<\?xml\b")
_ESCAPED = re.compile("[\udc80-\udcff]")


class NoNotebookError(Exception):
    """The file is no notebook, or nothing certain can be read of it; the message says what it is and what to do."""


@dataclass(frozen=True)
class Decoded:
    """A file's text.

    ``broken`` means that some bytes are no text: they are lone surrogates U+DC80 to U+DCFF now.
    """

    text: str
    notes: tuple[str, ...] = ()
    broken: bool = False


def decoded(data: bytes) -> Decoded:
    """The text of a file.

    Raises:
        NoNotebookError: it is empty, or a file of another kind.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise NoNotebookError(f"the file is {'filled with zeros' if data.strip() else 'empty'}; {SAVE_AGAIN}")
    _refuse_other_kinds(data)
    for mark, codec, name in _BOMS:
        if data.startswith(mark):
            return _wide(data, codec, name)
    notes: tuple[str, ...] = ()
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
        notes = ("the file begins with a byte order mark, which was left out",)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _not_utf8(data)
    wide = _unmarked(data)
    return _wide(data, wide, wide.upper()) if wide else Decoded(text, notes)


def _refuse_other_kinds(data: bytes) -> None:
    for start, kind in _KINDS:
        if data.startswith(start):
            raise NoNotebookError(f"this is {kind}")
    if _HTML.match(data[:4096]):
        raise NoNotebookError(
            "this is a web page, perhaps that of the notebook or of a login; ask the learner to use Download in Jupyter"
        )
    if _XML.match(data[:100]):
        raise NoNotebookError("this is XML; ask the learner for the notebook itself")


def _unmarked(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, known by the zeros beside the first characters of JSON; otherwise ""."""
    start = data[:4]
    return json.detect_encoding(start) if b"\0" in start and start.strip(b"\0")[:1] in b"{[ \t\r\n" else ""


def _wide(data: bytes, codec: str, name: str) -> Decoded:
    try:
        return Decoded(data.decode(codec), (f"the file is in {name} and was read as that",))
    except UnicodeDecodeError as error:
        raise NoNotebookError(f"the file is in {name}, and broken at byte {error.start + 1}; {SAVE_AGAIN}") from error


def _not_utf8(data: bytes) -> Decoded:
    """Windows-1252 if there is not one character of UTF-8 in the file, otherwise UTF-8 with holes in it."""
    if wide := _unmarked(data):
        return _wide(data, wide, wide.upper())
    text = data.decode("utf-8", "surrogateescape")
    if _ESCAPED.sub("", text).isascii():
        try:
            note = "the file is not in UTF-8 and was read as Windows-1252; see whether letters with accents are right"
            return Decoded(data.decode("cp1252"), (note,))
        except UnicodeDecodeError:
            pass  # one of the five bytes that mean nothing there
    return Decoded(text, ("some bytes of the file are no text; see whether the answers are whole",), broken=True)
