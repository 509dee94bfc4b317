"""A class at a time: which submissions have to be graded, grading them, and keeping what came of it.

Every record is written as soon as it is there, so a batch that was stopped goes on where it was: a submission whose
record was made from the same files, source, environment and grader is not graded again.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.desk import Desk, Result
from autograder.engine.pool import Engine
from autograder.flow import Finished, grade_all
from autograder.planning import Batch, plan
from autograder.shared_tests import with_shared_tests
from autograder.sole import sole
from autograder.submission import Submission, read_submission

__all__ = ["Batch", "Result", "plan", "run"]

KEPT = Path(".coursewright", "shared-tests")  # below the course: what grading found out about sources
LOCKS = Path(".coursewright", "locks")


def run(batch: Batch, *, workers: int, force: bool = False) -> Iterator[Result]:
    """Grade the batch, and yield each submission as it is done, in the order in which they end.

    Records, executed notebooks and the gradebook are written on the way, and nothing is kept in memory for longer.

    Args:
        batch: what :func:`plan` gave.
        workers: how many submissions run at a time.
        force: grade again what has a record already.

    Raises:
        CoursewrightError: this machine cannot isolate submissions, a record on disk cannot be read, or another batch
            of the assignment is running.
    """
    assignment = batch.source.assignment
    with (
        sole(batch.course.root / LOCKS / assignment, f"grading {assignment}"),
        contextlib.closing(Desk(batch)) as desk,
    ):
        todo = []
        for one in batch.submissions:
            known = None if force else desk.reuse(_read(batch, one.learner))
            if known is None:
                todo.append(one.learner)
            else:
                yield from known
        if todo:
            for finished in _grade(batch, todo, workers):
                yield from desk.keep(finished)


def _read(batch: Batch, learner: str) -> Submission:
    return read_submission(batch.course.submitted(learner, batch.source.assignment), learner)


def _grade(batch: Batch, learners: Sequence[str], workers: int) -> Iterator[Finished]:
    submissions = (_read(batch, learner) for learner in learners)
    with Engine(batch.source.imports, isolated=batch.policy.isolated) as engine:
        source = with_shared_tests(engine, batch.source, batch.policy, batch.course.root / KEPT)
        yield from grade_all(engine, source, batch.policy, submissions, course=batch.course_id, workers=workers)
