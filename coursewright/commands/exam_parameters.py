"""What an exam told of its items, kept for the next one."""

from pathlib import Path
from typing import Annotated

import typer

from coursewright.output import counted, print_json, say

_FILE = "exam/parameters.json"


def parameters(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")],
    exam: Annotated[str, typer.Argument(metavar="EXAM", help="The exam's id in course.toml.")],
    calibration: Annotated[
        Path | None,
        typer.Option("--calibration", metavar="FILE", help="What calibrate --json printed for this exam's responses."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Keep how hard an exam's items were, and their calibration, for the blueprints of later exams."""
    from authoring.course_file import load_course
    from coursewright.exam_parameters import FEW, keep_parameters
    from coursewright.exam_room import blueprint_of
    from coursewright.report.exam_files import read_exam
    from exam_bank.item_file import read_bank

    name = blueprint_of(course, load_course(course), exam).parameters or _FILE
    kept = keep_parameters(course / name, read_exam(course, exam), read_bank(course), calibration)
    if as_json:
        print_json(kept)
        return
    say(f"{course / name} holds {counted(kept.items, 'item')}: {len(kept.measured)} measured in {exam} now.")
    if few := sum(learners < FEW for learners in kept.measured.values()):
        say(f"{few} of them by fewer than {FEW} learners: those figures are rough.")
    if kept.changed:
        say(f"Changed since they were asked, so calibrate them anew: {', '.join(kept.changed)}.")
