"""Grading, with what it took."""

import time
from dataclasses import dataclass

from authoring.course import Assignment
from autograder import batch
from coursewright.demo.setting import Setting
from coursewright.progress import progress
from coursewright.report.facts import GradingTime


@dataclass(frozen=True)
class Run:
    """One batch, done."""

    submissions: int
    reused: int
    time: GradingTime


def grade(setting: Setting, assignment: Assignment) -> Run:
    """Grade everything that was handed in for an assignment."""
    began = time.monotonic()
    planned = batch.plan(setting.root, assignment.id)
    results = []
    with progress(f"Grading {assignment.id}", len(planned.learners)) as advance:
        for result in batch.run(planned, workers=setting.workers):
            results.append(result)
            advance(result.record.learner)
    took = GradingTime(
        submissions=len(results),
        seconds=time.monotonic() - began,
        cpu_seconds=sum(result.cpu_seconds for result in results),
        workers=setting.workers,
    )
    return Run(len(results), sum(result.reused for result in results), took)
