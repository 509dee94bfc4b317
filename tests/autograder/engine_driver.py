"""Runs jobs in an engine and prints what became of them; a program, so that it can be run as another user.

It reads ``{"jobs": [{"key", "cells", "files", "limits"}], "workers", "isolated", "imports"}`` as JSON from its standard
input. A cell is the text of submitted code, or a role and a text.
"""

import json
import sys
from typing import Any

from autograder.engine.pool import Engine, Job, JobRun, Limits
from autograder.engine.protocol import Cell, File, Place, Role

USUAL = {
    "cell_seconds": 20.0,
    "submission_seconds": 60.0,
    "cpu_seconds": 60,
    "memory_bytes": 1 << 30,
    "output_bytes": 100_000,
    "disk_bytes": 4 << 20,
    "processes": 20,
    "total_memory_bytes": 1 << 30,
    "files": 1000,
    "open_files": 128,
}


def job(spec: dict[str, Any]) -> Job:
    """The job that a JSON object describes."""
    return Job(
        key=spec["key"],
        cells=tuple(
            Cell(number=number, source=cell)
            if isinstance(cell, str)
            else Cell(number=number, source=cell[1], role=Role(cell[0]))
            for number, cell in enumerate(spec["cells"])
        ),
        place=Place(
            files=tuple(File(path=name, data=text.encode()) for name, text in spec.get("files", {}).items()),
            seed=1,
            limits=Limits(**{**USUAL, **spec.get("limits", {})}),
        ),
    )


def plain(run: JobRun) -> dict[str, Any]:
    """A run as JSON."""
    cells = [
        {"status": ran.status, "error": ran.error, "value": ran.value, "outputs": ran.outputs}
        for _, ran in sorted(run.cells.items())
    ]
    return {"end": run.end.value, "interrupted": run.interrupted, "problem": run.problem, "cells": cells}


def main() -> None:
    """Run what standard input says."""
    asked = json.load(sys.stdin)
    with Engine(asked.get("imports", ()), isolated=asked.get("isolated", True)) as engine:
        runs = engine.run(map(job, asked["jobs"]), asked.get("workers", 2))
        json.dump({run.job.key: plain(run) for run in runs}, sys.stdout)


if __name__ == "__main__":
    main()
