"""What is written to the gradebook, in SQLite and in PostgreSQL, read with nbgrader's own ``Gradebook``."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from nbgrader.api import Gradebook

from authoring import nbgrader_api
from authoring.nbgrader_api import NbgraderCourse
from autograder.gradebook import Entry, read_due, read_marks, write
from autograder.marks import Mark
from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Isolation, Outcome
from tests.autograder import notebooks as make
from tests.autograder.conftest import ENGINES
from tests.autograder.nbgrader_oracle import graded, rows

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),  # from within nbgrader
]

SUBMITTED = datetime(2026, 9, 14, 12, 30, tzinfo=UTC)


Fresh = Callable[[Path], NbgraderCourse]


@pytest.fixture(scope="module", params=ENGINES)
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Makes courses with one assignment, before anybody was graded, with a gradebook of their own."""
    first = tmp_path_factory.mktemp("course")
    path = first / "source/ps/nb.ipynb"
    cells = make.solution("s", "1"), make.check("t", "1", 2), make.essay("e", points=3), make.task("k", "", points=4)
    make.write(path, make.notebook(*cells))
    cluster = request.getfixturevalue("cluster") if request.param == "postgresql" else None
    template = configured(first, cluster.create_database() if cluster else "")
    nbgrader_api.register(template, "ps", [path])

    def copy(root: Path) -> NbgraderCourse:
        if cluster:
            return configured(root, cluster.create_database(like=template.db_url))
        shutil.copy(first / "gradebook.db", root)
        return configured(root, "")

    return copy


