"""Everything that would embarrass an instructor, found before a learner finds it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from authoring.check.trial import CellTrial, Version

_SEEDS = 100  # of each item; items check tries more


def check(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A course, an assignment's folder, or a notebook.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find everything that would embarrass an instructor."""
    from authoring.check.run import check as ask_every_rule
    from autograder.trial import run_trial
    from coursewright.commands.items import reviews_asked
    from coursewright.findings import report
    from coursewright.progress import progress
    from exam_bank.check import check_items
    from exam_bank.embed import stale_items

    with progress("Trying notebooks") as advance:

        def trial(assignment: Path, version: Version) -> Sequence[CellTrial]:
            cells = run_trial(assignment, version)
            advance(f"{assignment.name}, {version}")
            return cells

        findings = ask_every_rule(path, trial=trial)
    if (path / "items").is_dir():
        findings += [*stale_items(path), *check_items(path, seeds=_SEEDS, reviews=reviews_asked(path))]
    report(findings, as_json=as_json)
