"""The truth about one graded attempt: :class:`GradeRecord`, as canonical JSON.

A record holds no clock, no folder and no memory address, so that the same submission graded against the same source
gives the same bytes wherever and however often it is done.
"""

import hashlib
from enum import StrEnum
from pathlib import Path

import msgspec

SCHEMA = 1


class Outcome(StrEnum):
    """What became of an attempt. A score exists only for ``graded`` and ``needs_manual`` (the points so far)."""

    GRADED = "graded"
    NEEDS_MANUAL = "needs_manual"
    FAILED = "failed"  # could not be graded; a person must look
    MISSING = "missing"


class CellOutcome(StrEnum):
    """What became of one cell that carries points."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"  # an assertion did not hold
    ERROR = "error"  # another exception
    TIMEOUT = "timeout"
    NOT_RUN = "not_run"
    TAMPERED = "tampered"
    NEEDS_MANUAL = "needs_manual"
    MANUAL = "manual"  # a person gave the mark


class CellKind(StrEnum):
    """Who gives the points of a cell."""

    TEST = "test"
    MANUAL = "manual"
    TASK = "task"


class Isolation(StrEnum):
    """Where a test cell ran."""

    EXAMINER = "examiner"  # in a process that never saw the learner's code
    SHARED = "shared"  # in the learner's process
    NONE = "none"  # it is not code


class RecordFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something about the submission that a TA should know: repaired, broken or suspicious."""

    rule: str
    cell: str | None = None
    message: str


class CellGrade(msgspec.Struct, frozen=True, kw_only=True):
    """The points of one cell. ``score`` is None as long as a person has to give it."""

    notebook: str
    grade_id: str
    kind: CellKind
    isolation: Isolation
    outcome: CellOutcome
    score: float | None
    max_score: float
    message: str = ""


class GradeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of one learner at one assignment, graded."""

    schema: int = SCHEMA
    course: str
    assignment: str
    learner: str
    attempt: str  # "sha256:…" of the submitted files
    source: str  # "sha256:…" of the assignment's source
    environment: str  # "sha256:…" of the interpreter and the installed distributions
    grader: str  # "coursewright 0.1.0"
    outcome: Outcome
    score: float | None
    max_score: float
    late_penalty: float = 0.0  # points, already known when graded; not subtracted from score
    cells: tuple[CellGrade, ...] = ()
    findings: tuple[RecordFinding, ...] = ()


def not_handed_in(stem: str) -> str:
    """What a record says of the cells of a notebook that is missing."""
    return f"{stem}.ipynb was not handed in"


def missing_notebooks(record: GradeRecord) -> frozenset[str]:
    """The file stems of the notebooks that were not handed in."""
    return frozenset(cell.notebook for cell in record.cells if cell.message == not_handed_in(cell.notebook))


def to_json(record: GradeRecord) -> bytes:
    """Canonical JSON: sorted keys, UTF-8, no spaces, a newline at the end."""
    return msgspec.json.encode(record, order="sorted") + b"\n"


def from_json(data: bytes) -> GradeRecord:
    """The record in canonical JSON.

    Raises:
        msgspec.ValidationError: it is not a record of this schema.
    """
    return msgspec.json.decode(data, type=GradeRecord)


def record_hash(record: GradeRecord) -> str:
    """``sha256:…`` of the canonical bytes: how a verified grade names the records that it rests on."""
    return "sha256:" + hashlib.sha256(to_json(record)).hexdigest()


def read_records(folder: Path) -> tuple[GradeRecord, ...]:
    """Every record below ``records/`` (or one assignment's folder of it), in the order of the paths."""
    return tuple(from_json(path.read_bytes()) for path in sorted(folder.rglob("*.json")))
