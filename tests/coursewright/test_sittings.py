"""``coursewright exam`` on the day: the window, who is where, more time, no-shows, the end, reviews and appeals."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import coursewright.commands.exam
import coursewright.commands.sittings
from coursewright.report.exam_files import sittings_url, write_form
from exam_bank.sittings.store import SittingStore
from tests.exam_bank.conftest import CODE, NUMERIC, SINGLE
from tests.exam_bank.sittings.conftest import form_of

pytestmark = pytest.mark.integration  # commands that write to the disk

COURSE = """schema = 1
id = "mpc"
title = "Process Control"
run = "2026T3"
time_zone = "America/New_York"
starts = 2026-09-14
ends = 2026-11-08
verification_deadline = 2026-10-12T23:59:00
pass_mark = 0.60

[[categories]]
id = "final"
title = "Final"
weight = 1.0

[[weeks]]
number = 1
title = "Final"
opens = 2026-11-06T09:00:00

[[weeks.assignments]]
id = "final"
kind = "exam"
title = "Final"
category = "final"
due = 2026-11-07T18:00:00
attempts = 2
blueprint = "exam/final.toml"
sittings = { wait_hours = 12, rejected_counts = false }
"""
BY = ("--by", "proctor-7")


@pytest.fixture
def clock(monkeypatch):
    """A clock of the tests' own: the exam opens, at nine in New York."""

    class Clock(datetime):
        at = datetime(2026, 11, 6, 14, 0, tzinfo=UTC)

        @classmethod
        def now(cls, _zone):
            return cls.at

    for module in (coursewright.commands.exam, coursewright.commands.sittings):
        monkeypatch.setattr(module, "datetime", Clock)
    monkeypatch.delenv("COURSEWRIGHT_SITTINGS", raising=False)
    return Clock


@pytest.fixture
def course(tmp_path, clock) -> Path:
    """Ada and Bea have a form of two sections of two hours, and Ada one for a second attempt."""
    root = tmp_path / "mpc"
    root.mkdir()
    (root / "course.toml").write_text(COURSE)
    for learner, number in (("ada", 1), ("ada", 2), ("bea", 1)):
        write_form(root, "final", form_of([NUMERIC, CODE], [SINGLE], learner=learner, attempt=number))
    return root


@pytest.fixture
def exam(course, run):
    """Runs ``coursewright exam WORD COURSE final …``."""

    def run_exam(word, *arguments, status=0):
        done = run("exam", word, course, "final", *arguments)
        assert done.status == status, done
        return done

    return run_exam


def answer(path: str, response: str) -> None:
    data = json.loads(Path(path).read_text())
    for cell in data["cells"]:
        if "item" in cell["metadata"].get("coursewright", {}):
            cell["metadata"]["coursewright"]["response"] = response
    Path(path).write_text(json.dumps(data))


def of(exam, learner="ada", number=1):
    rows = exam("status", "--json").json["attempts"]
    return next(row for row in rows if (row["learner"], row["attempt"]) == (learner, number))


def test_the_exam_is_open_from_its_release_to_its_due_time(exam, clock):
    clock.at -= timedelta(minutes=1)
    assert "the exam opens at 2026-11-06 14:00:00 UTC" in exam("open", "ada", *BY, status=1).err
    assert not Path("ada-final-s1.ipynb").exists()
    clock.at = datetime(2026, 11, 7, 23, 0, tzinfo=UTC)
    refused = exam("open", "bea", *BY, status=1)
    assert "no section could be opened after 2026-11-07 23:00:00 UTC; a later end can be granted" in refused.err


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2026-11-01T01:30:00", "2026-11-01 01:30 occurs twice in America/New_York, where the clocks go back then"),
        ("2027-03-14T02:30:00", "2027-03-14 02:30 does not occur in America/New_York"),
        ("2026-11-06T08:00:00", "final closes before it opens; mend `release` or `due`"),
    ],
)
def test_a_window_that_is_not_one_opens_nothing(exam, course, due, said):
    (course / "course.toml").write_text(COURSE.replace("2026-11-07T18:00:00", due))
    assert said in exam("open", "ada", *BY, status=1).err


def test_without_a_due_time_the_exam_closes_with_the_run(exam, course, clock):
    (course / "course.toml").write_text(COURSE.replace("due = 2026-11-07T18:00:00\n", ""))
    clock.at = datetime(2026, 11, 9, 4, 59, 58, tzinfo=UTC)  # a second before midnight in New York
    assert "ada-final-s1.ipynb holds the section s1." in exam("open", "ada", *BY).out
    clock.at += timedelta(seconds=2)
    assert "no section could be opened after 2026-11-09 04:59:59 UTC" in exam("open", "bea", *BY, status=1).err


def test_sections_are_opened_and_handed_in_one_by_one(exam, clock):
    exam("open", "ada", *BY)
    answer("ada-final-s1.ipynb", "12.5 mm")
    done = exam("submit", "ada", "ada-final-s1.ipynb")
    assert done.out.splitlines() == ["ada: open, 2 responses in time.", "The exam goes on: section s2 can be opened."]
    clock.at += timedelta(minutes=125)
    assert "second.ipynb holds the section s2." in exam("open", "ada", *BY, "--out", "second.ipynb").out
    answer("second.ipynb", "a")
    assert exam("submit", "ada", "second.ipynb").out == "ada: submitted, 3 responses in time.\n"


