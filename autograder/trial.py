"""What ``coursewright check`` learns by running an assignment: its reference solution, or its empty student version."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from authoring import cells, nbgrader_api
from authoring.build import source_notebooks
from authoring.check.trial import CellTrial, Version
from authoring.course_file import load_course
from autograder.engine.pool import Engine, JobRun
from autograder.engine.protocol import Ran
from autograder.grading import Graded, Policy, assemble, jobs
from autograder.limits import limits_for
from autograder.preparing import Prepared, prepare
from autograder.record import CellGrade
from autograder.scoring import error_text
from autograder.shared_tests import with_shared_tests
from autograder.source import Source, load_source
from autograder.submission import Submission


def run_trial(assignment: Path, version: Version) -> Sequence[CellTrial]:
    """Run one version of an assignment exactly as a submission is run.

    Args:
        assignment: its source folder, ``<course>/source/<assignment>``.
        version: the reference solution, or the student version with nothing filled in.

    Returns:
        Every code cell and every cell that a person marks, in order.

    Raises:
        CoursewrightError: the source cannot be used, or this machine cannot isolate.
    """
    course = nbgrader_api.open_course(assignment.parent.parent)
    source = load_source(course, assignment)
    described = load_course(course.root) if (course.root / "course.toml").is_file() else None
    policy = Policy(limits_for(course, described, assignment.name))
    prepared = prepare(source, Submission(version.value, _files(course, assignment, version), None))
    with Engine(source.imports, isolated=policy.isolated) as engine:
        source = with_shared_tests(engine, source, policy)
        runs = {run.job.key: run for run in engine.run(jobs(source, prepared, policy), workers=1)}
    return tuple(_cells(source, prepared, runs, assemble(source, prepared, runs, policy, course="")))


def _files(course: nbgrader_api.NbgraderCourse, assignment: Path, version: Version) -> Mapping[str, bytes]:
    paths = source_notebooks(assignment)
    if version is Version.REFERENCE:
        return {path.name: path.read_bytes() for path in paths}
    return {path.name: nbgrader_api.student_version(course, path).encode() for path in paths}


def _cells(source: Source, prepared: Prepared, runs: Mapping[str, JobRun], graded: Graded) -> Iterator[CellTrial]:
    grades = {(cell.notebook, cell.grade_id): cell for cell in graded.record.cells}
    for stem in source.notebooks:
        for index, cell in enumerate(prepared.notebooks[stem].notebook.cells):
            grade = grades.get((stem, cells.grade_id(cell) or ""))
            if grade is not None or cell.cell_type == "code":
                yield _trial(stem, index, cells.grade_id(cell), grade, runs[stem])


def _trial(stem: str, index: int, grade_id: str | None, grade: CellGrade | None, run: JobRun) -> CellTrial:
    ran = run.cells.get(index)
    outcome = "ran" if ran is None or ran.status == "ok" else ran.status
    if ran is None and index == run.interrupted:
        outcome = run.end.value
    return CellTrial(
        notebook=stem,
        index=index,
        grade_id=grade_id,
        outcome=outcome if grade is None else grade.outcome.value,
        score=None if grade is None else grade.score,
        max_score=None if grade is None else grade.max_score,
        seconds=0.0 if ran is None else ran.seconds,
        message=_message(ran, run, index) if grade is None else grade.message,
        isolation="" if grade is None else grade.isolation.value,
        outputs=() if ran is None else tuple(ran.outputs),
    )


def _message(ran: Ran | None, run: JobRun, index: int) -> str:
    if ran is None:
        return run.problem if index == run.interrupted else ""
    errors = [output for output in ran.outputs if output.get("output_type") == "error"]
    return error_text(errors[-1]) if errors else ""
