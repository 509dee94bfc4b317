"""Reviews of a proctor, whichever way they come: twice, late, overtaken, contradicting, unknown; and in CSV files."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from authoring.errors import CoursewrightError
from exam_bank.sittings.events import Decision, Event, SittingError
from exam_bank.sittings.grade import grade_sitting
from exam_bank.sittings.proctor import Became, ProctorReviews, ReviewMessage, retry, take_in, take_one, waiting
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.review_csv import MAX_BYTES, parse_reviews, read_reviews
from exam_bank.sittings.store import SittingStore
from exam_bank.sittings.webhook import Delivery
from tests.exam_bank.conftest import SINGLE
from tests.exam_bank.sittings.conftest import FORM, START, Clock, form_of, opened

pytestmark = pytest.mark.integration  # it takes long

SITTING = "mpc/final-exam/ada/1"
TEN = datetime(2026, 11, 8, 10, tzinfo=UTC)


def message(decision: Decision = Decision.VERIFIED, *, hour: int = 0, **more: Any) -> ReviewMessage:
    found: dict[str, Any] = {"key": "m1", "sitting": SITTING, "by": "proctor-9", "note": "seen", **more}
    return ReviewMessage(decision=decision, said_at=TEN + timedelta(hours=hour), **found)


@pytest.fixture
def handed_in(store: SittingStore) -> str:
    name = opened(store)
    store.submit(name)
    return name


def test_the_same_message_twice_does_nothing(store: SittingStore, handed_in: str) -> None:
    assert take_one(store, "csv", message()).became is Became.TAKEN
    events = store.events(handed_in)
    assert take_one(store, "csv", message()).became is Became.KNOWN
    assert store.events(handed_in) == events


@pytest.mark.parametrize(
    "other", [{"decision": Decision.REJECTED}, {"by": "proctor-8"}, {"sitting": "mpc/final-exam/bea/1"}, {"hour": 1}]
)
def test_one_key_does_not_have_two_meanings(store: SittingStore, handed_in: str, other: dict[str, Any]) -> None:
    bea = opened(store, form_of([SINGLE], learner="bea"))
    store.submit(bea)
    take_one(store, "csv", message())
    taken = take_one(store, "csv", message(**other))
    assert (taken.became, "came before and said something else" in taken.why) == (Became.REFUSED, True)
    assert take_one(store, "csv", message(**other)).became is Became.REFUSED
    assert take_one(store, "csv", message()).became is Became.KNOWN
    assert store.sitting(handed_in).state is SittingState.VERIFIED
    assert store.sitting(bea).state is SittingState.SUBMITTED


def test_an_older_message_after_a_newer_one_is_refused(store: SittingStore, handed_in: str) -> None:
    """The first reviewer's "verified" is delivered only after the second look was asked for."""
    take_one(store, "webhook", message(Decision.SECOND_REVIEW, hour=2, key="newer", by="p"))
    taken = take_one(store, "webhook", message(Decision.VERIFIED, hour=1, key="older", by="q"))
    assert (taken.became, "is not newer than the last one" in taken.why) == (Became.REFUSED, True)
    assert store.sitting(handed_in).state is SittingState.SECOND_REVIEW
    assert take_one(store, "webhook", message(hour=3, key="last", by="q")).became is Became.TAKEN


def test_what_comes_too_early_waits_and_is_not_dropped(store: SittingStore) -> None:
    first = take_one(store, "csv", message())
    assert (first.became, first.why) == (Became.WAITING, f"there is no attempt '{SITTING}'")
    name = opened(store)
    assert take_one(store, "csv", message()).why == "the attempt is open"
    assert [each.key for _, each in waiting(store)] == ["m1"]
    assert [each.became for each in retry(store)] == [Became.WAITING]
    store.submit(name)
    assert [each.became for each in retry(store)] == [Became.TAKEN]
    assert waiting(store) == ()
    assert store.sitting(name).state is SittingState.VERIFIED


def test_what_waited_is_tried_in_the_order_in_which_it_was_decided(store: SittingStore) -> None:
    take_one(store, "csv", message(hour=2, key="b", by="q"))
    take_one(store, "csv", message(Decision.SECOND_REVIEW, hour=1, key="a", by="p"))
    store.submit(opened(store))
    assert [each.became for each in retry(store)] == [Became.TAKEN, Became.TAKEN]


