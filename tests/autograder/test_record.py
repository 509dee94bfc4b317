"""Records are canonical: the same grading gives the same bytes, and nothing in them is of the moment."""

import json

import msgspec
import pytest

from autograder.record import (
    CellGrade,
    CellKind,
    CellOutcome,
    GradeRecord,
    Isolation,
    Outcome,
    RecordFinding,
    from_json,
    record_hash,
    to_json,
)

RECORD = GradeRecord(
    course="mpc",
    assignment="ps1",
    learner="a7f3",
    attempt="sha256:1",
    source="sha256:2",
    environment="sha256:3",
    grader="coursewright 0.1.0",
    outcome=Outcome.GRADED,
    score=8.5,
    max_score=10.0,
    cells=(
        CellGrade(
            notebook="problem",
            grade_id="t_é",
            kind=CellKind.TEST,
            isolation=Isolation.SHARED,
            outcome=CellOutcome.PARTIAL,
            score=8.5,
            max_score=10.0,
            message='says "no"\n',
        ),
    ),
    findings=(RecordFinding(rule="missing-cell", cell="t_é", message="gone"),),
)


def test_canonical_json_has_sorted_keys_no_spaces_and_one_end_of_line() -> None:
    text = to_json(RECORD).decode()
    plain = json.loads(text)
    assert text == json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


def test_a_record_says_what_it_is_and_nothing_of_the_clock_or_the_machine() -> None:
    assert set(json.loads(to_json(RECORD))) == {
        *("schema", "course", "assignment", "learner", "attempt", "source", "environment", "grader"),
        *("outcome", "score", "max_score", "late_penalty", "cells", "findings"),
    }


def test_reading_gives_back_what_was_written() -> None:
    assert from_json(to_json(RECORD)) == RECORD
    assert to_json(from_json(to_json(RECORD))) == to_json(RECORD)


def test_the_hash_is_that_of_the_bytes() -> None:
    changed = msgspec.structs.replace(RECORD, score=8.0)
    assert record_hash(RECORD) == record_hash(from_json(to_json(RECORD)))
    assert record_hash(RECORD) != record_hash(changed)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"schema": 1}', to_json(RECORD).replace(b"graded", b"fine")])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        from_json(data)