def configured(root: Path, db_url: str) -> NbgraderCourse:
    """The course in a folder, after its configuration has named its gradebook, unless it is the usual file."""
    if db_url:
        (root / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.db_url = {db_url!r}\n")
    return nbgrader_api.open_course(root)


@pytest.fixture
def course(fresh: Fresh, tmp_path: Path) -> NbgraderCourse:
    return fresh(tmp_path)


@pytest.fixture
def book(course: NbgraderCourse) -> Iterator[Gradebook]:
    with Gradebook(course.db_url) as opened:
        yield opened


def cell(name: str, kind: CellKind, score: float | None, maximum: float, message: str = "") -> CellGrade:
    outcome = CellOutcome.NEEDS_MANUAL if score is None else CellOutcome.PASSED
    if message:
        outcome = CellOutcome.MANUAL
    return CellGrade(
        notebook="nb",
        grade_id=name,
        kind=kind,
        isolation=Isolation.NONE,
        outcome=outcome,
        score=score,
        max_score=maximum,
        message=message,
    )


GRADED = (
    cell("t", CellKind.TEST, 1.5, 2.0),
    cell("e", CellKind.MANUAL, 0.0, 3.0, "No response."),
    cell("k", CellKind.TASK, None, 4.0),
)


def record(learner: str = "ada", cells: tuple[CellGrade, ...] = GRADED, outcome: Outcome | None = None) -> GradeRecord:
    return GradeRecord(
        course="c",
        assignment="ps",
        learner=learner,
        attempt="sha256:1",
        source="sha256:2",
        environment="sha256:3",
        grader="g",
        outcome=outcome or Outcome.NEEDS_MANUAL,
        score=None if outcome else sum(one.score or 0.0 for one in cells),
        max_score=9.0,
        cells=cells,
    )


def entry(made: GradeRecord, **others: Any) -> Entry:
    usual = {"submitted_at": SUBMITTED, "unanswered": frozenset({("nb", "e"), ("nb", "s")}), "late_penalties": {}}
    return Entry(made, **{**usual, **others})


def test_nbgrader_reads_scores_comments_and_what_waits(course: NbgraderCourse, book: Gradebook) -> None:
    write(course, "ps", [entry(record())])
    submission = book.find_submission("ps", "ada")
    assert (submission.score, submission.max_score, submission.needs_manual_grade) == (1.5, 9.0, True)
    assert submission.timestamp == SUBMITTED.replace(tzinfo=None)
    grades = {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in submission.notebooks[0].grades}
    assert grades == {"t": (1.5, False), "e": (0.0, False), "k": (None, True)}
    comments = {comment.name: comment.auto_comment for comment in submission.notebooks[0].comments}
    assert comments == {"s": "No response.", "e": "No response.", "k": None}


def test_the_rows_are_those_that_nbgraders_own_functions_make(
    course: NbgraderCourse, fresh: Fresh, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write(course, "ps", [entry(record(), late_penalties={"nb": 0.5})])
    other = fresh(tmp_path_factory.mktemp("oracle"))
    with Gradebook(other.db_url) as book:
        book.update_or_create_student("ada")
        book.update_or_create_submission("ps", "ada", timestamp=SUBMITTED.replace(tzinfo=None))
        for name, score in {"t": 1.5, "e": 0.0, "k": None}.items():
            grade = book.find_grade(name, "nb", "ps", "ada")
            grade.auto_score, grade.needs_manual_grade = score, score is None
        for name in "se":
            book.find_comment(name, "nb", "ps", "ada").auto_comment = "No response."
        book.find_submission_notebook("nb", "ps", "ada").late_submission_penalty = 0.5
        book.db.commit()
    assert graded(course.db_url) == graded(other.db_url)


def test_writing_again_changes_nothing_and_writing_better_replaces(course: NbgraderCourse, book: Gradebook) -> None:
    write(course, "ps", [entry(record())])
    first = graded(course.db_url), rows(course.db_url, "SELECT id FROM grade ORDER BY id")
    write(course, "ps", [entry(record())])
    assert (graded(course.db_url), rows(course.db_url, "SELECT id FROM grade ORDER BY id")) == first
    better = record(cells=(cell("t", CellKind.TEST, 2.0, 2.0), cell("e", CellKind.MANUAL, None, 3.0), GRADED[2]))
    write(course, "ps", [entry(better, unanswered=frozenset(), late_penalties={"nb": 1.0})])
    notebook = book.find_submission_notebook("nb", "ps", "ada")
    assert (notebook.score, notebook.late_submission_penalty) == (2.0, 1.0)
    assert {comment.auto_comment for comment in notebook.comments} == {None}


def test_marks_comments_and_flags_of_people_are_never_touched(course: NbgraderCourse, book: Gradebook) -> None:
    write(course, "ps", [entry(record())])
    grade = book.find_grade("e", "nb", "ps", "ada")
    grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 2.5, 0.5, False
    book.find_comment("e", "nb", "ps", "ada").manual_comment = "Good."
    book.find_submission_notebook("nb", "ps", "ada").flagged = True
    book.db.commit()
    write(course, "ps", [entry(record())])
    book.db.expire_all()
    grade = book.find_grade("e", "nb", "ps", "ada")
    assert (grade.manual_score, grade.extra_credit, grade.auto_score) == (2.5, 0.5, 0.0)
    assert grade.needs_manual_grade  # as nbgrader does: a person looks whether the mark still holds
    assert book.find_comment("e", "nb", "ps", "ada").manual_comment == "Good."
    assert book.find_submission_notebook("nb", "ps", "ada").flagged
    assert read_marks(course, "ps") == {("ada", "nb", "e"): Mark(2.5, 0.5)}
    assert read_marks(course, "another") == {}


def test_who_handed_in_nothing_gets_no_row_and_who_cannot_be_graded_waits(
    course: NbgraderCourse, book: Gradebook
) -> None:
    write(course, "ps", [entry(record("nobody", (), Outcome.MISSING)), entry(record("broken", (), Outcome.FAILED))])
    assert [student.id for student in book.students] == ["broken"]
    grades = book.find_submission("ps", "broken").notebooks[0].grades
    assert {(grade.auto_score, grade.needs_manual_grade) for grade in grades} == {(None, True)}
    write(course, "ps", [])


def test_students_that_are_known_keep_their_names(course: NbgraderCourse, book: Gradebook) -> None:
    book.add_student("ada", first_name="Ada", email="ada@example.org")
    write(course, "ps", [entry(record()), entry(record("ben"))])
    book.db.expire_all()
    assert {(student.id, student.first_name) for student in book.students} == {("ada", "Ada"), ("ben", None)}


def test_more_learners_than_fit_into_one_statement(course: NbgraderCourse) -> None:
    learners = [f"l{number:04}" for number in range(1200)]
    for _ in range(2):
        write(course, "ps", [entry(record(learner)) for learner in learners])
        assert rows(course.db_url, "SELECT count(*), count(DISTINCT student_id) FROM submitted_assignment") == [
            (1200, 1200)
        ]
        assert rows(course.db_url, "SELECT count(*) FROM grade") == [(3600,)]
        assert rows(course.db_url, "SELECT count(*) FROM comment") == [(3600,)]


def test_a_failure_in_the_middle_leaves_the_gradebook_as_it_was(course: NbgraderCourse) -> None:
    write(course, "ps", [entry(record())])
    before = graded(course.db_url)
    late = replace(record("ben"), cells=(replace(GRADED[0], score="not a score"),))
    with pytest.raises(Exception, match="not a score"):
        write(course, "ps", [entry(record("cleo")), entry(late)])
    assert graded(course.db_url) == before


def test_the_due_time_of_everybody_and_of_those_with_an_extension(course: NbgraderCourse, book: Gradebook) -> None:
    assert read_due(course, "ps") == {}
    book.update_or_create_assignment("ps", duedate="2026-09-14 12:00:00")
    assert read_due(course, "ps") == {"": datetime(2026, 9, 14, 12, tzinfo=UTC)}
    write(course, "ps", [entry(record()), entry(record("ben"))])
    book.grant_extension("ps", "ben", days=1, hours=2)
    due = read_due(course, "ps")
    assert due["ben"] - due[""] == timedelta(days=1, hours=2)
    assert book.find_submission("ps", "ben").duedate.replace(tzinfo=UTC) == due["ben"]
    assert "ada" not in due


@pytest.mark.integration
def test_two_batches_and_somebody_who_marks_do_not_get_into_each_others_way(
    course: NbgraderCourse, book: Gradebook
) -> None:
    learners = [f"l{number:03}" for number in range(200)]
    write(course, "ps", [entry(record(learner)) for learner in learners])

    def batch(order: list[str]) -> None:
        for start in range(0, len(order), 20):
            write(course, "ps", [entry(record(learner)) for learner in order[start : start + 20]])

    with ThreadPoolExecutor() as pool:
        batches = [pool.submit(batch, order) for order in (learners, learners[::-1], learners)]
        for learner in learners[::10]:
            grade = book.find_grade("e", "nb", "ps", learner)
            grade.manual_score, grade.needs_manual_grade = 2.5, False
            book.db.commit()
        for done in batches:
            done.result()
    assert read_marks(course, "ps") == {(learner, "nb", "e"): Mark(2.5) for learner in learners[::10]}
    assert rows(course.db_url, "SELECT count(*), sum(auto_score) FROM grade") == [(600, 300.0)]
