"""QTI 3.0, 2.2 and 2.1: a package or a single item."""

from collections.abc import Callable, Iterator
from urllib.parse import unquote

from exam_bank.interchange.exchanged import Draft, LeftOut, Read, Refused, read_each
from exam_bank.interchange.qti_names import without_versions
from exam_bank.interchange.qti_questions import draft_of
from exam_bank.interchange.safe_xml import below, local, parse_xml
from exam_bank.interchange.safe_zip import Archive
from exam_bank.strict import SourceError

_ITEMS = frozenset({"assessmentItem", "qti-assessment-item"})


def read(data: bytes, *, file: str) -> Read:
    """The questions of a package, in the manifest's order, or of one item's file.

    Raises:
        SourceError: this is neither.
    """
    if data.startswith(b"PK"):
        yield from _package(Archive(data, file=file), file)
        return
    root = parse_xml(data, file=file)
    if local(root) not in _ITEMS:
        raise SourceError(file, "", f"a QTI item begins with <qti-assessment-item>, and this with <{local(root)}>")
    yield from read_each([(f"item {root.get('identifier', '')[:80]!r}", lambda: draft_of(without_versions(root)))])


def _package(archive: Archive, file: str) -> Read:
    if "imsmanifest.xml" not in archive.names:
        raise SourceError(file, "imsmanifest.xml", "a QTI package has a manifest at its top; export it anew")
    manifest = parse_xml(archive.read("imsmanifest.xml"), file=f"{file}: imsmanifest.xml")
    resources = [each for each in below(manifest, "resource") if each.get("type", "").startswith("imsqti_item")]
    if not resources:
        raise SourceError(file, "imsmanifest.xml", "it lists no items")
    yield from read_each(_items(archive, [unquote(each.get("href", "")) for each in resources], file))
    tests = [each for each in below(manifest, "resource") if each.get("type", "").startswith("imsqti_test")]
    for test in tests:
        yield LeftOut(
            question=f"test {test.get('href', '')[:80]!r}",
            reason="a test says which items are asked together, and only items are read",
            mend="write a blueprint for an exam",
        )


def _items(archive: Archive, names: list[str], file: str) -> Iterator[tuple[str, Callable[[], Draft]]]:
    for name in names:
        yield f"item {name[:80]!r}", _reader(archive, name.removeprefix("./"), file)


def _reader(archive: Archive, name: str, file: str) -> Callable[[], Draft]:
    def read_one() -> Draft:
        if name not in archive.names:
            raise Refused("the manifest lists it, and it is not in the package", "export the package anew")
        root = parse_xml(archive.read(name), file=f"{file}: {name}")
        if local(root) not in _ITEMS:
            raise Refused("it is no QTI item", "export the package anew")
        return draft_of(without_versions(root))

    return read_one
