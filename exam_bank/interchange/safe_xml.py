"""XML from strangers: no document type, no entities, no network, and bounded in every direction."""

import re

from lxml import etree

from exam_bank.interchange.exchanged import MAX_FILE, MAX_TEXT
from exam_bank.strict import SourceError

MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
MAX_ATTRIBUTE = 10_000

Element = etree._Element

_DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def parse_xml(data: bytes, *, file: str) -> Element:
    """The root of the document.

    Raises:
        SourceError: it is no XML, has a document type, or is larger or deeper than anybody would write.
    """
    if len(data) > MAX_FILE:
        raise SourceError(file, "", f"the file is larger than {MAX_FILE // 1024 // 1024} MiB; split it")
    text = _decoded(data, file)
    if (at := _document_type(text)) >= 0:
        line = text.count("\n", 0, at) + 1
        raise SourceError(file, f"line {line}", "a document type (<!DOCTYPE …>) is not read; delete it")
    parser = _parser()
    try:
        parser.feed(text.encode("utf-8"))
        root = parser.close()
    except etree.XMLSyntaxError as error:
        if "limit" in error.msg or "depth" in error.msg:
            problem = "a text is longer, or elements lie deeper, than anybody would write"
            raise SourceError(file, f"line {error.lineno}", problem) from error
        raise SourceError(file, f"line {error.lineno}", f"this is not XML ({error.msg})") from error
    _bounded(root, file)
    return root


def _parser() -> etree.XMLParser:
    # The text is UTF-8 by now, whatever the declaration says.
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )


def _decoded(data: bytes, file: str) -> str:
    """UTF-8, or UTF-16 with its mark; another declared encoding only if it is a subset of what people use."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        name = "utf-16"
    elif data.startswith(b"\xef\xbb\xbf"):
        name = "utf-8-sig"
    else:
        declared = re.match(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']", data)
        name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name not in {"utf-8", "utf-8-sig", "utf-16", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"}:
        raise SourceError(file, "", f"the encoding {name} is not read; save the file as UTF-8")
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        raise SourceError(file, f"byte {error.start + 1}", f"the file is not {name}; save it as UTF-8") from error
    if "\x00" in text:
        raise SourceError(file, "", "there are null characters in the file; save it as UTF-8")
    return text


def _document_type(text: str) -> int:
    """Where a document type or entity is declared, or -1; in CDATA and comments the words may stand."""
    at = text.find("<!")
    while at >= 0:
        if _DOCTYPE.match(text, at):
            return at
        end = "-->" if text.startswith("<!--", at) else "]]>" if text.startswith("<![CDATA[", at) else "<!"
        at = text.find(end, at + 2)
        at = text.find("<!", at) if at >= 0 else -1
    return -1


def _bounded(root: Element, file: str) -> None:
    depth, count = 0, 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth, count = depth + 1, count + 1
        if depth > MAX_DEPTH:
            raise SourceError(file, _line(element), f"elements lie more than {MAX_DEPTH} deep; nobody writes that")
        if count > MAX_ELEMENTS:
            raise SourceError(file, "", f"there are more than {MAX_ELEMENTS:,} elements; split the file")
        if any(len(value) > MAX_ATTRIBUTE for value in element.attrib.values()):
            raise SourceError(file, _line(element), f"an attribute has more than {MAX_ATTRIBUTE:,} characters")
        if len(element.text or "") > MAX_TEXT or len(element.tail or "") > MAX_TEXT:
            raise SourceError(
                file, _line(element), f"a text has more than {MAX_TEXT:,} characters; leave pictures out of it"
            )


def _line(element: Element) -> str:
    return f"line {element.sourceline}"


def local(element: Element) -> str:
    """The element's name without its namespace; "" for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: Element, *names: str) -> list[Element]:
    """Child elements with one of the local names, or all."""
    return [each for each in element if local(each) and (not names or local(each) in names)]


def child(element: Element | None, *path: str) -> Element | None:
    """The first element along a path of local names."""
    for name in path:
        found = children(element, name) if element is not None else []
        element = found[0] if found else None
    return element


def below(element: Element, *names: str) -> list[Element]:
    """Descendants with one of the local names, in order."""
    return [each for each in element.iter() if each is not element and local(each) in names]


def text_of(element: Element | None) -> str:
    """All text in an element, or ""."""
    return "" if element is None else "".join(element.itertext())


def text_at(element: Element | None, *path: str, default: str = "") -> str:
    """The stripped text of the first element along a path."""
    found = child(element, *path)
    return default if found is None else text_of(found).strip()
