"""A course with one assignment that is graded in no time: an answer, its test, an essay and, in some, a task."""

from pathlib import Path

from authoring.build import build
from autograder.batch import plan, run
from autograder.record import GradeRecord
from tests.autograder import notebooks as make

COURSE = """schema = 1
id = "small"
title = "Small"
run = "1"
time_zone = "America/New_York"
starts = 2026-09-14
ends = 2026-11-08
verification_deadline = 2026-10-12T23:59:00
pass_mark = 0.60

[[categories]]
id = "sets"
title = "Sets"
weight = 1.0
late = { rule = "per-day", per_day = 0.10 }

[[weeks]]
number = 1
title = "One"
opens = 2026-09-14T12:00:00

[[weeks.assignments]]
id = "ps"
kind = "problem-set"
title = "Set"
category = "sets"
due = 2026-09-22T12:00:00
"""
ON_TIME = "2026-09-20 12:00:00 UTC"
ONE_DAY_LATE = "2026-09-22 22:00:00 UTC"  # due at 16:00 UTC

_BODY = "### BEGIN SOLUTION\nx = 2\n### END SOLUTION"


def write_source(root: Path, test: str = "assert x == 2", points: float = 7) -> None:
    """The assignment, with its test."""
    notebook = make.notebook(
        make.solution("s", _BODY),
        make.check("t", test, points),
        make.text("## Why?\n\nSay why x is 2."),
        make.essay("e", "Because I say so.\n\n### BEGIN MARK SCHEME\n- all of it\n### END MARK SCHEME"),
    )
    make.write(root / "source/ps/nb.ipynb", notebook)


def make_course(root: Path) -> Path:
    """The course's folder, with its student version and gradebook."""
    write_source(root)
    (root / "course.toml").write_text(COURSE)
    list(build(root))
    return root


def hand_in(root: Path, learner: str, source: str = "x = 2", stamp: str = ON_TIME, text: str = "Because.") -> None:
    """Put a submission where nbgrader collects it."""
    notebook = make.answer(root / "release/ps/nb.ipynb", {"s": source, "e": text})
    make.submit(root, learner, "ps", {"nb.ipynb": notebook, "timestamp.txt": stamp.encode()})


def grade(root: Path, *, force: bool = False) -> dict[str, GradeRecord]:
    """Grade everybody, and give the records by learner."""
    return {one.record.learner: one.record for one in run(plan(root, "ps"), workers=1, force=force)}
