"""A class at a time: which submissions have to be graded, grading them, and keeping what came of it.

Every record is written as soon as it is there, so a batch that was stopped goes on where it was: a submission whose
record was made from the same files, source, environment and grader is not graded again.
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.cluster import Cluster
from autograder.desk import Desk, Result
from autograder.flow import Finished, grade_all
from autograder.grading import warm_engine
from autograder.planning import Batch, plan
from autograder.shared_tests import with_shared_tests
from autograder.sole import sole
from autograder.submission import Submission, read_submission

__all__ = ["Batch", "Result", "plan", "run"]

KEPT = Path(".coursewright", "shared-tests")  # below the course: what grading found out about sources
LOCKS = Path(".coursewright", "locks")


def run(batch: Batch, *, workers: int, force: bool = False, cluster: Cluster | None = None) -> Iterator[Result]:
    """Grade the batch, and yield each submission as it is done, in the order in which they end.

    Records, executed notebooks and the gradebook are written on the way, and nothing is kept in memory for longer.

    Args:
        batch: what :func:`plan` gave.
        workers: how many submissions run at a time on this machine.
        force: grade again what has a record already.
        cluster: grade on its workers instead of here.

    Raises:
        CoursewrightError: this machine cannot isolate submissions, a record on disk cannot be read, another batch of
            the assignment is running, or the cluster cannot be used.
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
            submissions = (_read(batch, learner) for learner in todo)
            graded = (
                _grade_here(batch, submissions, workers) if cluster is None else _grade_on(batch, submissions, cluster)
            )
            for finished in graded:
                yield from desk.keep(finished)


def _read(batch: Batch, learner: str) -> Submission:
    return read_submission(batch.course.submitted(learner, batch.source.assignment), learner)


def _grade_here(batch: Batch, submissions: Iterable[Submission], workers: int) -> Iterator[Finished]:
    with warm_engine(batch.source, isolated=batch.policy.isolated) as engine:
        source = with_shared_tests(engine, batch.source, batch.policy, batch.course.root / KEPT)
        yield from grade_all(engine, source, batch.policy, submissions, course=batch.course_id, workers=workers)


def _grade_on(batch: Batch, submissions: Iterable[Submission], cluster: Cluster) -> Iterator[Finished]:
    from autograder.cluster.coordinator import grade_on

    kept = batch.course.root / KEPT
    return grade_on(cluster, batch.source, batch.policy, submissions, course=batch.course_id, kept=kept)
