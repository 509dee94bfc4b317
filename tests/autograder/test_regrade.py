"""Grading again after the tests changed: nothing moves before somebody says so, and then exactly what was shown."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from authoring.errors import CoursewrightError
from autograder import journal, regrade
from autograder.desk import Desk
from autograder.manual_marks import Given
from autograder.marking import Signed, answer_of, give, open_marking
from autograder.record import GradeRecord, read_records, record_hash, to_json
from autograder.regrade import Preview, apply, preview
from tests.autograder.nbgrader_oracle import export
from tests.autograder.small_course import ONE_DAY_LATE, grade, hand_in, make_course, write_source

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

NOW = datetime(2026, 9, 23, 9, tzinfo=UTC)
STRICTER = "assert x == 3"
ANSWERS = {"ada": "x = 2", "ben": "x = 3", "cleo": "x = 0"}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_course(tmp_path_factory.mktemp("small") / "small")
    for learner, source in ANSWERS.items():
        hand_in(root, learner, source, stamp=ONE_DAY_LATE if learner == "ada" else "2026-09-20 12:00:00 UTC")
    grade(root)
    mark(root, "ada", 2.0)
    return root


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    shutil.copytree(graded, tmp_path / "course")
    return tmp_path / "course"


def mark(root: Path, learner: str, points: float) -> None:
    marking = open_marking(root, "ps")
    give(marking, answer_of(marking, marking.questions[0], learner), Given(points), Signed("grace", NOW))


def look(root: Path) -> Preview:
    found = [step for step in preview(root, "ps", workers=1) if isinstance(step, Preview)]
    return found[0]


def keep(root: Path) -> Preview:
    return apply(root, "ps", reason="the test was wrong", by="grace", at=NOW)


def everything(root: Path) -> dict[str, bytes]:
    """All files of a course but what waits beside."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".coursewright" not in path.parts
    }


def scores(found: Preview) -> dict[str, tuple[float | None, float | None]]:
    return {change.before.learner: (change.before.score, change.after.score) for change in found.changes}


def records(root: Path) -> dict[str, GradeRecord]:
    return {record.learner: record for record in read_records(root / "records")}


def test_looking_shows_what_would_change_and_leaves_every_byte(course: Path) -> None:
    write_source(course, STRICTER)
    before = everything(course)
    found = look(course)
    assert scores(found) == {"ada": (9.0, 2.0), "ben": (0.0, 7.0), "cleo": (0.0, 0.0)}
    ada = found.changes[0]
    assert (ada.before.late_penalty, ada.after.late_penalty) == (0.9, 0.2)
    assert ada.after.cells[1] == ada.before.cells[1]  # a person's mark
    assert everything(course) == before


def test_what_is_kept_is_what_was_shown_and_what_grading_anew_gives(course: Path, tmp_path: Path) -> None:
    write_source(course, STRICTER, points=5)
    shutil.copytree(course, tmp_path / "other")
    found = look(course)
    assert to_json(keep(course).changes[0].after) == to_json(found.changes[0].after)
    assert records(course) == {change.after.learner: change.after for change in found.changes}
    assert records(course) == grade(tmp_path / "other", force=True)
    executed = [(root / "autograded/ben/ps/nb.ipynb").read_bytes() for root in (course, tmp_path / "other")]
    assert executed[0] == executed[1]
    exported = {learner: (row["raw_score"], row["max_score"]) for learner, row in export(course).items()}
    assert exported == {"ada": ("2.0", "8.0"), "ben": ("5.0", "8.0"), "cleo": ("0.0", "8.0")}


def test_who_when_why_and_the_earlier_records_are_kept(course: Path) -> None:
    before = records(course)
    write_source(course, STRICTER)
    found = look(course)
    keep(course)
    begun, done = journal.read(course / "regrades/ps.jsonl")
    assert (begun["event"], begun["by"], begun["reason"]) == ("begun", "grace", "the test was wrong")
    assert begun["at"] == "2026-09-23T09:00:00+00:00"
    assert begun["records"]["ben"] == {
        "before": record_hash(before["ben"]),
        "after": record_hash(found.changes[1].after),
    }
    assert (done["event"], done["records"]) == ("done", begun["records"])
    for learner, record in before.items():
        (path,) = (course / "superseded/ps" / learner).glob("*.json")
        assert path.read_bytes() == to_json(record)
    with pytest.raises(CoursewrightError, match="nobody has seen what would change"):
        keep(course)


