"""Our CSV of nbgrader beside the one that ``nbgrader export`` writes of the same gradebook."""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from release.exports.mapping import read_people
from release.exports.nbgrader_csv import nbgrader_csv
from release.exports.nbgrader_import import read_nbgrader
from release.exports.table import Evidence, State
from tests.release.conftest import make_record
from tests.release.exports.a_run import FACTS, put, run_table

pytestmark = pytest.mark.integration

DUE = datetime(2026, 3, 9, 13, tzinfo=UTC)
STAMP = datetime(2026, 3, 8, 12, 30, 15, 250, tzinfo=UTC)
SCORES = {"ada": (8.125, 0.0), "ben": (7.1, 0.4), "cyd": (0.0, 0.0)}  # raw score and late penalty; dee has nothing


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        patch.setenv("PATH", path)  # nbgrader looks for alembic there
        yield exported(tmp_path_factory.mktemp("nbgrader"))


def exported(tmp_path: Path) -> bytes:
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment("week01-problem-set", duedate=DUE.replace(tzinfo=None))
        gradebook.add_notebook("problem-set", "week01-problem-set")
        gradebook.add_grade_cell("t", "problem-set", "week01-problem-set", max_score=10, cell_type="code")
        for learner in ("ada", "ben", "cyd", "dee"):
            gradebook.add_student(learner, first_name=learner.title(), last_name="Doe", email=f"{learner}@example.org")
            if learner in SCORES:
                submission = gradebook.add_submission("week01-problem-set", learner)
                submission.timestamp = STAMP.replace(tzinfo=None)
                grade = gradebook.find_grade("t", "problem-set", "week01-problem-set", learner)
                grade.auto_score = SCORES[learner][0]
                gradebook.find_submission_notebook(
                    "problem-set", "week01-problem-set", learner
                ).late_submission_penalty = SCORES[learner][1]
                gradebook.db.commit()
    command = [
        sys.executable,
        "-m",
        "nbgrader",
        "export",
        f"--db=sqlite:///{tmp_path / 'gradebook.db'}",
        "--to=out.csv",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    return (tmp_path / "out.csv").read_bytes()


def records():
    return [
        make_record("week01-problem-set", score, learner=learner, late_penalty=penalty)
        for learner, (score, penalty) in SCORES.items()
    ]


def ours(tmp_path: Path) -> bytes:
    names = "".join(f"{learner},{learner.title()},Doe\n" for learner in ("ada", "ben", "cyd", "dee"))
    known = read_people(put(tmp_path, "mapping.csv", f"learner,given_name,family_name\n{names}".encode()))
    handed_in = {each.learner: Evidence([each], submitted={"week01-problem-set": STAMP}) for each in records()}
    return nbgrader_csv(run_table(**handed_in), known, records()).data


def test_whoever_was_graded_has_the_row_that_nbgrader_writes_and_who_handed_in_nothing_no_score(tmp_path, theirs):
    its = theirs.splitlines()
    own = [line for line in ours(tmp_path).splitlines() if not line.startswith(b"week02")]
    assert own[:4] == its[:4]
    assert its[4].endswith(b",dee,Doe,Dee,dee@example.org,0.0,0.0,0.0,10.0")
    assert own[4] == its[4].replace(b",0.0,0.0,0.0,", b",,,,")
    assert len(own) == len(its)


def test_nbgrader_s_own_file_is_read(tmp_path, theirs):
    back = read_nbgrader(put(tmp_path, "theirs.csv", theirs), FACTS)
    assert [(row.learner, row.scores[0].state, row.scores[0].points) for row in back.rows] == [
        ("ada", State.GRADED, Decimal("8.125")),
        ("ben", State.GRADED, Decimal("6.7")),
        ("cyd", State.GRADED, 0),
        ("dee", State.NO_SCORE, None),
    ]
