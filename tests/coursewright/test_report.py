"""The report: what it says of made-up records, how it draws, and that what learners write never becomes markup."""

import re
import shutil
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from authoring.course import Course
from authoring.course_file import load_course
from authoring.program_file import read_program
from autograder.files import write_record
from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Isolation, Outcome, RecordFinding
from coursewright.report.assignment_facts import GradingTime, assignment_facts, cell_facts
from coursewright.report.facts import gather
from coursewright.report.page import counted, estimate, number, page, percent
from coursewright.report.plots import cells_plot, reasons_plot, score_plot, themed
from coursewright.report.reliability import reliability
from exam_bank.statistics.classical import Estimate

pytestmark = pytest.mark.integration  # slow: it starts processes, signs or draws again and again

COURSES = Path(__file__).parents[2] / "courses"
SET = "week01-problem-set"
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>"


def cell(
    name: str = "t_mean", score: float | None = 2.0, points: float = 2.0, message: str = "", **changes: object
) -> CellGrade:
    known = CellOutcome.PASSED if score == points else CellOutcome.FAILED
    given = {
        "notebook": "problem-set",
        "grade_id": name,
        "kind": CellKind.TEST,
        "isolation": Isolation.SHARED,
        "outcome": CellOutcome.NEEDS_MANUAL if score is None else known,
        "score": score,
        "max_score": points,
        "message": message,
    }
    return CellGrade(**{**given, **changes})  # type: ignore[arg-type]


def record(learner: str, *cells: CellGrade, **changes: object) -> GradeRecord:
    waits = any(each.score is None for each in cells)
    given = {
        "course": "mpc",
        "assignment": SET,
        "learner": learner,
        "attempt": "sha256:" + learner.encode().hex(),
        "source": "sha256:1",
        "environment": "sha256:2",
        "grader": "coursewright 0",
        "outcome": Outcome.NEEDS_MANUAL if waits else Outcome.GRADED,
        "score": sum(each.score or 0.0 for each in cells),
        "max_score": 18.0,
        "cells": cells,
    }
    return GradeRecord(**{**given, **changes})  # type: ignore[arg-type]


