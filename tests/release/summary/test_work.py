from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.program_file import read_program
from release.eligibility import GradesInHand
from release.summary.work import Choice, SummaryError, read_choices, summary, titles_of
from tests.release.conftest import D
from tests.release.summary.conftest import FAILED, GRADES, OTHER, PASSED, SUBJECT

LEDGER = GradesInHand(GRADES)


def shown(*choices, titles=None):
    return summary(LEDGER, "ada", choices, titles)


def test_a_course_is_shown_as_passed_and_when_and_no_more_unless_it_is_chosen():
    [attempt] = shown(Choice(course="mpc")).attempts
    assert (attempt.run, attempt.passed, attempt.ended) == ("2026-spring", True, PASSED.grade.earned_on)
    assert attempt.grade is None
    assert attempt.exams == ()


def test_an_attempt_is_taken_whole_with_the_entry_that_it_comes_from():
    both = shown(Choice(course="mpc", scores=True, exams=True, failed=True)).attempts
    assert [(each.run, each.ended, each.grade, each.entry, each.leaf) for each in both] == [
        (each.grade.run, each.grade.earned_on, each.grade.grade, each.index, each.leaf) for each in (FAILED, PASSED)
    ]
    assert [len(each.exams) for each in both] == [0, 2]


def test_exam_attempts_show_their_own_score_and_day():
    exams = shown(Choice(course="mpc", scores=True, exams=True, failed=True)).attempts[1].exams
    assert [(each.attempt, str(each.taken_on), each.score, each.max_score, each.passed) for each in exams] == [
        (1, "2026-04-20", D("11"), D(40), False),
        (2, "2026-04-24", D("31.5"), D(40), True),
    ]


def test_a_failed_attempt_leaves_no_trace_unless_it_is_chosen_not_even_in_the_number_of_a_later_one():
    [attempt] = shown(Choice(course="mpc", scores=True, exams=True)).attempts
    [exam] = attempt.exams
    assert (exam.passed, exam.attempt) == (True, None)


def test_one_run_can_be_chosen():
    [attempt] = shown(Choice(course="mpc", run="2025-spring", failed=True)).attempts
    assert (attempt.run, attempt.passed) == ("2025-spring", False)


def test_attempts_stand_in_the_order_in_which_their_runs_ended():
    assert [each.course for each in shown(Choice(course="mpc"), Choice(course="systems")).attempts] == [
        "systems",
        "mpc",
    ]
    assert shown(Choice(course="systems")).basis == (OTHER.leaf,)


def test_exactly_the_pass_mark_is_a_pass():
    [exam] = shown(Choice(course="systems", exams=True)).attempts[0].exams
    assert exam.passed


@pytest.mark.parametrize("course", ["leadership", "accounting", "nowhere"])
def test_what_was_withdrawn_or_audited_or_never_taken_is_never_shown(course):
    with pytest.raises(SummaryError, match=f"the ledger has no grade in {course} in force"):
        shown(Choice(course=course, failed=True))


def test_a_choice_that_would_show_nothing_is_said():
    with pytest.raises(SummaryError, match=r"mpc \(2025-spring\) was not passed"):
        shown(Choice(course="mpc", run="2025-spring"))
    with pytest.raises(SummaryError, match="no course is chosen"):
        shown()
    with pytest.raises(SummaryError, match="chosen twice"):
        shown(Choice(course="mpc"), Choice(course="mpc", scores=True))


def test_a_learner_whom_the_ledger_forgot_has_no_summary():
    with pytest.raises(SummaryError, match="the ledger holds no grade of this learner"):
        summary(GradesInHand(()), "ada", [Choice(course="mpc")])


def test_titles_come_from_a_program():
    program = read_program(Path(__file__).parents[3] / "courses" / "programs" / "process-control.toml")
    [attempt] = shown(Choice(course="mpc", exams=True), titles=titles_of(program)).attempts
    assert (attempt.title, attempt.exams[0].title) == (
        "Manufacturing Process Control",
        "Final exam of Manufacturing Process Control",
    )


CHOICES = st.builds(
    Choice,
    course=st.sampled_from(["mpc", "systems"]),
    run=st.sampled_from(["", "2025-spring", "2026-spring"]),
    scores=st.booleans(),
    exams=st.booleans(),
    failed=st.booleans(),
)


@given(choices=st.lists(CHOICES, min_size=1, max_size=2, unique_by=lambda each: each.course))
@settings(max_examples=60, deadline=None)
def test_nothing_that_was_not_chosen_is_in_it(choices):
    try:
        text = msgspec.json.encode(shown(*choices)).decode()
    except SummaryError:
        return
    chosen = {choice.course: choice for choice in choices}
    assert "secret" not in text
    secrets = {
        "mpc": {"scores": ["0.8425"], "failed": ["2025-spring", "0.4321"], "exams": ["final-exam"]},
        "systems": {"scores": ["0.7177"]},
    }
    for course, hidden in secrets.items():
        for field, values in hidden.items():
            if course not in chosen or not getattr(chosen[course], field):
                others = [choice for choice in choices if choice.course != course]
                assert not [v for v in values if v in text and not any(getattr(o, field) for o in others)]
    assert SUBJECT in text


def test_choices_can_stand_in_a_file(tmp_path):
    file = tmp_path / "choices.toml"
    file.write_text('[[courses]]\ncourse = "mpc"\nscores = true\n\n[[courses]]\ncourse = "systems"\nexams = true\n')
    assert read_choices(file) == (Choice(course="mpc", scores=True), Choice(course="systems", exams=True))


@pytest.mark.parametrize(
    "text", ["[[courses]]\n", '[[courses]]\ncourse = "mpc"\nscore = true\n', "x = 1\n", "[", "[[courses]]\ncourse = 1"]
)
def test_a_file_that_says_something_else_is_refused_by_name(tmp_path, text):
    file = tmp_path / "choices.toml"
    file.write_text(text)
    with pytest.raises(SummaryError, match=r"choices\.toml: "):
        read_choices(file)
    with pytest.raises(SummaryError, match=r"nowhere\.toml: this cannot be read"):
        read_choices(tmp_path / "nowhere.toml")
