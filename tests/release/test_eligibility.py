from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import combinations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from authoring.program import AchievementType, AllOf, AnyOf, CoursePass, ExamPass, NOf, Program, Requirement
from release import evaluate
from release.eligibility import GradesInHand
from release.entry import ExamEntry, GradeEntry
from release.replay import RecordedGrade
from tests.release.conftest import NOW, D


def exam_entry(score: str = "0.8", exam: str = "final-exam", attempt: int = 1, **changes) -> ExamEntry:
    settings = {
        "exam": exam,
        "attempt": attempt,
        "score": D(score),
        "max_score": D(1),
        "taken_at": datetime(2026, 4, 24, tzinfo=UTC),
        "verified_at": NOW,
        "sitting": "",
    }
    return ExamEntry(**(settings | changes))


def recorded(index: int = 0, grade: str = "0.7", course: str = "mpc", withdrawn: str = "", **changes) -> RecordedGrade:
    settings = {
        "subject": "s",
        "course": course,
        "run": f"run{index}",
        "track": "verified",
        "grade": D(grade),
        "passed": D(grade) >= D("0.6"),
        "pass_mark": D("0.6"),
        "verification": "",
        "exams": (),
        "records": (),
        "at": NOW,
    }
    return RecordedGrade(index, f"leaf{index}", GradeEntry(**(settings | changes)), withdrawn)


def program(requirement: Requirement) -> Program:
    return Program(
        schema=1,
        id="p",
        title="P",
        description="",
        achievement_type=AchievementType.CERTIFICATE,
        criteria="",
        requirement=requirement,
    )


def decide(requirement: Requirement, *grades: RecordedGrade):
    return evaluate(program(requirement), GradesInHand(grades), "ada")


FINAL = ExamPass(course="mpc", exam="final-exam", minimum_score=D("0.6"), title="Final")
BOTH = AllOf(of=(CoursePass(course="mpc", title="MPC"), FINAL))


def test_every_reason_is_said_when_it_is_met():
    answer = decide(BOTH, recorded(exams=(exam_entry("0.75"),)))
    assert answer.met
    assert [(reason.place, reason.met, reason.text) for reason in answer.reasons] == [
        ("", True, "2 of 2 requirements met, 2 needed"),
        ("1", True, "MPC: passed with 70 % in run run0 (ledger entry 0)"),
        ("2", True, "Final: passed with 75 % in attempt 1 of run run0, taken 2026-04-24 (ledger entry 0)"),
    ]
    assert answer.missing == ()
    assert [(each.score, each.entry, each.exam) for each in answer.counted] == [
        (D("0.7"), 0, ""),
        (D("0.75"), 0, "final-exam"),
    ]


def test_every_reason_is_said_when_it_is_not():
    answer = decide(BOTH)
    assert not answer.met
    assert answer.missing == (
        "0 of 2 requirements met, 2 needed",
        "MPC: no verified attempt",
        "Final: no verified attempt, 60 % needed",
    )


# Mistakes that real programs made


def test_passing_ignored_that_the_exam_had_to_be_passed_too():
    answer = decide(BOTH, recorded(grade="0.95", exams=(exam_entry("0.59"),)))
    assert not answer.met
    assert "Final: not passed: 59 % in attempt 1 of run run0, taken 2026-04-24, 60 % needed" in answer.missing


def test_letters_for_five_courses_without_the_capstone():
    courses = [CoursePass(course=name) for name in "abcde"]
    capstone = ExamPass(course="capstone", exam="capstone", minimum_score=D("0.6"))
    needed = AllOf(of=(AllOf(of=tuple(courses[:3])), NOf(n=2, of=tuple(courses[3:])), capstone))
    passes = [recorded(index, course=name) for index, name in enumerate("abcde")]
    answer = decide(needed, *passes)
    assert not answer.met
    assert answer.missing == (
        "2 of 3 requirements met, 3 needed",
        "capstone of capstone: no verified attempt, 60 % needed",
    )
    assert decide(needed, *passes, recorded(9, course="capstone", exams=(exam_entry(exam="capstone"),))).met


