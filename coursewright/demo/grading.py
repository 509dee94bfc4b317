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
    submissions, reused, cpu_seconds = 0, 0, 0.0
    with progress(f"Grading {assignment.id}", len(planned.learners)) as advance:
        for result in batch.run(planned, workers=setting.workers):
            submissions, reused = submissions + 1, reused + result.reused
            cpu_seconds += result.cpu_seconds
            advance(result.record.learner)
    took = GradingTime(
        submissions=submissions,
        seconds=time.monotonic() - began,
        cpu_seconds=cpu_seconds,
        workers=setting.workers,
    )
    return Run(submissions, reused, took)
