"""Everybody at once, in batches and on several processors: the answers are those of one at a time."""

import pickle
import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from authoring.errors import CoursewrightError
from authoring.program_file import read_program
from release import evaluate, everybody, keys
from release.everybody import Question, decide_everybody
from release.ledger import Ledger
from release.rules.reasons import Eligibility
from release.verified_grade import VerifiedExam, VerifiedGrade
from tests.release.conftest import D

pytestmark = pytest.mark.integration  # it starts processes

PROGRAM = read_program(Path(__file__).parents[2] / "courses" / "programs" / "supply-chain.toml")
TODAY, NOW = date(2026, 6, 1), datetime(2026, 6, 1, tzinfo=UTC)
COURSES = ("SC0x", "SC1x", "SC2x", "SC3x", "SC4x", "CFx")
LEARNERS = [f"learner{number:02}" for number in range(60)]


def grade(learner: str, course: str, run: str, chance: random.Random) -> VerifiedGrade:
    ended = date(chance.randrange(2018, 2026), 5, 31)
    exam = VerifiedExam(
        exam="CFx",
        attempt=1,
        score=D(chance.randrange(50, 100)),
        max_score=D(100),
        taken_at=datetime(ended.year, 6, 1, tzinfo=UTC),
        verified_at=NOW,
        sitting="sha256:1",
    )
    fraction = D(chance.randrange(55, 100)) / 100
    return VerifiedGrade(
        learner=learner,
        course=course,
        run=run,
        grade=fraction,
        passed=fraction >= D("0.6"),
        pass_mark=D("0.6"),
        earned_on=ended,
        verification="idv:1",
        exams=(exam,) if course == "CFx" else (),
        records=(),
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A ledger of sixty learners whose grades come in no order, with amendments and somebody who was forgotten."""
    chance = random.Random(3)
    grades = [
        grade(learner, course, run, chance)
        for learner in LEARNERS
        for course in COURSES
        for run in ("first", "second")
        if chance.random() < 0.8
    ]
    chance.shuffle(grades)
    place = f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'ledger.db'}"
    with Ledger(place, keys.generate()) as ledger:
        ledger.append_grades(grades, at=NOW)
        for each in grades[:20]:
            after = None if chance.random() < 0.5 else grade(each.learner, each.course, each.run, chance)
            ledger.amend(each.learner, each.course, each.run, after=after, actor="R", reason="appeal", at=NOW)
        ledger.forget(LEARNERS[7], actor="R", at=NOW)
    return place


def whole(found: Eligibility) -> Eligibility:
    return found


def is_met(found: Eligibility) -> tuple[str, bool]:
    return found.learner, found.met


@pytest.mark.parametrize("processes", [1, 2])
def test_the_answers_are_those_of_one_at_a_time_in_the_learners_order(url, processes, monkeypatch):
    monkeypatch.setattr(everybody, "BATCH", 4)
    found = list(decide_everybody(Question(url, PROGRAM, TODAY, whole), processes=processes))
    with Ledger(url) as ledger:
        assert found == [evaluate(PROGRAM, ledger, each, today=TODAY) for each in LEARNERS if each != LEARNERS[7]]
    assert {each.met for each in found} == {True, False}


def test_a_ledger_that_grows_meanwhile_does_not_change_the_answers(url, tmp_path, monkeypatch):
    monkeypatch.setattr(everybody, "BATCH", 1)
    (tmp_path / "copy.db").write_bytes(Path(url.removeprefix("sqlite:///")).read_bytes())
    question = Question(f"sqlite:///{tmp_path / 'copy.db'}", PROGRAM, TODAY, is_met)
    before = list(decide_everybody(question))
    answers = decide_everybody(question)
    first = next(answers)
    with Ledger(question.url, keys.generate()) as ledger:
        for learner in [learner for learner, met in before[1:] if met]:
            for each in ledger.grades_of(learner):
                if not each.withdrawn:
                    where = each.grade.course, each.grade.run
                    ledger.amend(learner, *where, after=None, actor="R", reason="withdrawn meanwhile", at=NOW)
    assert any(met for _, met in before[1:])
    assert [first, *answers] == before
    assert not any(met for _, met in list(decide_everybody(question))[1:])


def test_what_goes_wrong_in_another_process_is_still_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(everybody.gc, "disable", lambda: None)
    everybody._begin(Question(f"sqlite:///{tmp_path / 'gone.db'}", PROGRAM, TODAY, is_met), 5)
    with pytest.raises(CoursewrightError, match="there is no ledger here") as caught:
        everybody._batch([("ada", b"salt")])
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_empty_ledger_has_nobody(tmp_path):
    place = f"sqlite:///{tmp_path / 'empty.db'}"
    Ledger(place, keys.generate()).close()
    assert list(decide_everybody(Question(place, PROGRAM, TODAY, is_met), processes=2)) == []