def test_a_review_is_dated_by_the_server(store: SittingStore, clock: Clock, handed_in: str) -> None:
    clock.forward(days=3)
    take_one(store, "csv", message(hour=-24 * 900))
    result = grade_sitting(store.sitting(handed_in), FORM).result
    assert (result.submitted_at, result.reviewed_at) == (START, START + timedelta(days=3))


def test_a_second_review_is_somebody_elses(store: SittingStore, handed_in: str) -> None:
    store.review(handed_in, Decision.SECOND_REVIEW, by="Proctor 9", key="1")
    with pytest.raises(SittingError, match="has decided on it before; a second review is somebody else's"):
        store.review(handed_in, Decision.VERIFIED, by=" proctor  9 ", key="2")
    assert store.review(handed_in, Decision.VERIFIED, by="proctor-8", key="2").state is SittingState.VERIFIED


def test_nobody_is_rejected_without_a_reason(store: SittingStore, handed_in: str) -> None:
    with pytest.raises(SittingError, match="not rejected without a reason"):
        store.review(handed_in, Decision.REJECTED, by="p", key="1", note="  ")
    assert store.sitting(handed_in).state is SittingState.SUBMITTED  # nothing was begun, either


@pytest.mark.parametrize("decision", [Decision.VERIFIED, Decision.REJECTED])
def test_an_appeal_is_decided_once_by_somebody_else(store: SittingStore, handed_in: str, decision: Decision) -> None:
    store.review(handed_in, decision, by="p", key="1", note="seen")
    appealed = store.appeal(handed_in, by="registrar", reason="The notes were approved.")
    assert (appealed.state, appealed.reviewed_at) == (SittingState.SECOND_REVIEW, None)
    with pytest.raises(SittingError, match="somebody else's"):
        store.review(handed_in, Decision.VERIFIED, by="P", key="2")
    store.review(handed_in, Decision.VERIFIED, by="q", key="3")
    with pytest.raises(SittingError, match="what follows is an amendment of the ledger"):
        store.appeal(handed_in, by="registrar", reason="Again.")


def test_both_adapters_are_the_one_interface(store: SittingStore, handed_in: str) -> None:
    file: ProctorReviews = parse_reviews(HEADER + row("m1"), file="x.csv")
    hook: ProctorReviews = Delivery(message(key="m2", hour=1))
    assert [each.became for each in (*take_in(store, file), *take_in(store, hook))] == [Became.TAKEN, Became.REFUSED]


def test_an_adapter_that_dies_and_starts_again_ends_the_same(store: SittingStore) -> None:
    names = [opened(store, form_of([SINGLE], learner=each)) for each in ("ada", "bea", "cy")]
    for name in names:
        store.submit(name)
    found = [message(key=f"m{number}", sitting=name) for number, name in enumerate(names)]

    @dataclass(frozen=True)
    class Dying:
        after: int
        source: str = "csv"

        def __iter__(self) -> Any:
            yield from found[: self.after]
            if self.after < len(found):
                raise OSError("the line was cut")

    for after in (1, 2):
        with pytest.raises(OSError, match="cut"):
            take_in(store, Dying(after))
    assert [each.became for each in take_in(store, Dying(3))] == [Became.KNOWN, Became.KNOWN, Became.TAKEN]
    reviews: list[Event] = [event for name in names for event in store.events(name) if hasattr(event, "decision")]
    assert len(reviews) == 3


# ---- CSV

HEADER = "key,sitting,decision,reviewer,decided_at,note\n"


def row(key: str = "m1", **changes: str) -> str:
    values = {
        "sitting": SITTING,
        "decision": "verified",
        "reviewer": "proctor-9",
        "decided_at": "2026-11-08T10:00:00Z",
        "note": "",
    } | changes
    return ",".join([key, *values.values()]) + "\n"


