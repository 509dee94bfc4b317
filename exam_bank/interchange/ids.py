"""Ids for what has none: made from texts, or counted."""

import re
import unicodedata


def slug(text: str, fallback: str, *, longest: int = 40) -> str:
    """An id made from a text: ``a-z``, ``0-9`` and hyphens."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_text.lower())
    made = ""
    for word in words:
        if made and len(made) + 1 + len(word) > longest:
            break
        made = f"{made}-{word}" if made else word[:longest]
    return made or fallback


def ids(count: int, prefix: str) -> list[str]:
    """Ids such as ``option-1``, ``option-2``."""
    return [f"{prefix}-{number}" for number in range(1, count + 1)]