def failed(learner: str, message: str) -> GradeRecord:
    finding = RecordFinding(rule="unreadable-notebook", message=message)
    return record(learner, outcome=Outcome.FAILED, score=None, findings=(finding,))


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(COURSES / "mpc")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course folder with a few records and nothing else that was ever made."""
    shutil.copytree(COURSES / "mpc", tmp_path / "mpc", ignore=shutil.ignore_patterns("release", "gradebook.db"))
    records = [
        record("ada", cell(score=18.0, points=18.0)),
        record("bea", cell(score=0.0, points=18.0, message="AssertionError: no")),
        record("cyd", cell(score=2.0), cell("m_why", None, 4.0, kind=CellKind.MANUAL)),
        failed("dan", "problem-set.ipynb: the file is not JSON"),
    ]
    for each in records:
        write_record(tmp_path / "mpc", each)
    return tmp_path / "mpc"


class TestAssignmentFacts:
    def facts(self, course, *records, time=None):
        return assignment_facts(course, course.assignment(SET), records, 10, time)

    def test_every_learner_is_counted_once(self, course):
        found = self.facts(
            course,
            record("ada", cell()),
            record("bea", cell(score=None)),
            failed("cyd", "not JSON"),
            record("dan", outcome=Outcome.MISSING, score=None),
            record("eve", cell(), assignment="week02-problem-set"),
        )
        assert (found.graded, found.waiting, found.without_notebook) == (1, ("bea",), ("dan",))
        assert [each.learner for each in found.failed] == ["cyd"]
        assert (found.handed_in, found.absent) == (4, 6)

    def test_only_graded_work_has_a_score_and_lateness_is_taken_off(self, course):
        found = self.facts(
            course,
            record("ada", cell(score=18.0, points=18.0), late_penalty=1.8),
            record("bea", cell(score=4.0), cell("m_why", None)),
            failed("cyd", "not JSON"),
        )
        assert found.scores == (16.2,)
        assert (found.late, found.passed, found.median) == (1, 1, 16.2)

    def test_the_pass_mark_itself_passes(self, course):
        scores = [record(name, cell(score=score, points=18.0)) for name, score in (("ada", 10.8), ("bea", 10.79))]
        assert self.facts(course, *scores).passed == 1

    def test_what_waits_is_no_zero_in_the_rates(self):
        (found,) = cell_facts([record("ada", cell(score=2.0)), record("bea", cell(score=None))])
        assert (found.full, found.none, found.waiting, found.asked) == (1, 0, 1, 1)
        assert (found.pass_rate, found.share) == (1.0, 1.0)

    def test_full_part_and_none_are_told_apart_and_messages_counted(self):
        said = ["AssertionError: b"] * 2 + ["NameError: a", ""]
        scores = [0.0, 0.0, 1.0, 2.0]
        records = [record(f"l{i}", cell(score=scores[i], message=said[i])) for i in range(4)]
        (found,) = cell_facts(records)
        assert (found.full, found.partial, found.none) == (1, 1, 2)
        assert found.share == pytest.approx(3 / 8)
        assert found.messages == (("AssertionError: b", 2), ("NameError: a", 1))

    def test_what_was_stopped_is_told_once_for_each_cell(self, course):
        ended = RecordFinding(rule="stopped", cell="t_mean", message="the process ended itself")
        found = self.facts(
            course,
            record("ada", cell(score=0.0), findings=(ended,)),
            record("bea", cell(score=0.0, outcome=CellOutcome.TIMEOUT, message="ran for 3 s")),
            record("cyd", cell(score=0.0, outcome=CellOutcome.TIMEOUT, message="ran for 3 s"), findings=(ended,)),
        )
        assert [(each.learner, each.rule, each.message) for each in found.stopped] == [
            ("ada", "ended itself", "the process ended itself"),
            ("bea", "ran too long", "ran for 3 s"),
            ("cyd", "ran too long", "the process ended itself"),
        ]
        assert found.repaired == ()

    def test_a_mended_cell_is_a_repair(self, course):
        gone = RecordFinding(rule="missing-cell", cell="t_mean", message="was put back")
        found = self.facts(course, record("ada", cell(), findings=(gone,)))
        assert [(each.rule, each.cell) for each in found.repaired] == [("missing-cell", "t_mean")]


class TestReliability:
    # Shrout and Fleiss, Psychological Bulletin 86, 1979, 420-428, tables 2 and 4: six targets, four judges each.
    RATINGS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))

    def test_it_is_the_published_coefficient(self):
        found = reliability(self.RATINGS)
        assert found.value == pytest.approx(0.44, abs=0.005)
        assert found.n == 6
        assert found.low is not None
        assert found.high is not None
        assert found.low < found.value < found.high

    def test_the_interval_is_that_of_the_f_distribution(self):
        # The interval of ICC(1, 4) that other software gives for these data: -0.884 to 0.912.
        found = reliability(self.RATINGS)
        assert (found.low, found.high) == (pytest.approx(-0.884, abs=0.001), pytest.approx(0.912, abs=0.001))

    @pytest.mark.parametrize(
        "shares", [[], [[1.0, 0.0]] * 2, [[1.0], [0.0], [1.0]], [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]]
    )
    def test_what_cannot_be_known_says_why(self, shares):
        found = reliability(shares)
        assert found.value is None
        assert found.why_not

    def test_learners_who_agree_with_themselves_are_measured_perfectly(self):
        assert reliability([[1.0, 1.0], [0.0, 0.0], [0.5, 0.5]]).value == 1.0

    def test_forms_of_different_length_are_refused(self):
        with pytest.raises(ValueError, match="same number"):
            reliability([[1.0, 0.0], [1.0]])


class TestPlots:
    def draw(self, name="one"):
        return score_plot([3.0, 12.0, 18.0], 18.0, 10.8, title="Scores <of> all & sundry", name=name)

    def test_a_picture_says_in_words_what_it_shows(self):
        svg = self.draw()
        assert 'role="img" aria-labelledby="one-title one-desc"' in svg
        assert '<title id="one-title">Scores &lt;of&gt; all &amp; sundry</title>' in svg
        assert "Lowest 3, median 12, highest 18 of 18; 2 reach the pass mark of 10.8." in svg

    def test_its_axes_and_lines_are_labelled_in_text(self):
        svg = self.draw()
        for text in ("learners", "pass mark 10.8", "median 12", "score (points of 18"):
            assert text in svg

    def test_it_has_no_colour_but_the_pages(self):
        for svg in (self.draw(), cells_plot(cell_facts([record("ada", cell())]), title="t", name="n")):
            assert re.findall(r"#[0-9a-fA-F]{6}\b", svg) == []
            assert "var(--ink)" in svg

    def test_two_pictures_of_a_page_share_no_id(self):
        one, two = (set(re.findall(r'\bid="([^"]+)"', self.draw(name))) for name in ("one", "two"))
        assert one
        assert not one & two

    def test_what_refers_to_an_id_still_finds_it(self):
        svg = self.draw()
        ids = set(re.findall(r'\bid="([^"]+)"', svg))
        assert {*re.findall(r'href="#([^"]+)"', svg), *re.findall(r"url\(#([^)]+)\)", svg)} <= ids

    def test_the_same_scores_give_the_same_bytes(self):
        assert self.draw() == self.draw()

    def test_nothing_is_drawn_of_nothing(self):
        svg = score_plot([], 18.0, 10.8, title="t", name="n")
        assert "0 scores." in svg

    def test_reasons_are_in_the_words_too(self):
        svg = reasons_plot([("On the <audit> track", 9)], title="t", name="n")
        assert "On the &lt;audit&gt; track: 9." in svg

    def test_colours_of_other_plots_are_the_pages_too(self):
        assert themed('<path style="stroke: #0072B2"/>', "n") == '<path style="stroke: var(--full)"/>'


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (number(None), "\u2013"),
        (number(10.80, 2), "10.8"),
        (number(-0.5), "\u22120.5"),
        (number(Decimal(10)), "10"),
        (percent(0.605), "60 %"),
        (percent(None), "\u2013"),
        (counted(1, "learner"), "1 learner"),
        (counted(0, "learner"), "0 learners"),
        (estimate(Estimate(value=None, n=2, why_not="too few")), "unknown: too few"),
        (estimate(Estimate(value=0.8, n=9, low=-0.1, high=1.0)), "0.80 (\u22120.10 to 1.00)"),
    ],
)
def test_numbers_are_written_for_people(shown, text):
    assert shown == text


class Outline(HTMLParser):
    """What a screen reader would walk through."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.levels: list[int] = []
        self.headers_without_scope = 0
        self.pictures_without_name = 0
        self.targets: set[str] = set()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags[tag] += 1
        if "id" in given:
            self.ids[str(given["id"])] += 1
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        self.headers_without_scope += tag == "th" and "scope" not in given
        named = given.get("aria-label") or given.get("aria-labelledby")
        self.pictures_without_name += tag == "svg" and not (given.get("role") == "img" and named)
        href = given.get("href") or ""
        if tag == "a" and href.startswith("#"):
            self.targets.add(href[1:])
        elif tag in {"a", "link", "script", "img", "iframe"}:
            self.addresses.append(str(given.get("href") or given.get("src")))