def test_a_second_look_grades_nothing_again(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_source(course, STRICTER)
    first = look(course)
    monkeypatch.setattr(regrade, "warm_engine", None)
    assert look(course) == first


def test_nothing_is_kept_that_nobody_looked_at(course: Path) -> None:
    with pytest.raises(CoursewrightError, match="run the command without --apply first"):
        keep(course)


def another_source(root: Path) -> None:
    write_source(root, "assert x == 4")


def another_submission(root: Path) -> None:
    hand_in(root, "cleo", "x = 3\n")


def another_mark(root: Path) -> None:
    mark(root, "ada", 3.0)


def another_grade(root: Path) -> None:
    another_submission(root)
    grade(root)


def another_arrangement(root: Path) -> None:
    header = "learner,assignment,until,extra_hours,late_policy,excused,reason"
    (root / "arrangements.csv").write_text(f"{header}\nada,ps,,24,,,ill\n")


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (another_source, "the source has changed since"),
        (another_submission, "cleo handed in again since"),
        (another_mark, "the record of ada has changed since"),
        (another_grade, "cleo handed in again since"),
        (another_arrangement, "a mark of ada, or what was arranged, has changed since"),
    ],
)
def test_what_is_no_longer_what_was_shown_is_refused(course: Path, happens, said: str) -> None:
    write_source(course, STRICTER)
    look(course)
    happens(course)
    before = everything(course)
    with pytest.raises(CoursewrightError) as caught:
        keep(course)
    assert said in str(caught.value)
    assert everything(course) == before


def test_who_hands_in_meanwhile_for_the_first_time_is_no_part_of_it(course: Path) -> None:
    write_source(course, STRICTER)
    hand_in(course, "dan", "x = 3")
    found = look(course)
    assert [learner for learner, _ in found.skipped] == ["dan"]
    hand_in(course, "eve", "x = 3")
    keep(course)
    assert set(records(course)) == set(ANSWERS)


def test_a_regrade_that_was_interrupted_goes_on_where_it_was(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_source(course, STRICTER)
    found = look(course)
    whole, kept = Desk.keep, []

    def dies(desk, one):
        if kept:
            raise KeyboardInterrupt
        kept.append(one)
        return whole(desk, one)

    monkeypatch.setattr(Desk, "keep", dies)
    with pytest.raises(KeyboardInterrupt):
        keep(course)
    monkeypatch.setattr(Desk, "keep", whole)
    keep(course)
    assert records(course) == {change.after.learner: change.after for change in found.changes}
    assert [entry["event"] for entry in journal.read(course / "regrades/ps.jsonl")] == ["begun", "done"]
    assert len(list((course / "superseded/ps").rglob("*.json"))) == 3


def test_of_a_group_everybody_is_compared(course: Path) -> None:
    shutil.rmtree(course / "submitted/ben")
    (course / "groups.csv").write_text("assignment,group,learner\nps,red,ada\nps,red,ben\n")
    grade(course)
    write_source(course, STRICTER)
    assert scores(look(course)) == {"ada": (9.0, 2.0), "ben": (9.0, 2.0), "cleo": (0.0, 0.0)}
    keep(course)
    assert {records(course)[learner].score for learner in ("ada", "ben")} == {2.0}


def test_cells_that_come_or_go_are_refused_before_anything_runs(course: Path) -> None:
    path = course / "source/ps/nb.ipynb"
    path.write_text(path.read_text().replace('"grade_id": "t"', '"grade_id": "tt"'))
    with pytest.raises(CoursewrightError, match=r"t is gone from nb\.ipynb"):
        look(course)


def test_what_was_never_graded_has_nothing_to_compare_with(course: Path) -> None:
    shutil.rmtree(course / "records")
    with pytest.raises(CoursewrightError, match="nothing of it was graded yet"):
        look(course)
