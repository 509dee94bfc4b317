"""Single cells of a file that people open in a spreadsheet: text that cannot run, numbers that stay numbers.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` (blanks before it aside, their full-width forms
too), or with a tab or a line break, for a formula. Such a text gets one apostrophe in front, and so does one that
begins with apostrophes and then with such a sign; :func:`plain` takes exactly one away again. So every text comes back
as it was. Numbers are written by :func:`number` and get none.
"""

import re
from decimal import Decimal

MAX_DIGITS = 40
_RUNS = re.compile(r"'*(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
_MADE_SAFE = re.compile(r"'+(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,2})?\Z|\.[0-9]+\Z", re.ASCII)


def safe(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _RUNS.match(text) else text


def plain(cell: str) -> str:
    """The text of a cell that :func:`safe` made."""
    return cell[1:] if _MADE_SAFE.match(cell) else cell


def number(value: Decimal | None) -> str:
    """The number in full, without an exponent and needless zeros; nothing where there is none."""
    if value is None:
        return ""
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def parsed_number(cell: str) -> Decimal:
    """The number in a cell: digits with a point, at least 0.

    Raises:
        ValueError: it is something else: a word, a percentage, NaN, a negative number, or one without end.
    """
    text = cell.strip()
    if len(text) > MAX_DIGITS or not _NUMBER.match(text):
        raise ValueError("not a number")
    return Decimal(text)
