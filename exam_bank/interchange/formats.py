"""The formats by name, and how a file tells which it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from exam_bank.interchange.exchanged import Kept, LeftOut, Read
from exam_bank.interchange.safe_xml import local, parse_xml
from exam_bank.interchange.safe_zip import Archive
from exam_bank.item import Item
from exam_bank.strict import SourceError

Writer = Callable[[Sequence[Item]], tuple[bytes, list[Kept], list[LeftOut]]]


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        name: what the command line calls it.
        title: what people call it.
        ending: how its files' names end.
    """

    name: str
    title: str
    ending: str

    def read(self, data: bytes, *, file: str) -> Read:
        """The questions in a file."""
        module = import_module(f"exam_bank.interchange.{self.name}_read")
        return cast("Read", module.read(data, file=file))

    def write(self, items: Sequence[Item]) -> tuple[bytes, list[Kept], list[LeftOut]]:
        """A file of items without templates, what is in it, and what is not."""
        return cast("Writer", import_module(f"exam_bank.interchange.{self.name}_write").write)(items)


FORMATS = {
    each.name: each
    for each in (
        Format("qti", "QTI 3.0 (2.1 and 2.2 are read as well)", ".zip"),
        Format("moodle", "Moodle XML", ".xml"),
        Format("gift", "GIFT", ".gift"),
        Format("aiken", "Aiken", ".txt"),
        Format("olx", "Open edX problems (OLX)", ".tar.gz"),
        Format("canvas", "Canvas, QTI 1.2", ".zip"),
    )
}
_BY_ROOT = {"quiz": "moodle", "questestinterop": "canvas", "assessmentItem": "qti", "qti-assessment-item": "qti"}
_BY_ROOT |= dict.fromkeys(("problem", "library", "course", "chapter", "sequential", "vertical"), "olx")


def format_of(data: bytes, *, file: str) -> Format:
    """The format that a file is in, by what is in it.

    Raises:
        SourceError: it cannot be told.
    """
    if data.startswith(b"\x1f\x8b"):
        return FORMATS["olx"]
    if data.startswith(b"PK"):
        return _of_archive(Archive(data, file=file), file)
    text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", errors="replace")
    if text.lstrip().startswith("<"):
        root = local(parse_xml(data, file=file))
        if root in _BY_ROOT:
            return FORMATS[_BY_ROOT[root]]
        raise SourceError(file, "", f"a file that begins with <{root[:60]}> is in no format that is read")
    if any(line.strip().upper().startswith("ANSWER:") for line in text.split("\n")):
        return FORMATS["aiken"]
    if "{" in text:
        return FORMATS["gift"]
    raise SourceError(file, "", f"its format cannot be told; say --format with one of {', '.join(FORMATS)}")


def _of_archive(archive: Archive, file: str) -> Format:
    if "imsmanifest.xml" in archive.names:
        manifest = archive.read("imsmanifest.xml")
        if b"imsqti_item" in manifest or b"imsqti_test" in manifest:
            return FORMATS["qti"]
        if b"imsqti_xmlv1p2" in manifest or b"ims_qtiasiv1p2" in manifest or b"imscc_xmlv1p" in manifest:
            return FORMATS["canvas"]
    if any("problem/" in name for name in archive.names):
        return FORMATS["olx"]
    raise SourceError(file, "", f"its format cannot be told; say --format with one of {', '.join(FORMATS)}")
