"""Weekly publication: what is due by a moment goes out, whole, once, and no more than that.

A publication is a folder with one folder for each assignment and ``manifest.json``, which names every file with its
hash. Published again, what is out and unchanged stays untouched; what was corrected becomes a new version with a note.
Exams never go out this way.
"""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from authoring.course import Assignment, AssignmentKind, Course
from authoring.errors import CoursewrightError
from release.publication_check import problems_in, secrets_of

MANIFEST = "manifest.json"


class PublicationError(CoursewrightError):
    """Nothing was published.

    Attributes:
        assignment: which one is the reason, or empty.
    """

    def __init__(self, where: str, message: str, assignment: str = "") -> None:
        super().__init__(f"{where}: {message}")
        self.assignment = assignment


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One state in which an assignment was public."""

    number: int  # from 1
    at: datetime
    files: dict[str, str]  # path below the assignment's folder -> "sha256:…"
    note: str = ""  # why it was corrected


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """One assignment's history; the last version is what is out."""

    title: str
    released_at: datetime
    versions: tuple[Version, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a publication holds."""

    schema: int = 1
    course: str
    run: str
    assignments: dict[str, Published]


@dataclass(frozen=True)
class Publication:
    """What a call of :func:`publish` did."""

    destination: Path
    manifest: Manifest
    new: tuple[str, ...]  # assignments that went out for the first time
    corrected: tuple[str, ...]
    unchanged: tuple[str, ...]


def due(course: Course, at: datetime) -> tuple[Assignment, ...]:
    """The assignments that learners may see at that moment; exams are none of them."""
    if at.tzinfo is None:
        raise PublicationError(at.isoformat(), "the time has no offset: give one, such as Z.")
    return tuple(
        each for each in course.assignments if each.kind is not AssignmentKind.EXAM and course.released_at(each) <= at
    )


def publish(root: Path, course: Course, *, at: datetime, destination: Path, note: str = "") -> Publication:
    """Put out what is due by ``at``.

    Args:
        root: the course folder, with the student versions that ``coursewright build`` made.
        course: the run.
        at: the moment that counts, with its offset.
        destination: the folder to publish to.
        note: why something that is out already was corrected; needed if anything was.

    Raises:
        PublicationError: a student version is missing, holds what learners must not see, or was changed without a
            note, or the folder is another run's. Nothing is published then.
    """
    from authoring import nbgrader_api

    layout = nbgrader_api.open_course(root)
    before = read_manifest(destination, course)
    destination.mkdir(parents=True, exist_ok=True)
    staged: dict[str, Version] = {}
    unchanged = []
    try:
        for assignment in due(course, at):
            folder = _stage(layout.release(assignment.id), destination, assignment.id)
            _check(folder, layout.source(assignment.id), assignment.id)
            if version := _next_version(before, assignment.id, _hashes(folder), at, note):
                staged[assignment.id] = version
            else:
                unchanged.append(assignment.id)
                if not (destination / assignment.id).is_dir():
                    _put(folder, destination / assignment.id)  # somebody deleted it
        return _put_out(destination, before, course, staged, tuple(unchanged))
    finally:
        for leftover in destination.glob(".*.new"):
            shutil.rmtree(leftover, ignore_errors=True)


def read_manifest(destination: Path, course: Course) -> Manifest:
    """The manifest of what is out; an empty one if nothing is.

    Raises:
        PublicationError: it cannot be read, or is that of another course or run.
    """
    path = destination / MANIFEST
    if not path.exists():
        return Manifest(course=course.id, run=course.run, assignments={})
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise PublicationError(str(path), f"this is not a manifest ({error}): publish to an empty folder.") from error
    if (manifest.course, manifest.run) != (course.id, course.run):
        what = f"{manifest.course} ({manifest.run})"
        raise PublicationError(str(path), f"the folder holds {what}: publish {course.id} ({course.run}) elsewhere.")
    return manifest


def problems(destination: Path, course: Course, *, at: datetime) -> tuple[str, ...]:
    """What is wrong with a publication as it lies there: too early, not as in the manifest, or not for learners."""
    manifest = read_manifest(destination, course)
    known = {each.id for each in due(course, at)}
    present = {path.name for path in destination.iterdir()} - {MANIFEST}
    found = [f"{name} is out too early, or is no assignment of the course" for name in sorted(present - known)]
    found += [
        f"{name} is in the manifest, but its files are not there" for name in manifest.assignments.keys() - present
    ]
    for name in sorted(present & known):
        found += problems_in(destination / name, ())
        published = manifest.assignments.get(name)
        if published is None or published.versions[-1].files != _hashes(destination / name):
            found.append(f"{name} is not as the manifest has it")
    return tuple(found)


def _stage(source: Path, destination: Path, assignment: str) -> Path:
    """A copy beside where it will be; links are copied as links, for the check to find."""
    if not source.is_dir():
        raise PublicationError(
            str(source), f"the student version of {assignment} is missing: run coursewright build.", assignment
        )
    folder = destination / f".{assignment}.new"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, symlinks=True)
    return folder


def _check(folder: Path, source: Path, assignment: str) -> None:
    found = list(problems_in(folder, secrets_of(source)))
    if found:
        first = found[0].replace(folder.name, assignment, 1)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise PublicationError(first, f"learners must not get this{more}: mend the source and build again.", assignment)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _next_version(
    manifest: Manifest, assignment: str, files: Mapping[str, str], at: datetime, note: str
) -> Version | None:
    """The version that these files are, or None if they are out already."""
    out = manifest.assignments.get(assignment)
    if out is None:
        return Version(number=1, at=at.astimezone(UTC), files=dict(files))
    if out.versions[-1].files == files:
        return None
    if not note.strip():
        raise PublicationError(assignment, "it was changed since it went out: say why with a note.", assignment)
    return Version(number=out.versions[-1].number + 1, at=at.astimezone(UTC), files=dict(files), note=note)


def _put_out(
    destination: Path, before: Manifest, course: Course, staged: Mapping[str, Version], unchanged: tuple[str, ...]
) -> Publication:
    assignments = dict(before.assignments)
    for name, version in staged.items():
        _put(destination / f".{name}.new", destination / name)
        earlier = before.assignments[name].versions if name in before.assignments else ()
        assignment = course.assignment(name)
        assignments[name] = Published(
            title=assignment.title,
            released_at=course.released_at(assignment).astimezone(UTC),
            versions=(*earlier, version),
        )
    manifest = msgspec.structs.replace(before, assignments=dict(sorted(assignments.items())))
    if staged:
        _write(destination / MANIFEST, manifest)
    new = tuple(name for name in staged if name not in before.assignments)
    corrected = tuple(name for name in staged if name in before.assignments)
    return Publication(destination, manifest, new, corrected, unchanged)


def _put(folder: Path, place: Path) -> None:
    """Put a finished folder where an older one may be; what learners find is always whole."""
    old = place.with_name(f".{place.name}.old.new")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    folder.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _write(path: Path, manifest: Manifest) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1) + b"\n")
    temporary.replace(path)
