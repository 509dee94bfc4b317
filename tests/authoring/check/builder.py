"""A small course in which there is nothing to find, and the ways to break it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from authoring.check.trial import CellTrial, Version

COURSE = """
schema = 1
id = "spc"
title = "Process control"
run = "2026T3"
time_zone = "America/New_York"
starts = 2026-09-14
ends = 2026-11-08
verification_deadline = 2026-10-12T23:59:00
pass_mark = 0.6

[limits]
cell_seconds = 10
submission_seconds = 60

[[categories]]
id = "problem-sets"
title = "Problem sets"
weight = 1

[[weeks]]
number = 1
title = "Variation"
opens = 2026-09-14T12:00:00

[[weeks.assignments]]
id = "ps1"
kind = "problem-set"
title = "Means"
category = "problem-sets"
due = 2026-09-22T12:00:00
points = 5
"""


def markdown(cell_id: str, source: str, **metadata: Any) -> NotebookNode:
    return new_markdown_cell(source, id=cell_id, metadata=metadata)


def code(cell_id: str, source: str, **metadata: Any) -> NotebookNode:
    return new_code_cell(source, id=cell_id, metadata=metadata)


def nbgrader(grade_id: str, **flags: Any) -> dict[str, Any]:
    base = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": base | {"grade_id": grade_id} | flags}


def answer(grade_id: str, source: str) -> NotebookNode:
    return code(grade_id.replace("_", "-"), source, **nbgrader(grade_id, solution=True))


def graded(grade_id: str, source: str, points: float = 2) -> NotebookNode:
    return code(grade_id.replace("_", "-"), source, **nbgrader(grade_id, grade=True, locked=True, points=points))


def essay(grade_id: str, source: str, points: float = 3) -> NotebookNode:
    flags = nbgrader(grade_id, grade=True, solution=True, points=points)
    return markdown(grade_id.replace("_", "-"), source, **flags)


def notebook(cells: Sequence[NotebookNode], kernel: str = "python3") -> NotebookNode:
    spec = {"display_name": "Python 3", "language": "python", "name": kernel}
    made = new_notebook(metadata={"kernelspec": spec} if kernel else {})
    made["cells"] = list(cells)  # not passed in: new_notebook would repair what is broken on purpose
    return made


MEAN = """def mean(values):
    ### BEGIN SOLUTION
    total = float(sum(values))
    return total / float(len(values))
    ### END SOLUTION"""

TEST = """assert mean([1, 3]) == 2
### BEGIN HIDDEN TESTS
assert abs(mean([0.5, 1.0, 7.5]) - 3.0) < 1e-9
### END HIDDEN TESTS"""

PLOT = """import matplotlib.pyplot as plt
import pandas as pd
bores = pd.read_csv("bores.csv")
figure, axes = plt.subplots()
axes.plot(bores["bore"])
axes.set_xlabel("Run order")
axes.set_ylabel("Bore [mm]");"""


def good_cells() -> dict[str, NotebookNode]:
    """The cells of a problem set that is as it should be, by a short name."""
    return {
        "title": markdown("title", "# Means\n\n![A histogram with two peaks](two-peaks.png)"),
        "plot": code("plot", PLOT),
        "question": markdown("question", "## A mean\n\nUse the [data](bores.csv) of [a page](https://example.org)."),
        "answer": answer("s_mean", MEAN),
        "test": graded("t_mean", TEST),
        "essay": essay("m_why", "Because two machines made them, each with a mean of its own."),
    }


@dataclass
class Built:
    """A course on disk."""

    root: Path
    cells: dict[str, NotebookNode] = field(default_factory=good_cells)
    toml: str = COURSE
    kernel: str = "python3"

    @property
    def folder(self) -> Path:
        return self.root / "source" / "ps1"

    def write(self) -> Path:
        """Write everything; the course's folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.root / "course.toml").write_text(self.toml)
        (self.folder / "bores.csv").write_text("bore\n12.003\n12.005\n")
        (self.folder / "two-peaks.png").write_bytes(b"\x89PNG")
        self.write_notebook("ps1.ipynb", notebook(list(self.cells.values()), self.kernel))
        return self.root

    def write_notebook(self, name: str, node: NotebookNode) -> None:
        (self.folder / name).write_text(json.dumps(node))  # not nbformat.write: that repairs too


@dataclass
class FakeTrial:
    """Says what it is told to say about some cells, and that all is well with the others."""

    said: dict[tuple[str, Version], dict[str, Any]] = field(default_factory=dict)
    again: dict[str, dict[str, Any]] = field(default_factory=dict)  # the second time
    runs: list[tuple[str, Version]] = field(default_factory=list)

    def __call__(self, assignment: Path, version: Version) -> list[CellTrial]:
        second = (assignment.name, version) in self.runs
        self.runs.append((assignment.name, version))
        trials = []
        for path in sorted(assignment.glob("*.ipynb")):
            for index, cell in enumerate(json.loads(path.read_text())["cells"]):
                metadata, cell_id = cell["metadata"].get("nbgrader", {}), cell.get("id", "")
                if cell["cell_type"] == "code" or metadata.get("grade"):
                    facts = self._well(metadata, version) | self.said.get((cell_id, version), {})
                    if second:
                        facts |= self.again.get(cell_id, {})
                    trials.append(
                        CellTrial(notebook=path.stem, index=index, grade_id=metadata.get("grade_id"), **facts)
                    )
        return trials

    @staticmethod
    def _well(metadata: dict[str, Any], version: Version) -> dict[str, Any]:
        facts: dict[str, Any] = {"outcome": "ran", "score": None, "max_score": None, "seconds": 0.1, "message": ""}
        if metadata.get("grade") and metadata.get("solution"):
            return facts | {"outcome": "needs_manual", "max_score": metadata.get("points")}
        if metadata.get("grade"):
            passes = version is Version.REFERENCE
            score = metadata["points"] if passes else 0
            return facts | {"outcome": "passed" if passes else "error", "score": score, "max_score": metadata["points"]}
        return facts


def shown(text: str) -> list[dict[str, Any]]:
    """The outputs of a cell that shows a value."""
    return [new_output("execute_result", {"text/plain": text})]
