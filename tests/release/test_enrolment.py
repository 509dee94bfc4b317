from datetime import UTC, datetime

import pytest

from authoring.errors import CoursewrightError
from release.enrolment import (
    COLUMNS,
    Enrolment,
    Track,
    parse_enrolments,
    read_enrolments,
    standing,
    suspected_duplicates,
)
from tests.release.conftest import make_enrolment

HEADER = ",".join(COLUMNS) + "\n"
ADA = "ada,verified,2026-03-10T00:00:00Z,idv:4711,ada@example.org,\n"


def mistake(rows: str) -> str:
    with pytest.raises(CoursewrightError) as caught:
        parse_enrolments(rows, file="e.csv")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_is_read_in_its_order_and_its_times_become_utc(tmp_path):
    path = tmp_path / "enrolments.csv"
    path.write_text(HEADER + "bob,audit,,,,\nada,verified,2026-03-10T01:00:00+01:00,idv:4711,ada@example.org,\n")
    assert read_enrolments(path) == (Enrolment(learner="bob", track=Track.AUDIT), make_enrolment())


def test_a_byte_order_mark_and_windows_line_ends_are_what_spreadsheets_write(tmp_path):
    path = tmp_path / "enrolments.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (HEADER + ADA).replace("\n", "\r\n").encode())
    assert read_enrolments(path) == (make_enrolment(),)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("ada,Verified,,,,\n", "e.csv: row 2, column track: expected audit or verified, got 'Verified'."),
        (
            "ada,verified,2026-03-10,x,,\n",
            (
                "e.csv: row 2, column verified_at: "
                "expected a time with its offset, like 2026-02-01T12:00:00Z, got '2026-03-10'."
            ),
        ),
        (",audit,,,,\n", "e.csv: row 2, column learner: expected an id of letters, digits and . _ @ -, got ''."),
        ("ada,audit,,,\n", "e.csv: row 2: expected 6 values, got 5."),
        (ADA + "bob,audit,,,,\n" + ADA, "e.csv: row 4, column learner: 'ada' is in row 2 already."),
        ('ada,"audit\n', "e.csv: line 2: this is not CSV: unexpected end of data."),
        (
            "../../etc,audit,,,,\n",
            "e.csv: row 2, column learner: expected an id of letters, digits and . _ @ -, got '../../etc'.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_row_and_column(row, message):
    assert mistake(HEADER + row) == message


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)", "\t=1", "\r=1"])
@pytest.mark.parametrize("column", ["learner", "verification", "email"])
def test_a_spreadsheet_formula_never_gets_in(formula, column):
    values = dict.fromkeys(COLUMNS, "") | {"learner": "ada", "track": "audit"} | {column: formula}
    quoted = ",".join(f'"{values[name]}"' for name in COLUMNS)
    assert f"column {column}" in mistake(HEADER + quoted + "\n")


def test_missing_and_unknown_columns_are_named():
    assert mistake("learner,track\n").startswith("e.csv: row 1: the column 'verified_at' is missing")
    assert mistake(HEADER.strip() + ",name\n").startswith("e.csv: row 1: expected exactly learner,track,")
    assert mistake("").startswith("e.csv: row 1: the column 'learner' is missing")


def test_a_file_that_is_not_there_or_not_utf_8_says_so(tmp_path):
    with pytest.raises(CoursewrightError, match="cannot be read"):
        read_enrolments(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"learner\xff")
    with pytest.raises(CoursewrightError, match="not UTF-8"):
        read_enrolments(tmp_path / "latin.csv")


def test_verified_by_the_deadline_is_verified(course):
    assert standing(make_enrolment(), course).verified


def test_the_deadline_is_in_the_zone_of_the_course(course):
    deadline = datetime(2026, 3, 31, 3, 59, tzinfo=UTC)  # 23:59 in New York, summer time
    assert standing(make_enrolment(verified_at=deadline), course).verified
    late = standing(make_enrolment(verified_at=deadline.replace(second=1)), course)
    assert not late.verified
    assert late.reason == "verified at 2026-03-31 03:59:01 UTC, after the deadline of 2026-03-31 03:59:00 UTC"


@pytest.mark.parametrize(
    ("enrolment", "reason"),
    [
        (None, "not enrolled"),
        (make_enrolment(track=Track.AUDIT), "audit track"),
        (make_enrolment(refunded_at=datetime(2026, 3, 12, tzinfo=UTC)), "refunded at 2026-03-12 00:00:00 UTC"),
        (make_enrolment(verified_at=None), "has not been verified"),
        (make_enrolment(verification=""), "has not been verified"),
    ],
)
def test_everybody_else_is_not_and_is_told_why(course, enrolment, reason):
    answer = standing(enrolment, course)
    assert not answer.verified
    assert reason in answer.reason


def test_suspected_duplicates_are_reported_and_nothing_is_decided():
    learners = [
        make_enrolment(),
        make_enrolment(learner="ada2", verification="idv:1", email="ADA+second@Example.org"),
        make_enrolment(learner="a3", email="x@example.org"),
        make_enrolment(learner="b", verification="", email=""),
        make_enrolment(learner="c", verification="", email=""),
    ]
    assert {(found.learners, found.reason) for found in suspected_duplicates(learners)} == {
        (("ada", "a3"), "the same identity check"),
        (("ada", "ada2"), "the same e-mail address"),
    }