def test_a_later_failed_attempt_hid_an_earlier_pass():
    first = recorded(0, "0.8", exams=(exam_entry("0.9"), exam_entry("0.1", attempt=2)))
    answer = decide(BOTH, first, recorded(5, "0.2", exams=(exam_entry("0.0"),)))
    assert answer.met
    assert answer.reasons[1].text == (
        "MPC: passed with 80 % in run run0 (ledger entry 0), the best of 2 verified attempts"
    )
    assert answer.reasons[2].counts.attempt == 1


def test_a_record_mixed_the_score_of_one_run_with_the_date_of_another():
    early, late = datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    answer = decide(CoursePass(course="mpc"), recorded(0, "0.9", at=early), recorded(1, "0.7", at=late))
    (counts,) = answer.counted
    assert (counts.score, counts.run, counts.at, counts.entry, counts.leaf) == (D("0.9"), "run0", early, 0, "leaf0")


def test_a_program_with_no_requirements_counted_as_complete_for_everybody():
    for nothing in (AllOf(of=()), AnyOf(of=()), NOf(n=0, of=()), NOf(n=0, of=(CoursePass(course="mpc"),))):
        answer = decide(nothing, recorded())
        assert not answer.met
        assert "what asks for nothing is never met" in answer.missing[0]
    assert not decide(AllOf(of=(AllOf(of=()), CoursePass(course="mpc"))), recorded()).met


def test_audit_track_passes_counted():
    answer = decide(BOTH, recorded(track="audit", exams=(exam_entry(),)))
    assert not answer.met
    assert answer.missing[1] == "MPC: no verified attempt; set aside: run run0 (the audit track never counts)"


def test_passing_grades_stayed_for_people_no_longer_enrolled():
    answer = decide(BOTH, recorded(withdrawn="refunded", exams=(exam_entry(),)))
    assert not answer.met
    assert answer.missing[1] == "MPC: no verified attempt; set aside: run run0 (withdrawn: refunded)"


def test_the_date_of_an_exam_is_that_of_its_sitting():
    (counts,) = decide(FINAL, recorded(exams=(exam_entry(),), at=NOW)).counted
    assert counts.at == datetime(2026, 4, 24, tzinfo=UTC)


# Details


def test_a_minimum_grade_above_the_pass_mark_is_asked_for_as_well():
    needed = CoursePass(course="mpc", title="MPC", minimum_grade=D("0.75"))
    assert decide(needed, recorded(grade="0.74")).missing == (
        "MPC: not passed: the one verified attempt has 74 % in run run0, 75 % needed",
    )
    assert decide(needed, recorded(grade="0.75")).met


def test_a_minimum_grade_never_replaces_the_pass():
    assert not decide(CoursePass(course="mpc", minimum_grade=D("0.1")), recorded(grade="0.5")).met


def test_an_exam_score_is_compared_exactly():
    two_thirds = exam_entry("2", max_score=D(3))
    assert not decide(
        ExamPass(course="mpc", exam="final-exam", minimum_score=D("0.6666666667")), recorded(exams=(two_thirds,))
    ).met
    assert decide(
        ExamPass(course="mpc", exam="final-exam", minimum_score=D("0.6666666666")), recorded(exams=(two_thirds,))
    ).met


def test_of_equal_attempts_the_first_counts():
    assert decide(CoursePass(course="mpc"), recorded(3), recorded(1)).counted[0].entry == 1


# Against a brute-force evaluator

COURSES = ("a", "b", "c")
EXAMS = ("x", "y")

fractions = st.sampled_from([D("0.0"), D("0.5"), D("0.6"), D("0.7"), D("1.0")])
leaves = st.one_of(
    st.builds(CoursePass, course=st.sampled_from(COURSES), minimum_grade=st.none() | fractions),
    st.builds(ExamPass, course=st.sampled_from(COURSES), exam=st.sampled_from(EXAMS), minimum_score=fractions),
)


