"""The life of an item: who reviewed which version, what may follow what, and what earlier versions said."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from authoring.errors import CoursewrightError
from exam_bank.check.life import life_findings, set_findings
from exam_bank.item import Item, Review, Status, Use
from exam_bank.item_edit import add_review, set_status
from exam_bank.item_file import read_bank, read_item
from exam_bank.life_cycle import MOVES, lacking_reviews, next_statuses, require_reviewed, reviewers
from exam_bank.register import earlier, note, read_register, register_path
from exam_bank.strict import SourceError
from tests.exam_bank.conftest import NUMERIC, item_text

NOON = dt.datetime(2026, 9, 1, 12, 0, tzinfo=dt.UTC)
REF = "basics/x"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Item]:
    """Writes the item ``basics/x`` and reads it."""

    def written(front: str = "", *, answer: str = "12.5", status: str = "operational", name: str = "x") -> Item:
        path = tmp_path / "items" / "basics" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = item_text("author: Ana\n" + front + NUMERIC.replace("12.5", answer))
        path.write_text(text.replace("status: operational", f"status: {status}"))
        return read_item(path, tmp_path)

    return written


def path_of(root: Path) -> Path:
    return root / "items" / "basics" / "x.md"


def reviewed(item: Item, by: str) -> Item:
    review = Review(by=by, date=NOON.date(), version=item.version)
    return msgspec.structs.replace(item, reviewed_by=(*item.reviewed_by, review))


def messages(item: Item, root: Path, *, reviews: int = 0) -> list[str]:
    return [finding.message for finding in life_findings(item, root, reviews=reviews)]


# ---- statuses


def test_an_item_of_an_exam_goes_step_by_step() -> None:
    assert MOVES[Status.DRAFT] == {Status.REVIEW, Status.RETIRED}
    assert MOVES[Status.REVIEW] == {Status.DRAFT, Status.PILOT, Status.RETIRED}
    assert MOVES[Status.PILOT] == {Status.REVIEW, Status.OPERATIONAL, Status.RETIRED}
    assert Status.OPERATIONAL not in MOVES[Status.RETIRED]
    assert set(MOVES) == set(Status)


def test_a_question_of_a_lesson_needs_no_pilot(write: Callable[..., Item]) -> None:
    assert Status.OPERATIONAL not in next_statuses(write(status="review"), Status.REVIEW)
    lesson = write("use: lesson\n", status="review")
    assert lesson.use is Use.LESSON
    assert Status.OPERATIONAL in next_statuses(lesson, Status.REVIEW)


# ---- reviews


def test_only_reviews_of_the_present_version_by_others_count(write: Callable[..., Item]) -> None:
    item = write()
    assert reviewers(item) == ()
    assert reviewers(reviewed(item, " ANA ")) == ()
    assert reviewers(reviewed(reviewed(item, "Ben"), "ben")) == ("ben",)
    old = Review(by="Ben", date=NOON.date(), version="sha256:" + "0" * 64)
    assert reviewers(msgspec.structs.replace(item, reviewed_by=(old,))) == ()


def test_what_is_asked_was_reviewed_where_the_course_wants_it(write: Callable[..., Item], tmp_path: Path) -> None:
    item = write()
    assert messages(item, tmp_path) == []
    (message,) = messages(item, tmp_path, reviews=1)
    assert "has 0 of 1 reviews by others than its author" in message
    assert messages(reviewed(item, "Ben"), tmp_path, reviews=1) == []
    assert messages(reviewed(item, "Ben"), tmp_path, reviews=2) != []
    assert messages(write(status="draft"), tmp_path, reviews=1) == []
    assert messages(write(status="pilot"), tmp_path, reviews=1) != []
    nobody = msgspec.structs.replace(reviewed(item, "Ben"), author="")
    assert "nobody is named as its author" in lacking_reviews(nobody, 1)


def test_no_form_is_made_of_items_that_nobody_reviewed(write: Callable[..., Item]) -> None:
    item = write()
    require_reviewed([item], 0)
    require_reviewed([reviewed(item, "Ben")], 1)
    with pytest.raises(CoursewrightError, match=r"items/basics/x.md: version sha256:[0-9a-f]{12} has 0 of 1 reviews"):
        require_reviewed([item], 1)
    require_reviewed([write("use: lesson\n")], 1)


# ---- the register


def test_a_change_after_use_is_a_new_version_and_wants_a_new_review(write: Callable[..., Item], tmp_path: Path) -> None:
    first = write()
    assert note(tmp_path, [first], at=NOON, by="ana") == [REF]
    assert messages(first, tmp_path) == []

    second = write(answer="12.6")
    assert second.version != first.version
    (message,) = messages(second, tmp_path)
    assert message.startswith(f"it changed after it was used (version {first.version[:19]} of 2026-09-01), and nobody")
    assert messages(reviewed(second, "Ben"), tmp_path) == []
    assert messages(reviewed(second, "Ana"), tmp_path) != []
    assert messages(write(answer="12.6", status="review"), tmp_path) == []
    assert messages(write(), tmp_path) == [], "the first version again"


def test_tags_and_samples_are_no_change(write: Callable[..., Item], tmp_path: Path) -> None:
    first = write()
    note(tmp_path, [first], at=NOON, by="ana")
    item = write("topics: [more]\nskills: [recall]\nangoff: {ben: 0.4}\nranges: {answer: [12, 13]}\n")
    assert item.version == first.version
    assert item.every_topic == ("basics", "more")
    assert item.every_skill == ("apply", "recall")
    assert messages(item, tmp_path) == []


def test_the_text_of_an_earlier_version_comes_back(write: Callable[..., Item], tmp_path: Path) -> None:
    first, text = write(), path_of(tmp_path).read_text()
    note(tmp_path, [first], at=NOON, by="ana")
    second = write(answer="12.6")
    note(tmp_path, [second], at=NOON, by="ana")

    assert earlier(tmp_path, REF, first.version) == (text, first)
    assert earlier(tmp_path, REF, first.version[7:19]) == (text, first)
    assert earlier(tmp_path, REF, second.version)[1] == second
    with pytest.raises(SourceError, match=r"0 versions begin with 'sha256:fffffff'; known are sha256:"):
        earlier(tmp_path, REF, "sha256:fffffff")
    with pytest.raises(SourceError, match="versions begin with"):
        earlier(tmp_path, REF, "sha256:")


def test_a_register_only_grows_and_only_when_there_is_news(write: Callable[..., Item], tmp_path: Path) -> None:
    first = write()
    note(tmp_path, [first], at=NOON, by="ana")
    before = register_path(tmp_path, REF).read_bytes()
    assert note(tmp_path, [first], at=NOON, by="ana") == []
    assert register_path(tmp_path, REF).read_bytes() == before

    assert note(tmp_path, [first], at=NOON, by="exam assemble", exam="final") == [REF]
    assert note(tmp_path, [first], at=NOON, by="exam assemble", exam="final") == []
    assert note(tmp_path, [first], at=NOON, by="exam assemble", exam="resit") == [REF]
    after = register_path(tmp_path, REF).read_bytes()
    assert after.startswith(before)
    entries = read_register(tmp_path, REF)
    assert [entry.exam for entry in entries] == ["", "final", "resit"]
    assert [bool(entry.text) for entry in entries] == [True, False, False]


def test_a_register_that_was_tampered_with_or_torn_is_no_register(write: Callable[..., Item], tmp_path: Path) -> None:
    item = write()
    note(tmp_path, [item], at=NOON, by="ana")
    path = register_path(tmp_path, REF)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"12.5", b"12.4"))
    with pytest.raises(
        SourceError, match=r"items/versions/basics/x.jsonl: line 1: the text is not that of the version"
    ):
        read_register(tmp_path, REF)
    path.write_bytes(whole + whole[:40])
    with pytest.raises(SourceError, match="line 2: this is no line of a register"):
        read_register(tmp_path, REF)
    (message,) = messages(item, tmp_path)
    assert "line 2" in message


def test_a_status_that_was_jumped_to_is_found(write: Callable[..., Item], tmp_path: Path) -> None:
    note(tmp_path, [write(status="draft")], at=NOON, by="ana")
    assert messages(write(status="review"), tmp_path) == []
    (message,) = messages(write(status="operational"), tmp_path)
    assert message == "status: after draft comes retired, review, and not operational"


# ---- the file


def test_a_review_is_a_line_more_and_nothing_else(write: Callable[..., Item], tmp_path: Path) -> None:
    item = write("enemies: []\n")
    before = path_of(tmp_path).read_text()
    review = Review(by='Ben "B" Öz', date=NOON.date(), version=item.version, note="units: mm # fine")
    add_review(path_of(tmp_path), tmp_path, review)
    second = Review(by="Chi", date=NOON.date(), version=item.version)
    after = add_review(path_of(tmp_path), tmp_path, second)

    assert after.reviewed_by == (review, second)
    assert read_item(path_of(tmp_path), tmp_path) == after
    lines = path_of(tmp_path).read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("reviewed_by:", "  - {by:"))]
    assert kept == before.splitlines()
    assert len(lines) == len(kept) + 3


def test_a_review_goes_below_the_others_wherever_they_stand(tmp_path: Path, write: Callable[..., Item]) -> None:
    version = write().version
    old = f'reviewed_by:\n  - by: Ben\n    date: 2026-08-01\n    version: "{version}"\n'
    write(old)
    item = add_review(path_of(tmp_path), tmp_path, Review(by="Chi", date=NOON.date(), version=version))
    assert [each.by for each in item.reviewed_by] == ["Ben", "Chi"]


def test_front_matter_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path, write: Callable[..., Item]) -> None:
    item = write(f'reviewed_by: [{{by: Ben, date: 2026-08-01, version: "sha256:{"0" * 64}"}}]\n')
    before = path_of(tmp_path).read_bytes()
    with pytest.raises(SourceError, match="cannot be changed safely"):
        add_review(path_of(tmp_path), tmp_path, Review(by="Chi", date=NOON.date(), version=item.version))
    assert path_of(tmp_path).read_bytes() == before


def test_a_status_is_written_in_its_place(tmp_path: Path, write: Callable[..., Item]) -> None:
    write()
    before = path_of(tmp_path).read_text()
    assert set_status(path_of(tmp_path), tmp_path, Status.RETIRED).status is Status.RETIRED
    assert path_of(tmp_path).read_text() == before.replace("status: operational", "status: retired")


# ---- sets


SETS = """schema = 1
[[sets]]
id = "gauge"
stimulus = "A gauge read 10.01 mm."
together = true
[[sets]]
id = "runs"
at_most = 1
"""


def test_a_stimulus_belongs_to_the_version(tmp_path: Path, write: Callable[..., Item]) -> None:
    plain = write("set: gauge\n")
    (tmp_path / "items" / "sets.toml").write_text(SETS)
    item = read_item(path_of(tmp_path), tmp_path)
    assert item.stimulus == "A gauge read 10.01 mm."
    assert plain.stimulus == ""
    assert item.version != plain.version
    bank = read_bank(tmp_path)
    assert bank.sets["gauge"].together
    (tmp_path / "items" / "sets.toml").write_text(SETS.replace("true", "false"))
    assert read_bank(tmp_path).version != bank.version, "forms depend on the rule"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("gauge", "guage"), r"items/basics/x.md: set: there is no set 'gauge' in items/sets.toml"),
        (("10.01", "{{ x }}"), r"a stimulus is the same for every variant"),
        (("runs", "gauge"), "two sets have this id"),
        (("at_most = 1", "at_most = 0"), "at_most is 1 or more"),
        (("together", "togther"), "there is no such key"),
    ],
)
def test_a_mistake_in_the_file_of_sets(
    tmp_path: Path, write: Callable[..., Item], change: tuple[str, str], said: str
) -> None:
    write("set: gauge\n")
    (tmp_path / "items" / "sets.toml").write_text(SETS.replace(*change))
    with pytest.raises(CoursewrightError, match=said):
        read_bank(tmp_path)


def test_a_set_of_one_is_a_warning(tmp_path: Path, write: Callable[..., Item]) -> None:
    one, other = write("set: gauge\n"), write("set: guage\n", name="y")
    assert [each.message for each in set_findings([one, other])] == [
        "set: no other item is in the set 'gauge'",
        "set: no other item is in the set 'guage'",
    ]
    assert list(set_findings([one, msgspec.structs.replace(other, set="gauge")])) == []


# ---- ratings


@pytest.mark.parametrize(
    ("written", "rounds"),
    [
        ("angoff: {ana: 0.65, ben: 0.5}\n", ({"ana": 0.65, "ben": 0.5},)),
        ("angoff:\n  - {ana: 0.6}\n  - {ana: 0.7, ben: 1}\n", ({"ana": 0.6}, {"ana": 0.7, "ben": 1.0})),
        ("", ()),
    ],
)
def test_ratings_are_rounds_of_judges(
    write: Callable[..., Item], written: str, rounds: tuple[dict[str, float], ...]
) -> None:
    assert write(written).angoff == rounds


@pytest.mark.parametrize("written", ["angoff: {ana: 65}\n", "angoff: {ana: high}\n", "angoff: 0.6\n"])
def test_a_rating_is_a_probability(write: Callable[..., Item], written: str) -> None:
    with pytest.raises(SourceError, match="angoff"):
        write(written)
