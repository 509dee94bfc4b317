"""A small course whose class is graded already, made by hand: records, executed notebooks, the gradebook."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from authoring import nbgrader_api
from authoring.nbgrader_api import NbgraderCourse
from autograder.files import write_record
from autograder.gradebook import Entry, write
from autograder.record import CellGrade, CellKind, CellOutcome, GradeRecord, Isolation, Outcome, RecordFinding
from autograder.source import Source, load_source
from tests.autograder import notebooks as make

SUBMITTED = datetime(2026, 9, 14, 12, tzinfo=UTC)
OPEN = "assert squares(2) == [1, 4], 'two'"
MIXED = """assert squares(3) == [1, 4, 9]
### BEGIN HIDDEN TESTS
# Hint: think of the empty list
assert squares(0) == [40404], "wanted forty"
### END HIDDEN TESTS"""
HIDDEN = """### BEGIN HIDDEN TESTS
def almost(x):
    assert x == 987654321, f"wanted {x}"
almost(squares(1))
### END HIDDEN TESTS"""


def source_notebook() -> NotebookNode:
    return make.notebook(
        make.text("# Squares\n\nWrite $f(x)=\\frac{1}{2}x^2$."),
        make.solution("s", "### BEGIN SOLUTION\ndef squares(n): ...\n### END SOLUTION"),
        make.check("open", OPEN, 2),
        make.check("mixed", MIXED, 2),
        make.check("hidden", HIDDEN, 1),
        make.text("# Words"),
        make.essay("e", "Why?", points=3),
        make.task(
            "k", "Draw $y=x$.\n\n=== BEGIN MARK SCHEME ===\nA line: 4 points.\n=== END MARK SCHEME ===", points=4
        ),
    )


@dataclass(frozen=True)
class GradedCourse:
    """The course, and what one needs to add graded learners to it."""

    course: NbgraderCourse
    source: Source

    @property
    def root(self) -> Path:
        return self.course.root

    def grade(
        self,
        learner: str,
        cells: Sequence[CellGrade],
        answers: Mapping[str, str],
        outputs: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        extra: Sequence[NotebookNode] = (),
        **more: Any,
    ) -> GradeRecord:
        """Write down what would be there after grading; ``more`` are fields of the record, or of its entry."""
        executed = make.notebook(*copy.deepcopy(self.source.notebooks["nb"].cells), *extra)
        for name, cell in make.by_id(executed).items():
            cell["source"] = answers.get(name, cell.source)
            if cell.cell_type == "code":
                cell["outputs"] = list((outputs or {}).get(name, ()))
        path = self.course.autograded(learner, "ps") / "nb.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(executed))
        late = more.pop("late_penalties", {})
        record = self.record(learner, cells, **more)
        write_record(self.root, record)
        unanswered = frozenset({("nb", cell.grade_id) for cell in cells if cell.message == "No response."})
        write(self.course, "ps", [Entry(record, SUBMITTED, unanswered, late)])
        return record

    def record(self, learner: str, cells: Sequence[CellGrade], **more: Any) -> GradeRecord:
        waiting = any(cell.score is None for cell in cells)
        usual = {
            "course": "c",
            "assignment": "ps",
            "learner": learner,
            "attempt": f"sha256:{learner}",
            "source": self.source.hash,
            "environment": "sha256:3",
            "grader": "g",
            "outcome": Outcome.NEEDS_MANUAL if waiting else Outcome.GRADED,
            "score": sum(cell.score or 0.0 for cell in cells),
            "max_score": 12.0,
            "cells": tuple(cells),
        }
        return GradeRecord(**{**usual, **more})


def graded_course(root: Path, config: str = "") -> GradedCourse:
    """The course before anybody was graded; in a folder that has it already, as it is there."""
    path = root / "source/ps/nb.ipynb"
    if path.exists():
        course = nbgrader_api.open_course(root)
    else:
        make.write(path, source_notebook())
        (root / "nbgrader_config.py").write_text(f'c = get_config()\nc.CourseDirectory.course_id = "c101"\n{config}')
        course = nbgrader_api.open_course(root)
        nbgrader_api.register(course, "ps", [path])
    return GradedCourse(course, load_source(course, path.parent))


def grade_of(name: str, score: float | None, maximum: float, outcome: CellOutcome, message: str = "") -> CellGrade:
    kinds = {"e": CellKind.MANUAL, "k": CellKind.TASK}
    return CellGrade(
        notebook="nb",
        grade_id=name,
        kind=kinds.get(name, CellKind.TEST),
        isolation=Isolation.EXAMINER,
        outcome=outcome,
        score=score,
        max_score=maximum,
        message=message,
    )


def error(name: str, value: str, *places: tuple[int, str]) -> dict[str, Any]:
    """An error's output, with its way through the notebook's code: line and text."""
    frames = [f"Cell In[2], line {line}\n----> {line} {text}\n" for line, text in places]
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": [*frames, f"{name}: {value}"]}


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def finding(rule: str, message: str, cell: str | None = None) -> RecordFinding:
    return RecordFinding(rule=rule, cell=cell, message=message)