def lists(children):
    of = st.lists(children, max_size=4).map(tuple)
    return st.one_of(st.builds(AllOf, of=of), st.builds(AnyOf, of=of), st.builds(NOf, n=st.integers(-1, 5), of=of))


requirements = st.recursive(leaves, lists, max_leaves=8)
exams = st.builds(exam_entry, fractions.map(str), st.sampled_from(EXAMS), st.integers(1, 3))


tracks = st.sampled_from(["verified", "verified", "audit"])


@st.composite
def evidence(draw, *, track=tracks) -> tuple[RecordedGrade, ...]:
    return tuple(
        recorded(
            index,
            str(draw(fractions)),
            draw(st.sampled_from(COURSES)),
            draw(st.sampled_from(["", "", "refunded"])),
            track=draw(track),
            exams=tuple(draw(st.lists(exams, max_size=2))),
        )
        for index in range(draw(st.integers(0, 5)))
    )


def brute_force(requirement: Requirement, grades: Sequence[RecordedGrade]) -> bool:
    """Tries every choice of parts, and for each part every grade."""
    if isinstance(requirement, CoursePass | ExamPass):
        return any(suffices(requirement, each) for each in grades)
    size = {AllOf: len(requirement.of), AnyOf: 1}.get(type(requirement), getattr(requirement, "n", 0))
    if size < 1:
        return False
    return any(all(brute_force(part, grades) for part in chosen) for chosen in combinations(requirement.of, size))


def suffices(requirement: CoursePass | ExamPass, each: RecordedGrade) -> bool:
    if each.withdrawn or each.grade.track == "audit" or each.grade.course != requirement.course:
        return False
    if isinstance(requirement, CoursePass):
        bar = max(Fraction(each.grade.pass_mark), Fraction(requirement.minimum_grade or 0))
        return Fraction(each.grade.grade) >= bar
    return any(
        exam.exam == requirement.exam
        and Fraction(exam.score) >= Fraction(requirement.minimum_score) * Fraction(exam.max_score)
        for exam in each.grade.exams
    )


@given(requirements, evidence())
def test_the_answer_is_that_of_brute_force(requirement, grades):
    assert decide(requirement, *grades).met == brute_force(requirement, grades)


@given(requirements, evidence(), evidence())
def test_more_evidence_never_hurts(requirement, grades, more):
    if decide(requirement, *grades).met:
        later = [moved_to(each, 100 + number) for number, each in enumerate(more)]
        assert decide(requirement, *grades, *later).met


def moved_to(each: RecordedGrade, index: int) -> RecordedGrade:
    return RecordedGrade(index, each.leaf, each.grade, each.withdrawn)


@given(requirements, evidence(track=st.just("audit")))
def test_an_audit_pass_never_counts(requirement, grades):
    assert not decide(requirement, *grades).met


@given(requirements)
def test_nothing_is_met_vacuously(requirement):
    assert not decide(requirement).met


@given(requirements, evidence())
def test_every_part_has_its_reason_and_what_counts_is_evidence_that_was_given(requirement, grades):
    answer = decide(requirement, *grades)
    for reason in answer.reasons:
        assert reason.text
        assert reason.met or reason.counts is None
    for counts in answer.counted:
        (source,) = [each for each in grades if each.index == counts.entry]
        assert (counts.run, counts.course, counts.leaf) == (source.grade.run, source.grade.course, source.leaf)
        assert not source.withdrawn
        if not counts.exam:
            assert (counts.score, counts.at) == (source.grade.grade, source.grade.at)


@given(requirements, evidence(), st.randoms())
def test_the_order_in_which_grades_come_plays_no_part(requirement, grades, random):
    shuffled = list(grades)
    random.shuffle(shuffled)
    assert msgspec.json.encode(decide(requirement, *shuffled)) == msgspec.json.encode(decide(requirement, *grades))