def test_an_import_takes_neither_passed_nor_the_exams_date_from_the_file(
    store: SittingStore, clock: Clock, handed_in: str
) -> None:
    """An exam import once took "passed" from the file, and today as the exam's date."""
    header = HEADER.strip() + ",passed,score,exam_date\n"
    file = parse_reviews(header + row().strip() + ",yes,100,2020-01-01\n", file="x.csv")
    assert file.ignored == ("passed", "score", "exam_date")
    clock.forward(days=2)
    take_in(store, file)
    result = grade_sitting(store.sitting(handed_in), FORM).result
    assert (result.state, result.score) == (SittingState.VERIFIED, 0)  # nothing was answered
    assert (result.opened_at, result.submitted_at, result.reviewed_at) == (START, START, START + timedelta(days=2))


@pytest.mark.parametrize("word", ["passed", "PASS", "true", "1", "failed"])
def test_passed_is_no_decision_of_a_proctor(word: str) -> None:
    (problem,) = parse_reviews(HEADER + row(decision=word), file="x.csv").problems
    assert "whether it is passed follows from the score" in str(problem)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decision": ""}, "column decision: expected verified, rejected, second-review, got ''"),
        ({"sitting": "mpc/final-exam/ada"}, "column sitting: expected an attempt such as mpc/final-exam/ada/1"),
        ({"sitting": "mpc/final-exam/ada/0"}, "column sitting: expected an attempt"),
        ({"reviewer": ""}, "column reviewer: expected who decided, got nothing"),
        ({"decided_at": "2026-11-08T10:00:00"}, "column decided_at: expected a time with its offset"),
        ({"decided_at": "11/8/2026"}, "column decided_at: expected a time with its offset"),
        ({"key": ""}, "column key: expected the proctor's own number"),
        ({"note": "x" * 4_001}, "column note: it has 4001 characters"),
        ({"note": "a\x1b[2Jb"}, "column note: it holds a character that cannot be printed"),
        ({"note": "=HYPERLINK(1)"}, "column note: a spreadsheet would run '=HYPERLINK(1)'"),
        ({"note": " @SUM(A1)"}, "column note: a spreadsheet would run '@SUM(A1)'"),
        ({"reviewer": "+1"}, "column reviewer: a spreadsheet would run '+1'"),
        ({"key": "-1"}, "column key: a spreadsheet would run '-1'"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_the_others_are_read(changes: dict[str, str], said: str) -> None:
    bad = row(**{"key": "m2", **changes})
    text = HEADER + row("m1", note='"over\ntwo lines"') + bad + "\n" + row("m3")
    found = parse_reviews(text, file="reviews.csv")
    assert [each.key for each in found.messages.values()] == ["m1", "m3"]
    assert list(found.messages) == [2, 6]
    (problem,) = found.problems
    assert str(problem).startswith("reviews.csv: line 4")
    assert said in str(problem)


def test_a_row_with_too_many_values_is_told() -> None:
    (problem,) = parse_reviews(HEADER + row().strip() + ",more\n", file="x.csv").problems
    assert str(problem) == "x.csv: line 2: expected 6 values, got 7."


def test_an_export_that_begins_with_the_newest_is_taken_in_in_order(store: SittingStore, handed_in: str) -> None:
    newest = row("b", reviewer="q", decided_at="2026-11-08T12:00:00+01:00")
    oldest = row("a", reviewer="p", decision="second-review", decided_at="2026-11-08T10:59:00Z")
    taken = take_in(store, parse_reviews(HEADER + newest + oldest, file="x.csv"))
    assert [(each.message.key, each.became) for each in taken] == [("a", Became.TAKEN), ("b", Became.TAKEN)]
    assert store.sitting(handed_in).state is SittingState.VERIFIED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the column 'key' is missing"),
        ("key,sitting\n", "the column 'decision' is missing"),
        ("key," + HEADER, "column key: the column is there twice"),
        (HEADER + '"open', "this is not CSV"),
    ],
)
def test_a_file_that_cannot_be_read_takes_nothing_in(text: str, said: str) -> None:
    with pytest.raises(CoursewrightError, match=said):
        parse_reviews(text, file="x.csv")


def test_a_file_of_another_encoding_or_without_end_is_told(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(HEADER.encode() + row(note="café").encode("latin-1"))
    with pytest.raises(CoursewrightError, match="is not UTF-8"):
        read_reviews(tmp_path / "latin.csv")
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(CoursewrightError, match="larger than 16 MiB"):
        read_reviews(tmp_path / "large.csv")
    with pytest.raises(CoursewrightError, match="cannot be read"):
        read_reviews(tmp_path / "none.csv")
