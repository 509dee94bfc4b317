"""The whole story on the sample course."""

import os
from pathlib import Path
from typing import Annotated

import typer


def demo(
    into: Annotated[
        Path, typer.Option("--into", metavar="FOLDER", help="Where to; an earlier demo in it is replaced.")
    ] = Path("demo"),
    course: Annotated[Path, typer.Option("--course", metavar="COURSE", help="The course to play.")] = Path(
        "courses/mpc"
    ),
    seed: Annotated[int, typer.Option("--seed", help="What is drawn; the same seed gives the same results.")] = 1,
    learners: Annotated[int, typer.Option("--learners", min=8, max=999, help="How many learners.")] = 60,
    workers: Annotated[int, typer.Option("--workers", min=1, help="How many submissions to run at a time.")] = (
        os.cpu_count() or 1
    ),
) -> None:
    """Play one run of the sample course, from its source to credentials and a report."""
    from coursewright.demo.setting import Setting, check_source, clear
    from coursewright.demo.telling import tell

    check_source(course)
    setting = Setting(source=course, folder=into, seed=seed, number=learners, workers=workers)
    clear(setting)
    tell(setting)
