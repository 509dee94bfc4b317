"""A person's marks and the machine's scores, together and apart again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.marks import NO_RESPONSE, Mark, automatic_score, with_marks, without_marks
from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Isolation, Outcome

TEST = ("test", CellKind.TEST, CellOutcome.PASSED, 2.0, "")
ESSAY = ("essay", CellKind.MANUAL, CellOutcome.NEEDS_MANUAL, None, "")
EMPTY = ("empty", CellKind.MANUAL, CellOutcome.MANUAL, 0.0, NO_RESPONSE)
TASK = ("task", CellKind.TASK, CellOutcome.NEEDS_MANUAL, None, "")


def record(*cells: tuple[str, CellKind, CellOutcome, float | None, str], outcome: Outcome | None = None) -> GradeRecord:
    grades = tuple(
        CellGrade(
            notebook="nb",
            grade_id=name,
            kind=kind,
            isolation=Isolation.NONE,
            outcome=how,
            score=score,
            max_score=3.0,
            message=message,
        )
        for name, kind, how, score, message in cells
    )
    waiting = Outcome.NEEDS_MANUAL if any(grade.score is None for grade in grades) else Outcome.GRADED
    return GradeRecord(
        course="c",
        assignment="a",
        learner="ada",
        attempt="sha256:1",
        source="sha256:2",
        environment="sha256:3",
        grader="g",
        outcome=outcome or waiting,
        score=sum(grade.score or 0.0 for grade in grades),
        max_score=12.0,
        cells=grades,
    )


def marks(**given_marks: Mark) -> dict[tuple[str, str, str], Mark]:
    return {("ada", "nb", name): mark for name, mark in given_marks.items()}


def test_a_mark_goes_before_the_machines_score_and_extra_credit_on_top() -> None:
    marked = with_marks(record(TEST, ESSAY), marks(test=Mark(1.0, 0.5), essay=Mark(2.5)))
    assert [(cell.outcome, cell.score) for cell in marked.cells] == [
        (CellOutcome.MANUAL, 1.5),
        (CellOutcome.MANUAL, 2.5),
    ]
    assert (marked.outcome, marked.score) == (Outcome.GRADED, 4.0)


def test_one_mark_of_two_leaves_the_record_waiting() -> None:
    marked = with_marks(record(TEST, ESSAY, TASK), marks(essay=Mark(0.0)))
    assert (marked.outcome, marked.score) == (Outcome.NEEDS_MANUAL, 2.0)
    assert marked.cells[2].score is None


def test_extra_credit_alone_is_no_mark_for_an_answer_that_waits() -> None:
    assert with_marks(record(ESSAY), marks(essay=Mark(None, 1.0))) == record(ESSAY)
    assert with_marks(record(TEST), marks(test=Mark(None, 1.0))).score == 3.0


def test_the_marks_of_others_change_nothing() -> None:
    other = {("ben", "nb", "essay"): Mark(3.0), ("ada", "other", "essay"): Mark(3.0)}
    assert with_marks(record(TEST, ESSAY), other) == record(TEST, ESSAY)


def test_a_record_that_failed_keeps_its_outcome() -> None:
    failed = record(outcome=Outcome.FAILED)
    assert with_marks(failed, marks(essay=Mark(1.0))) == failed


scores = st.floats(0, 3).map(lambda score: round(score, 2))


@given(st.dictionaries(st.sampled_from(["essay", "empty", "task"]), st.builds(Mark, scores, scores)))
def test_taken_off_again_they_leave_what_the_machine_said(given_marks: dict[str, Mark]) -> None:
    machine = record(TEST, ESSAY, EMPTY, TASK)
    assert without_marks(with_marks(machine, marks(**given_marks))) == machine


def test_where_a_mark_covers_a_test_only_grading_again_tells() -> None:
    assert without_marks(with_marks(record(TEST), marks(test=Mark(1.0)))) is None


@pytest.mark.parametrize(
    ("cell", "score"),
    [(TEST, 2.0), (ESSAY, None), (EMPTY, 0.0), (("e", CellKind.MANUAL, CellOutcome.MANUAL, 2.0, ""), None)],
)
def test_what_the_machine_says_of_a_cell(
    cell: tuple[str, CellKind, CellOutcome, float | None, str], score: float | None
) -> None:
    assert automatic_score(record(cell).cells[0]) == score


def test_it_says_nothing_of_a_cell_that_nobody_could_look_at() -> None:
    assert automatic_score(None) is None


def test_sums_carry_no_dust_of_binary_fractions() -> None:
    third = [(f"e{n}", CellKind.MANUAL, CellOutcome.NEEDS_MANUAL, None, "") for n in range(3)]
    assert with_marks(record(*third), marks(**{f"e{n}": Mark(0.1) for n in range(3)})).score == 0.3
