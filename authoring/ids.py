"""Ids that also serve as names of folders and files."""

import re

_SAFE = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
RULE = "small letters, digits, `.`, `_` and `-`, the first a letter or a digit, at most 100 in all"


def is_safe_id(text: str) -> bool:
    """Whether ``text`` may name a folder: it cannot leave its parent, hide, or differ by case alone from another."""
    return _SAFE.fullmatch(text) is not None
