"""Whose word on limits counts."""

from pathlib import Path

import pytest

from authoring import nbgrader_api
from authoring.course import Limits
from authoring.course_file import load_course
from autograder.limits import limits_for

MPC = Path(__file__).parents[2] / "courses" / "mpc"


@pytest.mark.parametrize(
    ("setting", "seconds"),
    [
        ("", 30.0),
        ("c.Execute.timeout = 7", 7.0),
        ("c.Execute.timeout = None", 3600.0),
        ("c.Execute.timeout = -1", 3600.0),
    ],
)
def test_a_plain_nbgrader_course_has_its_own_time_for_a_cell_and_no_narrow_one_for_the_rest(
    tmp_path: Path, setting: str, seconds: float
) -> None:
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{setting}\n")
    limits = limits_for(nbgrader_api.open_course(tmp_path), None, "ps")
    assert (limits.cell_seconds, limits.submission_seconds, limits.cpu_seconds) == (seconds, 3600.0, 3600)


def test_course_toml_goes_before_nbgraders_configuration() -> None:
    course, described = nbgrader_api.open_course(MPC), load_course(MPC)
    assert limits_for(course, described, "week01-problem-set") == described.limits
    assert limits_for(course, described, "unknown") == described.limits
    assert isinstance(described.limits, Limits)
