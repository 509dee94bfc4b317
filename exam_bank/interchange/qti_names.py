"""QTI 3.0 and 2.x under one set of names.

QTI 3.0 is written ``qti-choice-interaction`` and ``response-identifier``, QTI 2.x ``choiceInteraction`` and
``responseIdentifier``. Readers see the latter, without namespaces.
"""

from lxml import etree

from exam_bank.interchange.safe_xml import Element, local

_XHTML_KEBAB = ("data-", "aria-")


def without_versions(root: Element) -> Element:
    """A copy of the tree with the names of QTI 2.x and no namespaces."""
    copy = etree.Element(_camel(local(root)))
    stack = [(root, copy)]
    while stack:
        source, target = stack.pop()
        target.text, target.tail = source.text, source.tail
        for name, value in source.attrib.items():
            plain = etree.QName(name).localname
            target.set(plain if plain.startswith(_XHTML_KEBAB) else _camel(plain), value)
        # comments are gone by now, so all of them are elements
        stack.extend((each, etree.SubElement(target, _camel(local(each)))) for each in source)
    return copy


def _camel(name: str) -> str:
    first, *rest = name.removeprefix("qti-").split("-")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
