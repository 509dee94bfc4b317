"""``coursewright exam``, ``publish`` and ``ledger append``: the sample course, from the forms to the ledger."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

import coursewright.commands.exam
import coursewright.commands.ledger
from autograder.files import write_record
from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Isolation, Outcome
from autograder.submission import read_submission

pytestmark = pytest.mark.integration

SAMPLE = Path(__file__).parents[2] / "courses" / "mpc"
ENROLMENTS = """learner,track,verified_at,verification,email,refunded_at
ada,verified,2026-09-20T12:00:00Z,idv:1,,
ben,audit,,,,
"""


@pytest.fixture
def clock(monkeypatch):
    """A clock of the tests' own, in the minute in which the exam begins."""

    class Clock(datetime):
        at = datetime(2026, 11, 6, 14, 0, tzinfo=UTC)

        @classmethod
        def now(cls, _zone):
            return cls.at

    for module in (coursewright.commands.exam, coursewright.commands.ledger):
        monkeypatch.setattr(module, "datetime", Clock)
    return Clock


@pytest.fixture
def course(tmp_path, clock) -> Path:
    root = tmp_path / "mpc"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (root / "enrolments.csv").write_text(ENROLMENTS)
    return root


@pytest.fixture
def opened(course, run) -> Path:
    """Ada's notebook; her section is open until 16:00 UTC."""
    assert run("exam", "assemble", course, "final-exam").status == 0
    done = run("exam", "open", course, "final-exam", "ada", "--by", "proctor-7")
    assert done.status == 0
    assert "open until 2026-11-06 11:00:00 EST" in done.out
    return Path("ada-final-exam.ipynb")


def answer(notebook: Path, response: str) -> None:
    """Write the same answer to every question."""
    data = json.loads(notebook.read_text())
    for cell in data["cells"]:
        if "item" in cell["metadata"].get("coursewright", {}):
            cell["metadata"]["coursewright"]["response"] = response
    notebook.write_text(json.dumps(data))


def attempt(run, course):
    (found,) = run("exam", "grade", course, "final-exam", "--json").json["attempts"]
    return found


def test_forms_are_for_verified_learners_and_are_assembled_once(course, run):
    first = run("exam", "assemble", course, "final-exam", "--json")
    assert first.json == {"assembled": ["ada"], "kept": []}
    form = next((course / "forms").rglob("*.json"))
    before = form.read_bytes()
    assert run("exam", "assemble", course, "final-exam", "--json").json == {"assembled": [], "kept": ["ada"]}
    assert form.read_bytes() == before
    refused = run("exam", "assemble", course, "final-exam", "--learner", "ben")
    assert (refused.status, "ben may not sit" in refused.err) == (1, True)
    assert Path("registry/exam.seed").stat().st_mode & 0o077 == 0


def test_the_learners_notebook_holds_no_key(opened):
    text = opened.read_text()
    assert '"key"' not in text
    assert '"solution"' not in text
    assert '"ref"' not in text


def test_an_exam_goes_from_its_opening_to_a_verified_score(course, opened, run):
    answer(opened, "an answer in words")
    assert run("exam", "submit", course, "final-exam", "ada", opened).out.startswith("ada: submitted, 7 responses")
    assert attempt(run, course)["result"]["score"] is None
    waiting = [each["question"] for each in attempt(run, course)["questions"] if each["points"] is None]
    for question in waiting:
        assert run("exam", "mark", course, "final-exam", "ada", question, "1.5", "--by", "ta-1").status == 0
    assert float(attempt(run, course)["result"]["score"]) == 1.5 * len(waiting)
    reviewed = ("exam", "review", course, "final-exam", "ada", "verified", "--by", "proctor-9", "--key", "m-1")
    assert run(*reviewed).out == "ada: verified.\n"
    assert run(*reviewed).out == "ada: verified.\n"
    assert attempt(run, course)["result"]["state"] == "verified"
    assert run("exam", "analyse", course, "final-exam", "--json").json["n"] == 1


