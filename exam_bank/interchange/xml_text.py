"""Text for XML that we write."""

import re
from html import escape

_UNXML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml(text: str) -> str:
    """Text as XML shows it; what XML cannot hold is left out."""
    return escape(_UNXML.sub("", text), quote=True)
