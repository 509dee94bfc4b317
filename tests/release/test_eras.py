"""Rules that changed, substitutes, and attempts that are numbered: each record by the rule of its time."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from authoring.errors import CoursewrightError
from authoring.program import AnyOf, CoursePass, ExamPass, Program, Substitute
from authoring.program_file import parse_program, read_program
from release import evaluate
from release.eligibility import GradesInHand
from tests.release.conftest import D
from tests.release.test_eligibility import decide, exam_entry, recorded

PROGRAMS = Path(__file__).parents[2] / "courses" / "programs"
ECONOMICS = read_program(PROGRAMS / "development-economics.toml")
SUMMER, AUTUMN, SPRING = date(2022, 8, 20), date(2022, 12, 15), date(2023, 5, 10)


def economics(*grades, course: str = "microeconomics"):
    """The reason of one course of the program that ships."""
    found = evaluate(ECONOMICS, GradesInHand(grades), "ada", today=date(2023, 6, 1))
    title = "Microeconomics" if course == "microeconomics" else course
    (reason,) = [each for each in found.reasons if each.text.startswith(f"{title}: ")]
    chance = next((each for each in found.outlook if each.place == reason.place), None)
    return reason, chance


def run(index: int, ended: date, course: str, exam: str | None = None, mark: str = "0.5", **more):
    """A run of Microeconomics whose pass mark is 50 %, with the exam if it was sat."""
    sat = (
        ()
        if exam is None
        else (exam_entry(exam, "proctored-exam", taken_at=datetime(*ended.timetuple()[:3], 9, tzinfo=UTC)),)
    )
    passed = D(course) >= D(mark)
    return recorded(
        index, course, "microeconomics", earned_on=ended, pass_mark=D(mark), passed=passed, exams=sat, **more
    )


def test_until_summer_2022_the_course_is_40_and_the_exam_60_per_cent():
    reason, _ = economics(run(0, SUMMER, "0.9", "0.55"))
    assert reason.counts.score == D("0.69")
    assert reason.text == (
        'Microeconomics: passed with 69 % by the rule "until summer 2022": '
        "40 % x 90 % of the course (run run0, ledger entry 0) + 60 % x 55 % of the exam (attempt 1)"
    )


def test_until_summer_2022_both_parts_had_to_be_passed():
    failed_exam, _ = economics(run(0, SUMMER, "1.0", "0.49"))
    assert not failed_exam.met
    assert failed_exam.text.endswith("but the exam was not passed (49 %, 50 % needed)")
    failed_course, _ = economics(run(0, SUMMER, "0.49", "1.0"))
    assert failed_course.text.endswith("but the course was not passed (49 %, 50 % needed)")


def test_from_spring_2023_the_course_is_30_and_the_exam_70_per_cent_and_only_the_total_counts():
    reason, _ = economics(run(0, SPRING, "0.3", "0.6"))
    assert reason.met
    assert reason.counts.score == D("0.51")
    assert not economics(run(0, SPRING, "1.0", "0.28"))[0].met  # 49.6 %


def test_the_same_parts_are_another_grade_in_another_era():
    parts = [economics(run(0, ended, "0.9", "0.5"))[0].counts.score for ended in (SUMMER, AUTUMN, SPRING)]
    assert parts == [D("0.66"), D("0.9"), D("0.62")]


def test_in_autumn_2022_the_exam_is_inside_the_course_and_still_has_to_be_sat():
    assert economics(run(0, AUTUMN, "0.5", "0.1"))[0].met
    assert not economics(run(0, AUTUMN, "0.49", "1.0"))[0].met
    unsat, _ = economics(run(0, AUTUMN, "0.9"))
    assert unsat.text == "Microeconomics: no verified attempt at the exam; of the course there is 90 % in run run0"


def test_from_spring_2023_a_part_may_come_from_an_earlier_session_and_both_entries_are_named():
    coursework, exam = run(0, SUMMER, "0.9"), run(4, SPRING, "0.1", "0.6")
    reason, _ = economics(coursework, exam)
    assert reason.counts.score == D("0.69")  # 0.3 x 0.9 + 0.7 x 0.6
    assert (reason.counts.entry, reason.counts.also, reason.counts.run, reason.counts.on) == (4, 0, "run4", SPRING)
    assert "(run run0, ledger entry 0)" in reason.text
    assert "of run run4, ledger entry 4" in reason.text


def test_before_spring_2023_the_parts_had_to_be_of_one_session():
    reason, _ = economics(run(0, date(2021, 5, 1), "0.9"), run(1, SUMMER, "0.1", "0.9"))
    assert not reason.met


def test_coursework_is_never_taken_from_a_session_whose_grade_holds_the_exam():
    reason, _ = economics(run(0, AUTUMN, "0.49", "0.4"), run(1, SPRING, "0.0", "0.52"))
    assert not reason.met  # 0.3 x 0.49 + 0.7 x 0.52 would be 51.1 %


@pytest.mark.parametrize(
    ("ended", "score"),
    [
        (date(2022, 9, 5), D("0.66")),
        (date(2022, 9, 6), D("0.9")),
        (date(2023, 1, 30), D("0.9")),
        (date(2023, 1, 31), D("0.62")),
    ],
)
def test_the_days_on_which_the_rules_changed(ended, score):
    assert economics(run(0, ended, "0.9", "0.5"))[0].counts.score == score


def test_of_a_part_at_hand_the_outlook_says_what_the_other_needs_rounded_up():
    _, chance = economics(run(0, SUMMER, "0.7"))
    assert chance.possible
    assert "with the coursework at hand (70 %) the exam needs 41.43 %" in chance.text
    reason, _ = economics(run(0, SUMMER, "0.7"), run(1, SPRING, "0.0", "0.4143"))
    assert reason.met
    assert not economics(run(0, SUMMER, "0.7"), run(1, SPRING, "0.0", "0.4142"))[0].met


def test_a_day_on_which_no_rule_is_known_decides_nothing_and_says_so():
    text = HEAD + ERA.replace("since = 2023-01-31", "since = 2024-01-01") + COMBINED
    found = evaluate(parse_program(text, name="p.toml"), GradesInHand((run(0, SPRING, "0.9", "0.9"),)), "ada")
    assert found.missing == (
        "microeconomics: it is not known which rule was in force for run run0 (ended on 2023-05-10)",
    )


# Requirements with days, and substitutes

OLD_OR_NEW = AnyOf(
    of=(
        CoursePass(course="mpc", minimum_grade=D("0.6"), until=date(2022, 12, 31)),
        CoursePass(course="mpc", minimum_grade=D("0.75"), since=date(2023, 1, 1)),
    )
)


def test_a_rule_holds_for_the_runs_of_its_days_only():
    assert decide(OLD_OR_NEW, recorded(0, "0.7", earned_on=SUMMER)).met
    late = decide(OLD_OR_NEW, recorded(0, "0.7", earned_on=SPRING))
    assert not late.met
    assert late.missing[1] == (
        "mpc: no verified attempt; set aside: run run0 (it ended on 2023-05-10, when another rule held)"
    )
    assert decide(OLD_OR_NEW, recorded(0, "0.75", earned_on=SPRING)).met


SUBSTITUTED = CoursePass(course="new", substitutes=(Substitute(course="old", until=SUMMER, source="a page"),))


def test_a_substitute_counts_on_its_days_and_is_named():
    answer = decide(SUBSTITUTED, recorded(0, "0.8", "old", earned_on=SUMMER))
    assert answer.reasons[0].text == (
        "new: passed with 80 % in run run0 of old, which stands in for new (ledger entry 0)"
    )
    assert answer.counted[0].course == "old"
    assert not decide(SUBSTITUTED, recorded(0, "0.8", "old", earned_on=AUTUMN)).met


def test_a_substitute_is_valid_for_an_exam_too():
    exam = ExamPass(course="cfx", exam="cfx", valid_courses=("new",), valid_years=5)
    both = AnyOf(of=(exam, SUBSTITUTED))
    sat = exam_entry(exam="cfx", taken_at=datetime(2024, 1, 1, tzinfo=UTC))
    passed = recorded(0, "0.8", "old", earned_on=SUMMER), recorded(1, course="cfx", exams=(sat,))
    assert decide(both, *passed).reasons[1].met


def test_the_assessment_course_stands_in_for_the_course_in_statistics():
    program = read_program(PROGRAMS / "statistics-data-science.toml")
    found = evaluate(program, GradesInHand((recorded(0, course="14.310Fx"),)), "ada")
    (text,) = {reason.text for reason in found.reasons if reason.met}
    assert "of 14.310Fx, which stands in for 14.310x" in text


def test_earlier_learners_of_finance_took_exams_course_by_course():
    program = read_program(PROGRAMS / "finance.toml")
    names = ("15.415.1x", "15.415.2x", "15.516x", "15.455x", "15.435x")

    def all_five(year: int):
        sat = exam_entry("0.9", taken_at=datetime(year, 6, 1, tzinfo=UTC))
        return [recorded(i, course=each, earned_on=date(year, 6, 5), exams=(sat,)) for i, each in enumerate(names)]

    assert evaluate(program, GradesInHand(tuple(all_five(2022))), "ada").met
    assert not evaluate(program, GradesInHand(tuple(all_five(2024))), "ada").met
    capstone = recorded(9, course="CFx", exams=(exam_entry(exam="CFx"),))
    assert evaluate(program, GradesInHand((*all_five(2024), capstone)), "ada").met


# Attempts

TWO = ExamPass(course="mpc", exam="final-exam", minimum_score=D("0.6"), attempts=2, title="Capstone")


def sat(index: int, score: str, day: int):
    taken = datetime(2026, 4, day, tzinfo=UTC)
    return recorded(index, exams=(exam_entry(score, taken_at=taken),))


def test_of_more_attempts_than_one_may_have_the_first_count():
    assert decide(TWO, sat(0, "0.1", 1), sat(1, "0.6", 2)).met
    third = decide(TWO, sat(0, "0.1", 1), sat(1, "0.5", 2), sat(2, "1.0", 3))
    assert third.missing == (
        (
            "Capstone: not passed: 50 % in attempt 1 of run run1, taken 2026-04-02, the best of 2 verified attempts, "
            "60 % needed; set aside: attempt 1 of run run2 (one may have 2)"
        ),
    )


def test_attempts_are_counted_in_the_order_in_which_they_were_taken():
    assert not decide(TWO, sat(0, "1.0", 9), sat(1, "0.1", 2), sat(2, "0.1", 3)).met


def test_attempts_that_are_used_up_leave_no_chance_but_a_persons():
    grades = GradesInHand((sat(0, "0.1", 1), sat(1, "0.5", 2)))
    program = read_program(PROGRAMS / "statistics-data-science.toml")
    (chance,) = evaluate(program_with(TWO), grades, "ada", today=date(2026, 5, 1)).outlook
    assert chance.possible is False
    assert chance.text == "not any more: all 2 attempts are used; only a person can grant another"
    assert program.requirement.of[-1].attempts == 2


def program_with(requirement) -> Program:
    return Program(
        schema=1, id="p", title="", description="", achievement_type="Certificate", criteria="", requirement=requirement
    )


# By when what is missing can still be had

CHAIN = read_program(PROGRAMS / "supply-chain.toml")


def chain(*ended: date):
    """Passes of SC0x, SC1x, … that ended on these days."""
    return tuple(recorded(i, course=f"SC{i}x", earned_on=each) for i, each in enumerate(ended))


def chances(*grades, today: date = date(2026, 6, 1)) -> dict[str, tuple]:
    found = evaluate(CHAIN, GradesInHand(grades), "ada", today=today)
    return {chance.place: (chance.possible, chance.by, chance.text) for chance in found.outlook}


def test_the_exam_has_to_be_taken_before_the_first_pass_runs_out():
    five = chain(date(2022, 3, 1), date(2022, 9, 1), *[date(2024, 1, 1)] * 3)
    assert chances(*five) == {
        "6": (
            True,
            date(2027, 3, 1),
            "to be taken by 2027-03-01, when the pass of SC0x runs out; when it is held next is not known here",
        )
    }


def test_a_pass_that_ran_out_has_to_be_earned_again():
    five = chain(date(2020, 3, 1), date(2022, 9, 1), *[date(2024, 1, 1)] * 3)
    possible, by, text = chances(*five)["6"]
    assert (possible, by) == (True, date(2027, 9, 1))
    assert text.startswith("the pass of SC0x ran out on 2025-03-01 (5 years), so pass it again before it; ")


def test_of_a_missing_course_no_last_day_is_made_up():
    four = chain(*[date(2024, 1, 1)] * 4)
    found = chances(*four)
    assert found["5"] == (
        True,
        None,
        "in another run, as a verified learner; when the next run is held is not known here",
    )
    assert found["6"][2].startswith("SC4x to be passed before it; to be taken by 2029-01-01")


def test_a_rule_whose_days_are_over_leaves_no_chance():
    old = CoursePass(course="mpc", until=date(2022, 12, 31))
    (chance,) = evaluate(program_with(old), GradesInHand(()), "ada", today=SPRING).outlook
    assert (chance.possible, chance.text) == (False, "not any more: only runs that ended by 2022-12-31 count")


def test_what_is_not_known_cannot_be_promised():
    found = evaluate(read_program(PROGRAMS / "finance.toml"), GradesInHand(()), "ada", today=SPRING)
    assert (None, "not before the rule is known") in {(each.possible, each.text) for each in found.outlook}


# The files

HEAD = """
schema = 1
id = "p"
title = "P"
description = "d"
achievement_type = "MicroCredential"
criteria = "c"
"""
ERA = """
[[eras]]
title = "new"
since = 2023-01-31
course_weight = 0.3
exam_weight = 0.7
minimum = 0.5
"""
COMBINED = """
[requirement]
kind = "course-and-exam"
course = "microeconomics"
exam = "proctored-exam"
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + COMBINED, '`eras`: the key is missing; a requirement of kind "course-and-exam" is judged by eras'),
        (HEAD + ERA + ERA + COMBINED, "`eras[#2].since`: its days are also those of an era before it"),
        (
            HEAD + ERA.replace("0.7", "0.6") + COMBINED,
            "`eras[#1].course_weight`: `course_weight` and `exam_weight` that sum",
        ),
        (HEAD + ERA + "exam_inside = true" + COMBINED, "`eras[#1].exam_inside`: the exam is part of the course"),
        (HEAD + ERA + "until = 2022-01-01" + COMBINED, "`eras[#1].until`: a day from 2023-01-31 on was expected"),
        (
            HEAD + '[requirement]\nkind = "exam"\ncourse = "a"\nexam = "x"\nattempts = 0',
            "`requirement.attempts`: a whole number of at least 1 was expected, and 0 was found",
        ),
        (
            HEAD
            + '[requirement]\nkind = "all-of"\nof = [{ kind = "course", course = "a" }, '
            + '{ kind = "course", course = "b", substitutes = [{ course = "a" }] }]',
            "`requirement.of[#2]`: a would count for this and for one before it; a course counts once",
        ),
    ],
)
def test_a_program_file_that_could_be_read_in_two_ways_is_refused(text, message):
    with pytest.raises(CoursewrightError) as caught:
        parse_program(text, name="p.toml")
    assert message in str(caught.value)


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_program_that_ships_says_where_its_rules_are_written(path):
    program = read_program(path)
    assert program.sources
    assert all(era.source for era in program.eras)