def test_what_arrives_after_the_deadline_does_not_count(course, opened, run, clock):
    answer(opened, "an answer in words")
    clock.at = datetime(2026, 11, 6, 16, 0, 1, tzinfo=UTC)
    done = run("exam", "submit", course, "final-exam", "ada", opened)
    assert done.out.splitlines() == [
        "ada: timed out, 0 responses in time.",
        "7 responses came too late and will not count.",
    ]
    assert attempt(run, course)["result"]["score"] == "0"


def test_time_that_was_granted_lengthens_the_section(course, run):
    run("exam", "assemble", course, "final-exam")
    done = run("exam", "open", course, "final-exam", "ada", "--by", "proctor-7", "--time", "1.5")
    assert "open until 2026-11-06 12:00:00 EST" in done.out


def test_a_section_does_not_begin_if_its_notebook_cannot_be_written(course, run):
    run("exam", "assemble", course, "final-exam")
    Path("ada-final-exam.ipynb").write_text("my work")
    refused = run("exam", "open", course, "final-exam", "ada", "--by", "proctor-7")
    assert (refused.status, "there is a file already" in refused.err) == (1, True)
    assert attempt(run, course)["result"]["opened_at"] is None
    assert Path("ada-final-exam.ipynb").read_text() == "my work"


def test_who_has_no_form_cannot_begin(course, run):
    refused = run("exam", "open", course, "final-exam", "ada", "--by", "proctor-7")
    assert (refused.status, "run exam assemble first" in refused.err) == (1, True)


# The ledger takes what the run came to


def hand_in(course: Path, assignment: str, text: str) -> str:
    folder = course / "submitted" / "ada" / assignment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "problem-set.ipynb").write_text(text)
    return read_submission(folder, "ada").hash


def full_marks(course: Path, assignment: str, points: float, attempt: str) -> None:
    cell = CellGrade(
        notebook="problem-set",
        grade_id="t",
        kind=CellKind.TEST,
        isolation=Isolation.SHARED,
        outcome=CellOutcome.PASSED,
        score=points,
        max_score=points,
    )
    record = GradeRecord(
        course="mpc",
        assignment=assignment,
        learner="ada",
        attempt=attempt,
        source="sha256:1",
        environment="sha256:2",
        grader="coursewright 0.1.0",
        outcome=Outcome.GRADED,
        score=points,
        max_score=points,
        cells=(cell,),
    )
    write_record(course, record)


def test_grades_are_not_final_while_work_may_still_come(course, run):
    run("ledger", "init", "--issuer", "Example University")
    refused = run("ledger", "append", course)
    assert (refused.status, "final-exam is open until 2026-11-08 23:59 EST" in refused.err) == (1, True)


def test_what_was_handed_in_and_is_not_graded_is_not_taken_for_missing(course, run, clock):
    clock.at = datetime(2026, 11, 10, tzinfo=UTC)
    run("ledger", "init", "--issuer", "Example University")
    old = hand_in(course, "week01-problem-set", "first")
    full_marks(course, "week01-problem-set", 18, old)
    assert run("ledger", "append", course, "--json").json["without"].keys() == {"ben"}
    hand_in(course, "week01-problem-set", "second")
    without = run("ledger", "append", course, "--json").json["without"]
    assert without["ada"] == "week01-problem-set was handed in and is not graded yet"


def test_an_arrangement_keeps_a_grade_open_or_an_assignment_out_of_it(course, run, clock):
    clock.at = datetime(2026, 11, 10, tzinfo=UTC)
    run("ledger", "init", "--issuer", "Example University")
    header = "learner,assignment,until,extra_hours,late_policy,excused,reason"
    (course / "arrangements.csv").write_text(f"{header}\nada,week01-problem-set,2026-11-11T12:00,,,,ill\n")
    without = run("ledger", "append", course, "--json").json["without"]
    assert without["ada"] == "week01-problem-set is open until 2026-11-11 12:00 EST for this learner"
    (course / "arrangements.csv").write_text(f"{header}\nada,week01-problem-set,,,,yes,ill\n")
    assert run("ledger", "append", course, "--json").json["without"].keys() == {"ben"}


