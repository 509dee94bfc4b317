"""What ``coursewright check`` reports."""

from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """How bad a finding is; an error or a warning makes ``check`` exit with 1."""

    ERROR = "error"  # learners would get a wrong grade, or see what they must not
    WARNING = "warning"  # learners would be embarrassed, or shut out


class Finding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One thing that would embarrass an instructor, and what to do about it."""

    file: str  # relative to the checked path
    cell: str | None = None  # grade id, cell id or "cell 7" (counted from 1); None: the whole file
    rule: str
    severity: Severity
    message: str  # what is wrong
    mend: str  # what to do
