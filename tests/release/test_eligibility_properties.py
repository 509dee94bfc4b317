"""What holds of every program and all evidence, against an evaluator that tries everything."""

from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.program import AllOf, AnyOf, CombinedPass, CoursePass, Era, ExamPass, NOf, Program, Substitute, Unknown
from release import evaluate
from release.eligibility import GradesInHand
from release.replay import RecordedGrade
from tests.release import brute_force
from tests.release.conftest import D
from tests.release.test_eligibility import exam_entry, program, recorded

pytestmark = pytest.mark.integration  # they take long

COURSES, EXAMS = ("a", "b", "c"), ("x", "y")
DAYS = (date(2019, 6, 1), date(2022, 5, 1), date(2022, 10, 15), date(2023, 6, 1), date(2024, 6, 1))
TODAY = date(2024, 9, 1)

fractions = st.sampled_from([D("0.0"), D("0.5"), D("0.6"), D("0.7"), D("1.0")])
days = st.sampled_from(DAYS)
ends = st.none() | days
substitutes = st.lists(st.builds(Substitute, course=st.sampled_from(COURSES), since=ends, until=ends), max_size=1)
two_ends = {"since": ends, "until": ends}
courses = st.builds(
    CoursePass,
    course=st.sampled_from(COURSES),
    minimum_grade=st.none() | fractions,
    substitutes=substitutes.map(tuple),
    **two_ends,
)
validities = st.sampled_from([{}, {}, {"valid_courses": ("a",), "valid_years": 1}])


@st.composite
def exam_passes(draw, *, limited: bool = True) -> ExamPass:
    return ExamPass(
        course=draw(st.sampled_from(COURSES)),
        exam=draw(st.sampled_from(EXAMS)),
        minimum_score=draw(st.none() | fractions),
        attempts=draw(st.sampled_from([None, 1, 2])) if limited else None,
        since=draw(ends),
        until=draw(ends),
        **draw(validities),
    )


combined = st.builds(CombinedPass, course=st.sampled_from(COURSES), exam=st.sampled_from(EXAMS))
unknown = st.builds(Unknown, what=st.just("a rule"))

OLD = Era(title="old", until=date(2022, 9, 5), course_weight=D("0.4"), exam_weight=D("0.6"), minimum=D("0.5"))
STRICT = msgspec.structs.replace(OLD, both_passed=True)
INSIDE = Era(title="inside", since=date(2022, 9, 6), until=date(2023, 1, 30), exam_inside=True)
NEW = Era(
    title="new",
    since=date(2023, 1, 31),
    course_weight=D("0.3"),
    exam_weight=D("0.7"),
    minimum=D("0.5"),
    earlier_parts=True,
)
eras = st.sampled_from([(STRICT, INSIDE, NEW), (OLD, NEW), (INSIDE, NEW)])  # the last two have days without a rule


def lists(children):
    of = st.lists(children, max_size=4).map(tuple)
    return st.one_of(st.builds(AllOf, of=of), st.builds(AnyOf, of=of), st.builds(NOf, n=st.integers(-1, 5), of=of))


@st.composite
def programs(draw, *, limited: bool = True) -> Program:
    leaves = st.one_of(courses, exam_passes(limited=limited), combined, unknown)
    wanted = program(draw(st.recursive(leaves, lists, max_leaves=8)))
    return msgspec.structs.replace(wanted, eras=draw(eras))


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


exams = st.builds(
    lambda score, exam, attempt, day: exam_entry(score, exam, attempt, taken_at=noon(day)),
    fractions.map(str),
    st.sampled_from(EXAMS),
    st.integers(1, 3),
    days,
)


tracks = st.sampled_from(["verified", "verified", "audit"])


@st.composite
def evidence(draw, *, track=tracks, sat=exams):
    return tuple(
        recorded(
            index,
            str(draw(fractions)),
            draw(st.sampled_from(COURSES)),
            draw(st.sampled_from(["", "", "refunded"])),
            track=draw(track),
            earned_on=draw(days),
            exams=tuple(draw(st.lists(sat, max_size=2))),
        )
        for index in range(draw(st.integers(0, 5)))
    )


def decide(wanted, grades, **more):
    return evaluate(wanted, GradesInHand(tuple(grades)), "ada", **more)


def added(more: tuple[RecordedGrade, ...]) -> list[RecordedGrade]:
    return [RecordedGrade(100 + each.index, each.leaf, each.grade, each.withdrawn) for each in more]


@given(programs(), evidence())
def test_the_answer_is_that_of_brute_force(wanted, grades):
    assert decide(wanted, grades).met == brute_force.met(wanted, grades)


@given(eras, combined, evidence())
def test_the_grade_of_a_course_and_its_exam_is_that_of_brute_force(some, needed, grades):
    wanted = msgspec.structs.replace(program(needed), eras=some)
    assert decide(wanted, grades).met == brute_force.met(wanted, grades)


