"""Credentials within SVG images (Open Badges 3.0, 5.3.3.2): an element ``openbadges:credential``.

A token stands in its attribute ``verify``, a credential with a proof of its own as its text. Images come from
strangers, so a document type, and with it every entity, is refused before anything is read.
"""

import re

_NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
_SVG = "http://www.w3.org/2000/svg"
_LARGEST = 1 << 24  # bytes of an image
_ROOT = re.compile(rb"<svg\b[^>]*>")
_DECLARED_ENCODING = re.compile(rb"\A\s*<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)


def baked(image: bytes, credential: bytes) -> bytes:
    """One of our own images with the credential as its first element.

    Raises:
        ValueError: it is not an SVG image without a credential.
    """
    root = _ROOT.search(image)
    if root is None or b"openbadges:credential" in image:
        raise ValueError("it is not an SVG image without a credential")
    declared = f' xmlns:openbadges="{_NAMESPACE}">'.encode()
    return b"".join([image[: root.end() - 1], declared, _element(credential), image[root.end() :]])


def extracted(image: bytes) -> bytes:
    """The one credential in an image.

    Raises:
        ValueError: it is not an SVG image that can be read safely, or holds none, or two.
    """
    from lxml import etree

    if len(image) > _LARGEST:
        raise ValueError("the image is larger than a badge can be")
    if b"<!DOCTYPE" in image or b"<!ENTITY" in image or b"\0" in image or _DECLARED_ENCODING.match(image):
        raise ValueError("the image has a document type, entities or another encoding than UTF-8, which no badge needs")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(image, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("it is not an SVG image") from error
    if root.tag != f"{{{_SVG}}}svg":
        raise ValueError("it is not an SVG image")
    found = list(root.iter(f"{{{_NAMESPACE}}}credential"))
    if len(found) != 1:
        what = "no credential" if not found else "two credentials, and readers would differ in which one counts"
        raise ValueError(f"the image holds {what}")
    text = "".join(found[0].itertext()).strip()
    token = found[0].get("verify")
    if (token is None) == (not text):
        raise ValueError("the image holds a credential in both ways, or in none")
    return (text if token is None else token).encode()


def _element(credential: bytes) -> bytes:
    if credential.startswith(b"{"):
        text = credential.replace(b"]]>", b"]]]]><![CDATA[>")
        return b"<openbadges:credential><![CDATA[" + text + b"]]></openbadges:credential>"
    return b'<openbadges:credential verify="' + credential + b'"/>'