def test_an_exam_can_be_handed_in_with_a_section_left(exam):
    exam("open", "ada", *BY)
    assert exam("submit", "ada", "ada-final-s1.ipynb", "--end").out == "ada: submitted, 1 response in time.\n"


def test_time_that_was_authorised_is_not_changed_by_the_way(exam):
    exam("open", "ada", *BY, "--time", "1.5")
    refused = exam("open", "ada", *BY, "--section", "s2", "--time", "2", "--out", "x.ipynb", status=1)
    assert "it was authorised with 1.5 times the minutes, which stays" in refused.err
    exam("open", "ada", *BY, "--section", "s2", "--time", "1.50", "--out", "x.ipynb")


def test_everybody_is_on_the_list(exam, course, clock):
    exam("open", "ada", *BY)
    store = SittingStore(sittings_url(course), clock=lambda: clock.at)
    first = store.connect("mpc/final/ada/1")
    store.save("mpc/final/ada/1", first.token, 1, {"q01": "12.5"})
    store.connect("mpc/final/ada/1")
    store.close()
    clock.at += timedelta(minutes=30, milliseconds=1)
    listed = exam("status").out.splitlines()
    assert listed[1].split(None, 8)[:8] == ["ada", "1", "open", "s1", "1:29:59", "1", "0", "2"]
    assert "session 2 was opened while session 1 was there, heard 0 s before" in listed[1]
    assert listed[3].split() == ["bea", "1", "not", "begun", "0", "0", "0"]
    assert listed[-1] == "3 attempts at final."
    row = of(exam)
    assert (row["state"], row["remaining"], row["sitting"]) == ("open", 89 * 60 + 59, "mpc/final/ada/1")
    assert row["deadline"] == "2026-11-06T16:00:00Z"


def test_after_a_power_cut_the_learner_goes_on_with_what_was_saved(exam, course, clock):
    exam("open", "ada", *BY)
    store = SittingStore(sittings_url(course), clock=lambda: clock.at)
    token = store.connect("mpc/final/ada/1").token
    store.save("mpc/final/ada/1", token, 1, {"q01": "12.5", "q02": "def limits(x): ..."})
    store.close()
    clock.at += timedelta(minutes=10)
    done = exam("resume", "ada", "--out", "again.ipynb")
    assert done.out.splitlines() == [
        "again.ipynb holds the section s1 with 2 answers.",
        "It is open until 2026-11-06 11:00:00 EST.",
    ]
    text = Path("again.ipynb").read_text()
    assert '"response": "12.5"' in text
    assert "def limits(x): ..." in text
    granted = exam("extend", "ada", "--minutes", "10", *BY, "--reason", "power cut")
    assert granted.out == "ada: section s1 closes at 2026-11-06 11:10:00 EST.\n"
    assert of(exam)["granted"] == 10
    clock.at += timedelta(hours=3)
    assert "no section is open" in exam("resume", "ada", "--out", "late.ipynb", status=1).err


def test_a_learner_gets_a_later_end_before_beginning(exam, clock):
    extended = exam("extend", "ada", "--until", "2026-11-09T18:00", *BY, "--reason", "ill")
    assert extended.out == "ada: sections can be opened until 2026-11-09 18:00:00 EST.\n"
    clock.at = datetime(2026, 11, 9, 22, 0, tzinfo=UTC)
    exam("open", "ada", *BY)
    for wrong, said in (("soon", "'soon' is not a time"), ("2026-11-01T01:30", "occurs twice")):
        assert said in exam("extend", "bea", "--until", wrong, *BY, "--reason", "ill", status=1).err
    exam("extend", "bea", "--until", "2026-11-10T01:30-05:00", *BY, "--reason", "ill")
    for wrong in ((), ("--minutes", "5", "--until", "2026-11-09T18:00")):
        exam("extend", "bea", *wrong, *BY, "--reason", "ill", status=2)


def test_what_is_over_is_ended_for_everybody(exam, clock):
    exam("open", "ada", *BY)
    exam("extend", "bea", "--until", "2026-11-07T19:00", *BY, "--reason", "a later appointment")
    assert exam("close", *BY).out == "0 attempts timed out, 0 no-shows.\n"
    clock.at = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
    assert "2 attempts whose time is over: end them with exam close." in exam("status").out
    assert exam("close", *BY, "--json").json == {"timed_out": ["mpc/final/ada/1"], "no_show": ["mpc/final/bea/1"]}
    assert exam("close", *BY).out == "0 attempts timed out, 0 no-shows.\n"
    assert (of(exam)["state"], of(exam, "bea")["state"]) == ("timed_out", "no_show")


def test_a_no_show_is_recorded_when_the_exam_has_closed(exam, clock):
    assert "the learner may still come, until" in exam("no-show", "bea", *BY, status=1).err
    clock.at = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
    assert exam("no-show", "bea", *BY).out == "bea: no show.\n"