def test_a_run_in_the_ledger_frozen_and_amended(course, run, clock):
    clock.at = datetime(2026, 11, 10, tzinfo=UTC)
    run("ledger", "init", "--issuer", "Example University")
    done = run("ledger", "append", course)
    assert "ben on the audit track" in " ".join(done.out.split())
    assert done.out.endswith("1 verified grade in the ledger, 1 learner without.\n")
    run("ledger", "freeze", course, "--actor", "registrar")
    full_marks(course, "week01-problem-set", 18, hand_in(course, "week01-problem-set", "first"))
    assert "is frozen" in run("ledger", "append", course).err
    amended = ("ledger", "amend", course, "ada", "--actor", "registrar", "--reason", "appeal upheld")
    assert run(*amended).out.startswith("Proposed by entry 2; nothing is changed before")
    assert run("ledger", "approve", "2", "--actor", "registrar").status == 1
    assert run("ledger", "approve", "2", "--actor", "dean").status == 0
    assert "the amendment changes nothing" in run(*amended).err
    assert run(*amended, "--withdraw").out.startswith("Proposed by entry 4; ")
    assert run("ledger", "approve", "4", "--actor", "dean").status == 0
    assert run("ledger", "verify").status == 0


# Publishing, and looking at an item


def test_what_is_due_goes_out_and_no_more(course, run):
    run("build", course)
    early = run("publish", course, "--at", "2026-09-14T11:59", "--to", "out")
    assert (early.status, Path("out").exists()) == (0, False)
    done = run("publish", course, "--at", "2026-09-14T12:00", "--to", "out")
    assert [line.split() for line in done.out.splitlines()[1:-1]] == [
        ["week01-lesson", "new"],
        ["week01-practice", "new"],
        ["week01-problem-set", "new"],
    ]
    assert done.out.endswith("In out is what is due by 2026-09-14 12:00 EDT.\n")
    assert "unchanged" in run("publish", course, "--at", "2026-09-14T16:00Z", "--to", "out").out
    assert "is not a time" in run("publish", course, "--at", "soon").err


def test_an_item_is_shown_on_a_page(course, run):
    done = run("items", "preview", course, "control-charts/cc-arl")
    assert done.out == "control-charts-cc-arl.html\n"
    assert "<!doctype html>" in Path("control-charts-cc-arl.html").read_text()
    assert "there is no such item" in run("items", "preview", course, "control-charts/none").err


def test_whoever_marks_sees_the_answers_with_rubric_and_keywords(course, opened, run):
    answer(opened, "The gauge error and the limits.")
    run("exam", "submit", course, "final-exam", "ada", opened)
    waiting = run("exam", "answers", course, "final-exam", "--json").json["waiting"]
    short = [each for each in waiting if each["rubric"]]
    assert waiting
    for each in short:
        assert each["answer"] == "The gauge error and the limits."
        found = {keyword for keyword, places in each["keywords"] if places}
        assert found == {"gauge error", "limits"}
    shown = run("exam", "answers", course, "final-exam").out
    assert f"{len(waiting)} answer" in shown
    assert ("The [gauge error] and the [limits]." in shown) is bool(short)


def test_the_versions_that_forms_ask_are_noted_before_anybody_sees_them(course, opened, run):
    from exam_bank.forms.form import from_json
    from exam_bank.register import earlier, read_register

    form = from_json((course / "forms" / "final-exam" / "ada" / "1.json").read_bytes())
    for question in form.questions:
        noted = read_register(course, question.variant.ref)
        assert [(each.version, each.exam) for each in noted] == [(question.variant.version, "final-exam")]
    ref, version = form.questions[0].variant.ref, form.questions[0].variant.version
    path = course / "items" / f"{ref}.md"
    before = path.read_text()
    path.write_text(before.replace("## Solution\n", "## Solution\n\nAnother sentence.", 1))
    text, item = earlier(course, ref, version)
    assert (text, item.version) == (before, version)


def test_no_form_is_made_while_an_item_lacks_its_review(course, run):
    path = course / "items" / "control-charts" / "limits-for-a-new-size.md"
    path.write_text(path.read_text().replace("## Solution\n", "## Solution\n\nAnother sentence.", 1))
    refused = run("exam", "assemble", course, "final-exam")
    assert refused.status == 1
    assert "items/control-charts/limits-for-a-new-size.md: version sha256:" in refused.err
    assert not (course / "forms").exists()