@given(exam_passes(), evidence())
def test_an_exam_is_passed_as_brute_force_has_it(needed, grades):
    assert decide(program(needed), grades).met == brute_force.met(program(needed), grades)


near = st.integers(-500, 500).map(lambda days: date(2022, 6, 1) + timedelta(days=days))
valid = ExamPass(course="b", exam="x", minimum_score=D("0.6"), valid_courses=("a",), valid_years=1)


@given(st.lists(near, min_size=1, max_size=3), near)
def test_a_pass_is_valid_on_an_exams_day_as_brute_force_has_it(ended, day):
    passed = [recorded(index, "0.7", "a", earned_on=each) for index, each in enumerate(ended)]
    sat = recorded(9, course="b", exams=(exam_entry(exam="x", taken_at=noon(day)),))
    wanted = program(valid)
    assert decide(wanted, [*passed, sat]).met == brute_force.met(wanted, [*passed, sat])


@given(programs(limited=False), evidence(), evidence())
def test_more_evidence_never_hurts(wanted, grades, more):
    if decide(wanted, grades).met:
        assert decide(wanted, [*grades, *added(more)]).met


later_exams = exams.map(lambda each: msgspec.structs.replace(each, taken_at=noon(date(2024, 7, 1))))


@given(programs(), evidence(), evidence(sat=later_exams))
def test_where_attempts_are_limited_later_ones_never_hurt(wanted, grades, more):
    if decide(wanted, grades).met:
        assert decide(wanted, [*grades, *added(more)]).met


@given(programs(), evidence(track=st.just("audit")))
def test_an_audit_pass_never_counts(wanted, grades):
    assert not decide(wanted, grades).met


@given(programs(), evidence(), evidence(track=st.just("audit")))
def test_audit_evidence_changes_nothing(wanted, grades, more):
    before, after = decide(wanted, grades), decide(wanted, [*grades, *added(more)])
    assert [(each.met, each.counts) for each in before.reasons] == [(each.met, each.counts) for each in after.reasons]


@given(programs())
def test_nothing_is_met_vacuously(wanted):
    found = decide(wanted, ())
    assert not any(reason.met for reason in found.reasons)


@given(programs(), evidence())
def test_every_part_has_its_reason_and_what_counts_is_evidence_that_was_given(wanted, grades):
    answer = decide(wanted, grades)
    for reason in answer.reasons:
        assert reason.text
        assert reason.met or reason.counts is None
    for counts in answer.counted:
        (source,) = [each for each in grades if each.index == counts.entry]
        assert (counts.run, counts.course, counts.leaf) == (source.grade.run, source.grade.course, source.leaf)
        assert not source.withdrawn
        if not counts.exam:
            assert (counts.score, counts.on) == (source.grade.grade, source.grade.earned_on)


@given(programs(), evidence(), st.randoms())
def test_the_order_in_which_grades_come_plays_no_part(wanted, grades, random):
    shuffled = list(grades)
    random.shuffle(shuffled)
    one, other = decide(wanted, shuffled, today=TODAY), decide(wanted, grades, today=TODAY)
    assert msgspec.json.encode(one) == msgspec.json.encode(other)


@given(programs(), evidence(), days)
def test_the_day_on_which_one_asks_plays_no_part_in_the_decision(wanted, grades, today):
    assert decide(wanted, grades, today=today).reasons == decide(wanted, grades).reasons


@given(programs(), evidence())
def test_everything_that_is_missing_has_an_outlook_and_nothing_else_has(wanted, grades):
    answer = decide(wanted, grades, today=TODAY)
    met = {reason.place: reason.met for reason in answer.reasons}
    inside = {place.rpartition(".")[0] for place in met if place}
    lists_of = {"" if "." not in place else place.rpartition(".")[0] for place in met if place}
    open_ = {
        place
        for place in met
        if place not in inside | lists_of
        and not met[place]
        and not any(met[place[:end]] for end in range(len(place)) if place[:end] in met)
    }
    open_ -= {reason.place for reason in answer.reasons if "asks for nothing" in reason.text}
    assert {chance.place for chance in answer.outlook} == open_


@given(exam_passes(), evidence())
def test_an_exam_can_still_be_had_exactly_if_a_perfect_attempt_would_do(needed, grades):
    """With fresh passes of whatever has to be valid: nothing that is called possible is not, and the reverse."""
    answer = decide(program(needed), grades, today=TODAY)
    if answer.met:
        return
    (chance,) = answer.outlook
    on = chance.by if chance.possible and chance.by else TODAY
    fresh = [recorded(200, "1.0", course, earned_on=TODAY) for course in needed.valid_courses]
    attempt = exam_entry("1.0", needed.exam, 9, taken_at=noon(on))
    perfect = recorded(300, "1.0", needed.course, earned_on=on, exams=(attempt,))
    in_time = needed.since is None or needed.since <= on
    if in_time:
        assert decide(program(needed), [*grades, *fresh, perfect]).met == chance.possible