def test_attempts_are_limited_and_apart(exam, clock):
    assert "attempt 1 comes before it" in exam("open", "ada", *BY, "--attempt", "2", status=1).err
    exam("open", "ada", *BY)
    exam("submit", "ada", "ada-final-s1.ipynb", "--end")
    wait = exam("open", "ada", *BY, "--attempt", "2", "--out", "2.ipynb", status=1)
    assert "the exam opens at 2026-11-07 02:00:00 UTC" in wait.err
    clock.at += timedelta(hours=12)
    exam("open", "ada", *BY, "--attempt", "2", "--out", "2.ipynb")


# ---- reviews

HEADER = "key,sitting,decision,reviewer,decided_at,note,passed\n"


@pytest.fixture
def handed_in(exam):
    exam("open", "ada", *BY)
    exam("submit", "ada", "ada-final-s1.ipynb", "--end")


@pytest.mark.usefixtures("handed_in")
def test_a_file_of_reviews_is_taken_in_and_everything_else_is_told(exam):
    Path("reviews.csv").write_text(
        HEADER
        + "m1,mpc/final/ada/1,verified,proctor-9,2026-11-07T10:00:00Z,,yes\n"
        + "m2,mpc/final/bea/1,verified,proctor-9,2026-11-07T10:00:00Z,,yes\n"
        + "m3,mpc/midterm/bea/1,verified,proctor-9,2026-11-07T10:00:00Z,,yes\n"
        + "m4,mpc/final/bea/1,passed,proctor-9,2026-11-07T10:00:00Z,,yes\n"
        + "m1,mpc/final/ada/1,rejected,proctor-9,2026-11-07T11:00:00Z,seen,no\n"
    )
    lines = exam("review", "--from", "reviews.csv", status=1).out.splitlines()
    assert lines[0].startswith("reviews.csv: line 5, column decision: 'passed' is no decision")
    assert lines[1] == "reviews.csv: not read: passed."
    assert "line 3: mpc/final/bea/1: waiting: there is no attempt" in "\n".join(lines)
    assert "line 4: mpc/midterm/bea/1 is no attempt at mpc/final; it was left." in "\n".join(lines)
    assert "line 6: mpc/final/ada/1: refused: the message 'm1' came before" in "\n".join(lines)
    assert lines[-1] == "Reviews: 1 taken in, 1 waiting, 1 refused, 1 of other exams, 1 that cannot be read."
    assert of(exam)["state"] == "verified"
    assert "The review m2 of mpc/final/bea/1 came too early and waits" in exam("status").out


@pytest.mark.usefixtures("handed_in")
def test_a_file_that_comes_again_does_nothing(exam):
    Path("reviews.csv").write_text(HEADER + "m1,mpc/final/ada/1,verified,p,2026-11-07T10:00:00Z,,\n")
    exam("review", "--from", "reviews.csv")
    assert exam("review", "--from", "reviews.csv").out.splitlines()[-1] == "Reviews: 0 taken in, 1 known before."


def test_what_came_too_early_is_tried_again(exam):
    Path("reviews.csv").write_text(HEADER + "m1,mpc/final/ada/1,verified,p,2026-11-07T10:00:00Z,,\n")
    exam("review", "--from", "reviews.csv", status=1)
    assert "waiting: there is no attempt" in exam("review", "--waiting", status=1).out
    exam("open", "ada", *BY)
    exam("submit", "ada", "ada-final-s1.ipynb", "--end")
    assert exam("review", "--waiting").out == "Reviews: 1 taken in.\n"
    assert of(exam)["state"] == "verified"


@pytest.mark.usefixtures("handed_in")
def test_an_appeal_goes_to_somebody_else(exam):
    exam("review", "ada", "rejected", *BY, "--key", "1", "--note", "Notes on the desk.")
    appealed = exam("appeal", "ada", "--by", "registrar", "--reason", "They were approved.")
    assert appealed.out == "ada: second review.\n"
    assert "somebody else's" in exam("review", "ada", "verified", *BY, "--key", "2", status=1).err
    assert exam("review", "ada", "verified", "--by", "proctor-9", "--key", "2").out == "ada: verified.\n"


@pytest.mark.parametrize(
    "arguments", [(), ("ada",), ("ada", "verified"), ("ada", "verified", "--by", "p"), ("ada", "--from", "x.csv")]
)
def test_a_review_is_typed_whole_or_read_from_a_file(exam, arguments):
    refused = exam("review", *arguments, status=2)
    assert (refused.out, "--from" in refused.err) == ("", True)


def test_an_exam_that_is_none_is_told(course, run):
    for word, more in (("status", ()), ("close", BY)):
        refused = run("exam", word, course, "midterm", *more)
        assert (refused.status, "there is no exam 'midterm'" in refused.err) == (1, True)


def test_the_sittings_can_be_in_another_database(exam, course, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSEWRIGHT_SITTINGS", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    exam("open", "ada", *BY)
    assert (tmp_path / "elsewhere.db").is_file()
    assert not (course / "sittings" / "sittings.db").exists()
    assert of(exam)["state"] == "open"
    assert len(exam("grade", "--json").json["attempts"]) == 1
