"""Where the words that an author expects stand in a short answer. They help whoever reads it, and give no points.

A keyword is found whatever its capitals, accents of compatible characters and spacing, where a word begins; so
``subgroup`` is also found in "Subgroups". A keyword that is not there says little: learners know other words.
"""

import re
import unicodedata
from collections.abc import Sequence

import msgspec


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """One keyword.

    Attributes:
        keyword: as the author wrote it.
        places: where it stands in the answer: first character and the one behind the last.
    """

    keyword: str
    places: tuple[tuple[int, int], ...]


def keyword_hints(answer: str, keywords: Sequence[str]) -> tuple[Hint, ...]:
    """Each keyword with its places in ``answer``, in the order of the author."""
    return tuple(Hint(keyword=each, places=_places(answer, each)) for each in keywords)


def marked(answer: str, keywords: Sequence[str], *, before: str = "[", after: str = "]") -> str:
    """The answer with its keywords between two marks, for a terminal."""
    spans = _joined(sorted(place for hint in keyword_hints(answer, keywords) for place in hint.places))
    for start, end in reversed(spans):
        answer = answer[:start] + before + answer[start:end] + after + answer[end:]
    return answer


def summary(answer: str, keywords: Sequence[str]) -> str:
    """``keywords: 2 of 3 (subgroup, range); not found: chart``, or "" if there are none."""
    if not keywords:
        return ""
    hints = keyword_hints(answer, keywords)
    there = [hint.keyword for hint in hints if hint.places]
    missing = [hint.keyword for hint in hints if not hint.places]
    found = f" ({', '.join(there)})" if there else ""
    not_found = f"; not found: {', '.join(missing)}" if missing else ""
    return f"keywords: {len(there)} of {len(hints)}{found}{not_found}"


def _places(answer: str, keyword: str) -> tuple[tuple[int, int], ...]:
    words = unicodedata.normalize("NFKC", keyword).split()
    if not words:
        return ()
    pattern = r"(?<!\w)" + r"[\s\u2010-\u2015-]+".join(re.escape(word) for word in words)
    return tuple(match.span() for match in re.finditer(pattern, answer, re.IGNORECASE))


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without overlaps."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
