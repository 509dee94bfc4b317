import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from authoring.course import AssignmentKind
from release.publication import MANIFEST, PublicationError, due, problems, publish
from release.publication_check import problems_in, secrets_of
from tests.release.conftest import assignment, make_course

FIRST = datetime(2026, 3, 2, 14, tzinfo=UTC)  # 9:00 in New York, when week 1 opens
SECOND = datetime(2026, 3, 9, 13, tzinfo=UTC)  # 9:00 again, but summer time has begun

SOLUTION = "spread = float(numpy.ptp(readings))"
SOURCE = f"""def spread_of(readings):
    ### BEGIN SOLUTION
    {SOLUTION}
    return spread / d2[len(readings)]
    ### END SOLUTION"""
STUDENT = """def spread_of(readings):
    # YOUR CODE HERE
    raise NotImplementedError()"""


def notebook(*cells) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)})


def cell(source: str, **more):
    return {"cell_type": "code", "id": "c1", "metadata": {}, "outputs": [], "execution_count": None} | {
        "source": source.splitlines(keepends=True),
        **more,
    }


@pytest.fixture
def root(tmp_path) -> Path:
    """A course folder with sources and built student versions, the exam's included."""
    root = tmp_path / "mpc"
    for name in ("week01-lesson", "week01-problem-set", "week02-problem-set", "final-exam"):
        for step, text in (("source", SOURCE), ("release", STUDENT)):
            (root / step / name).mkdir(parents=True)
            (root / step / name / "work.ipynb").write_text(notebook(cell(text)))
        (root / "release" / name / "data.csv").write_text("reading\n1.5\n")
    return root


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "public"


