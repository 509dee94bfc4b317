"""Where a demo is played, and with what; everything in it follows from these few values."""

import shutil
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from pathlib import Path

import msgspec

from authoring.course import Assignment, AssignmentKind, Course
from authoring.course_file import FILE_NAME, load_course
from authoring.errors import CoursewrightError
from authoring.program import Program
from coursewright.demo.people import Person, people
from release.enrolment import standing

MARKER = ".coursewright-demo"
PROGRAM = "process-control"


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """What the marker file says: this folder was made by the demo, and may be made again."""

    schema: int = 1
    seed: int
    learners: int


@dataclass(frozen=True)
class Setting:
    """A demo: which course, into which folder, with how many learners and which seed."""

    source: Path  # the course that is copied
    folder: Path
    seed: int
    number: int  # of learners
    workers: int

    @property
    def root(self) -> Path:
        """The demo's own copy of the course."""
        return self.folder / "course"

    @property
    def enrolments_file(self) -> Path:
        """Who takes the run, and how."""
        return self.root / "enrolments.csv"

    @property
    def published(self) -> Path:
        """What learners can fetch."""
        return self.folder / "published"

    @property
    def registry(self) -> Path:
        """The ledger and the key that signs it."""
        return self.folder / "registry"

    @property
    def program_file(self) -> Path:
        """What the credential requires."""
        return self.folder / "programs" / f"{PROGRAM}.toml"

    @cached_property
    def course(self) -> Course:
        """The run."""
        return load_course(self.root)

    @cached_property
    def program(self) -> Program:
        """The program that the course belongs to."""
        from authoring.program_file import read_program

        return read_program(self.program_file)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Who takes the course."""
        return people(self.course, self.number, self.seed)

    @property
    def sitters(self) -> tuple[Person, ...]:
        """Who may sit the exam: the verified learners of the run."""
        return tuple(each for each in self.people if standing(each.enrolment, self.course).verified)

    @property
    def problem_sets(self) -> tuple[Assignment, ...]:
        """The assignments that learners hand in."""
        return tuple(each for each in self.course.assignments if each.kind is AssignmentKind.PROBLEM_SET)

    @property
    def end_of_run(self) -> datetime:
        """The last moment of the run's last day."""
        return self.course.instant(datetime.combine(self.course.ends, time(23, 59)))

    @property
    def exam(self) -> Assignment:
        """The proctored exam."""
        return next(each for each in self.course.assignments if each.kind is AssignmentKind.EXAM)


def check_source(course: Path) -> None:
    """Make sure that there is a course to play.

    Raises:
        CoursewrightError: there is none, or no program file beside it.
    """
    if not (course / FILE_NAME).is_file():
        raise CoursewrightError(
            f"{course}: there is no course here (no {FILE_NAME}); run the demo in a checkout, or name a course with "
            "--course."
        )
    program = course.parent / "programs" / f"{PROGRAM}.toml"
    if not program.is_file():
        raise CoursewrightError(f"{program}: there is no such program; the demo needs it beside the course.")


def clear(setting: Setting) -> None:
    """Make the folder anew, if it is an earlier demo's or not there at all.

    Raises:
        CoursewrightError: there is something else in its place.
    """
    folder, marker = setting.folder, setting.folder / MARKER
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CoursewrightError(f"{folder}: this is no folder; name another one with --into.")
    if folder.is_dir() and any(folder.iterdir()) and not _is_marker(marker):
        raise CoursewrightError(
            f"{folder}: the folder holds something that the demo did not make; name another one with --into."
        )
    if folder.is_dir():
        _remove_contents(folder, keep=marker)
    folder.mkdir(parents=True, exist_ok=True)
    said = msgspec.json.encode(Marker(seed=setting.seed, learners=setting.number), order="sorted")
    marker.write_bytes(said + b"\n")


def _is_marker(path: Path) -> bool:
    try:
        msgspec.json.decode(path.read_bytes(), type=Marker)
    except (OSError, msgspec.DecodeError):
        return False
    return True


def _remove_contents(folder: Path, *, keep: Path) -> None:
    """The marker goes last, so that a folder whose clearing was interrupted is still known for a demo's."""
    for path in folder.iterdir():
        if path == keep:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