class TestPage:
    def test_it_is_sound_html_for_a_screen_reader(self, root):
        outline = Outline(page(gather(root)))
        assert outline.levels[0] == 1
        assert outline.levels.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
        assert outline.headers_without_scope == 0
        assert outline.pictures_without_name == 0
        assert [name for name, times in outline.ids.items() if times > 1] == []
        assert outline.targets <= set(outline.ids)

    def test_it_fetches_nothing_and_runs_nothing(self, root):
        text = page(gather(root))
        outline = Outline(text)
        assert outline.addresses == []
        assert outline.tags["script"] == outline.tags["link"] == outline.tags["img"] == 0
        assert "default-src 'none'" in text
        assert "@import" not in text
        assert not re.search(r"url\((?!#)", text)

    def test_who_needs_a_person_comes_first_and_by_name(self, root):
        text = page(gather(root))
        first = text[text.index('id="first"') : text.index('id="week01-problem-set"')]
        for learner in ("cyd", "dan"):
            assert f'<a href="#{learner}">{learner}</a>' in first
        assert "ada" not in first
        assert "the file is not JSON" in first

    def test_whatever_learners_write_is_text(self, root):
        # An id cannot hold such characters once enrolments are read; without an enrolment file nothing has checked it.
        write_record(root, record("eve", cell(score=0.0, points=18.0, message=HOSTILE)))
        facts = gather(root)
        people = tuple(replace(each, id=f"{HOSTILE}{each.id}", notes=(HOSTILE,)) for each in facts.people)
        tasks = tuple(replace(each, learners=(HOSTILE,), details=(HOSTILE,)) for each in facts.tasks)
        text = page(replace(facts, people=people, tasks=tasks, notes=(HOSTILE,)))
        outline = Outline(text)
        assert outline.tags["script"] == outline.tags["img"] == 0
        assert "<script" not in text
        assert "&lt;script&gt;alert(&#39;x&#39;)" in text

    def test_what_grading_took_is_told_only_if_it_is_known(self, root):
        assert "Grading took" not in page(gather(root))
        times = {SET: GradingTime(submissions=4, seconds=2.0, cpu_seconds=3.0, workers=2)}
        assert "Grading took 2 seconds with 2 workers, 0.75 seconds of computing" in page(gather(root, times=times))

    def test_without_a_ledger_nothing_is_said_about_credentials(self, root):
        text = page(gather(root))
        assert 'id="eligibility"' not in text
        assert "earned" not in text.partition("<main>")[2].replace("what they earned", "")

    def test_a_course_without_any_submission_has_a_report(self, tmp_path):
        shutil.copytree(COURSES / "mpc", tmp_path / "mpc")
        text = page(gather(tmp_path / "mpc"))
        assert "Nothing waits for a person." in text
        assert Outline(text).headers_without_scope == 0

    def test_eligibility_is_asked_of_the_ledger(self, root, tmp_path):
        from release import keys
        from release.ledger import Ledger

        url = f"sqlite:///{tmp_path / 'ledger.db'}"
        with Ledger(url, keys.generate()):
            pass
        facts = gather(root, ledger=url, program=read_program(COURSES / "programs/process-control.toml"))
        assert facts.eligible == 0
        assert facts.against == (("On the audit track", 4),)
        assert "0 of 4 learners" in page(facts)