def put(root: Path, name: str, text: str, assignment: str = "week01-lesson") -> None:
    path = root / "release" / assignment / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def files(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


# What goes out


def test_what_is_due_in_the_courses_time_zone_goes_out_and_no_more(root, out, course):
    made = publish(root, course, at=FIRST, destination=out)
    assert made.new == ("week01-lesson", "week01-problem-set")
    assert sorted(path.name for path in out.iterdir()) == [MANIFEST, "week01-lesson", "week01-problem-set"]
    assert problems(out, course, at=FIRST) == ()


@pytest.mark.parametrize(("opens", "before"), [(FIRST, 0), (SECOND, 2)])
def test_one_second_before_a_week_opens_it_is_not_due(course, opens, before):
    assert len(due(course, opens - timedelta(seconds=1))) == before
    assert len(due(course, opens)) > before


def test_a_time_without_an_offset_is_refused(root, out, course):
    with pytest.raises(PublicationError, match="no offset"):
        publish(root, course, at=FIRST.replace(tzinfo=None), destination=out)


def test_exams_are_never_published_this_way(root, out, course):
    publish(root, course, at=datetime(2030, 1, 1, tzinfo=UTC), destination=out)
    assert not (out / "final-exam").exists()
    assert all(each.kind is not AssignmentKind.EXAM for each in due(course, datetime(2030, 1, 1, tzinfo=UTC)))


def test_the_manifest_names_every_file_with_its_hash(root, out, course):
    publish(root, course, at=FIRST, destination=out)
    manifest = json.loads((out / MANIFEST).read_text())
    (version,) = manifest["assignments"]["week01-lesson"]["versions"]
    assert set(version["files"]) == {"work.ipynb", "data.csv"}
    digest = hashlib.sha256((out / "week01-lesson" / "data.csv").read_bytes()).hexdigest()
    assert version["files"]["data.csv"] == f"sha256:{digest}"
    assert (version["number"], version["at"]) == (1, "2026-03-02T14:00:00Z")


def test_publishing_again_changes_nothing(root, out, course):
    publish(root, course, at=FIRST, destination=out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    again = publish(root, course, at=FIRST + timedelta(hours=5), destination=out)
    assert (again.new, again.corrected, again.unchanged) == ((), (), ("week01-lesson", "week01-problem-set"))
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_a_correction_is_a_new_version_with_a_note(root, out, course):
    publish(root, course, at=FIRST, destination=out)
    before = files(out)
    put(root, "data.csv", "reading\n1.6\n")
    with pytest.raises(PublicationError, match="week01-lesson: it was changed since it went out: say why with a note"):
        publish(root, course, at=SECOND, destination=out)
    assert files(out) == before
    made = publish(root, course, at=SECOND, destination=out, note="a reading was wrong")
    assert (made.new, made.corrected) == (("week02-problem-set",), ("week01-lesson",))
    versions = made.manifest.assignments["week01-lesson"].versions
    assert [(version.number, version.note) for version in versions] == [(1, ""), (2, "a reading was wrong")]
    assert (out / "week01-lesson" / "data.csv").read_text() == "reading\n1.6\n"
    assert problems(out, course, at=SECOND) == ()


def test_a_missing_student_version_stops_everything(root, out, course):
    (root / "release" / "week01-problem-set").rename(root / "elsewhere")
    with pytest.raises(PublicationError, match=r"week01-problem-set is missing: run coursewright build"):
        publish(root, course, at=FIRST, destination=out)
    assert files(out) == {}


def test_the_folder_of_another_run_is_left_alone(root, out, course):
    publish(root, course, at=FIRST, destination=out)
    with pytest.raises(PublicationError, match=r"the folder holds mpc \(2026-spring\)"):
        publish(root, make_course(run="2026-autumn"), at=FIRST, destination=out)
    (out / MANIFEST).write_text("{}")
    with pytest.raises(PublicationError, match="not a manifest"):
        publish(root, course, at=FIRST, destination=out)


def test_what_a_killed_publication_left_behind_is_not_in_the_way(root, out, course):
    half = out.with_name(".public.new")
    half.mkdir()
    (half / "half").write_text("x")
    publish(root, course, at=FIRST, destination=out)
    assert problems(out, course, at=FIRST) == ()


# What must never go out


LEAKS = {
    "a solution": (
        "work.ipynb",
        notebook(cell(SOURCE.replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", ""))),
    ),
    "a marker": ("work.ipynb", notebook(cell("### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS"))),
    "a marker in another file": ("notes.txt", "### BEGIN SOLUTION"),
    "a solution in another file": ("helper.py", f"    {SOLUTION}\n    return spread / d2[len(readings)]\n"),
    "a solution in metadata": (
        "work.ipynb",
        notebook(cell("pass", metadata={"old": [f"{SOLUTION}\n", "return spread / d2[len(readings)]\n"]})),
    ),
    "an output": ("work.ipynb", notebook(cell("1", outputs=[{"output_type": "stream", "text": "1"}]))),
    "a run": ("work.ipynb", notebook(cell("1", execution_count=3))),
    "an item's key": (
        "work.ipynb",
        notebook(cell("Q", metadata={"coursewright": {"item": {"role": "graded", "key": "b"}}})),
    ),
    "an exam item": ("work.ipynb", notebook(cell("Q", metadata={"coursewright": {"item": {"role": "exam"}}}))),
    "no notebook": ("work.ipynb", "{"),
    "a gradebook": ("gradebook.db", ""),
    "a private key": ("issuer.pem", ""),
    "a hidden file": (".ipynb_checkpoints/work-checkpoint.ipynb", notebook()),
}


@pytest.mark.parametrize("name", LEAKS)
def test_nothing_is_published_that_holds(root, out, course, name):
    put(root, *LEAKS[name])
    with pytest.raises(PublicationError, match="learners must not get this") as caught:
        publish(root, course, at=FIRST, destination=out)
    assert str(caught.value).startswith("week01-lesson/")
    assert "\n" not in str(caught.value)
    assert files(out) == {}
    assert not out.exists()
    assert [path.name for path in out.parent.iterdir()] == ["mpc"]


def test_a_link_out_of_the_folder_is_never_followed(root, out, course, tmp_path):
    (tmp_path / "secret.txt").write_text("x")
    (root / "release" / "week01-lesson" / "notes.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(PublicationError, match=r"notes\.txt is not a plain file"):
        publish(root, course, at=FIRST, destination=out)


def test_a_concept_check_may_carry_its_own_answer(root, out, course):
    item = {"role": "concept-check", "key": "b", "feedback": "because"}
    put(root, "work.ipynb", notebook(cell("Q", metadata={"coursewright": {"item": item}})))
    assert publish(root, course, at=FIRST, destination=out).new


def test_what_the_author_shows_anyway_is_no_secret(tmp_path):
    (tmp_path / "a.ipynb").write_text(notebook(cell(SOURCE), cell(f"{SOLUTION}\nreturn spread / d2[len(readings)]")))
    assert secrets_of(tmp_path) == ()


def test_a_publication_that_was_tampered_with_is_found(root, out, course):
    publish(root, course, at=FIRST, destination=out)
    (out / "week01-lesson" / "data.csv").write_text("x")
    (out / "week02-problem-set").mkdir()
    assert problems(out, course, at=FIRST) == (
        "week02-problem-set is out too early, or is no assignment of the course",
        "week01-lesson is not as the manifest has it",
    )


def test_an_assignment_with_its_own_release_time_goes_by_that(root, out):
    course = make_course()
    later = assignment("week01-lesson", AssignmentKind.LESSON, None, release=datetime(2026, 3, 4, 9))
    first = msgspec.structs.replace(course.weeks[0], assignments=(later, course.weeks[0].assignments[1]))
    course = make_course(weeks=(first, course.weeks[1]))
    assert publish(root, course, at=FIRST, destination=out).new == ("week01-problem-set",)


def test_the_check_reads_the_bytes_themselves(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "work.ipynb").write_text(notebook(cell(STUDENT)))
    assert list(problems_in(folder, ())) == []
