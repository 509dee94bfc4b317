"""The sample course, read once."""

from pathlib import Path

import pytest

from authoring.course import Course
from authoring.course_file import load_course

MPC = Path(__file__).parents[2] / "courses" / "mpc"
PROBLEM_SETS = ("week01-problem-set", "week02-problem-set")
LESSONS = ("week01-lesson", "week02-lesson")
PRACTICES = ("week01-practice", "week02-practice")
NOTEBOOKS = tuple(sorted(MPC.glob("source/*/*.ipynb")))


@pytest.fixture(scope="session")
def course() -> Course:
    return load_course(MPC)
