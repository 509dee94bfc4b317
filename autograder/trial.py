"""What ``coursewright check`` learns by running an assignment: its reference solution, or its empty student version."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from authoring import cells, nbgrader_api
from authoring.build import source_notebooks
from authoring.check.trial import CellTrial, Version
from authoring.course_file import load_course
from autograder.engine.pool import JobRun
from autograder.engine.protocol import Ran
from autograder.grading import Policy, assemble, jobs, warm_engine
from autograder.limits import limits_for
from autograder.preparing import prepare
from autograder.record import CellGrade
from autograder.scoring import error_text
from autograder.shared_tests import Tried, try_reference, with_shared_tests
from autograder.source import load_source
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
    with warm_engine(source, isolated=policy.isolated) as engine:
        if version is Version.REFERENCE:
            return tuple(_cells(try_reference(engine, source, policy), policy))
        source = with_shared_tests(engine, source, policy)
        prepared = prepare(source, Submission(version.value, _student_versions(course, assignment), None))
        runs = {run.job.key: run for run in engine.run(jobs(source, prepared, policy), workers=1)}
        return tuple(_cells(Tried(source, prepared, runs, {}), policy))


def _student_versions(course: nbgrader_api.NbgraderCourse, assignment: Path) -> Mapping[str, bytes]:
    return {path.name: nbgrader_api.student_version(course, path).encode() for path in source_notebooks(assignment)}


def _cells(tried: Tried, policy: Policy) -> Iterator[CellTrial]:
    source, prepared, runs = tried.source, tried.prepared, tried.runs
    graded = _graded(tried, runs, policy)
    together = _graded(tried, tried.together, policy) if tried.together else {}
    for stem in source.notebooks:
        for index, cell in enumerate(prepared.notebooks[stem].notebook.cells):
            key = stem, cells.grade_id(cell) or ""
            if key in graded or cell.cell_type == "code":
                yield _trial(stem, index, cells.grade_id(cell), graded.get(key), together.get(key), runs[stem])


def _graded(tried: Tried, runs: Mapping[str, JobRun], policy: Policy) -> Mapping[tuple[str, str], CellGrade]:
    """The grades by notebook and grade id."""
    record = assemble(tried.source, tried.prepared, runs, policy, course="").record
    return {(cell.notebook, cell.grade_id): cell for cell in record.cells}


def _trial(
    stem: str, index: int, grade_id: str | None, grade: CellGrade | None, together: CellGrade | None, run: JobRun
) -> CellTrial:
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
        together="" if together is None else together.outcome.value,
        together_message="" if together is None else together.message,
        outputs=() if ran is None else tuple(ran.outputs),
    )


def _message(ran: Ran | None, run: JobRun, index: int) -> str:
    if ran is None:
        return run.problem if index == run.interrupted else ""
    errors = [output for output in ran.outputs if output.get("output_type") == "error"]
    return error_text(errors[-1]) if errors else ""
