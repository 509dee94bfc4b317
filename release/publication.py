"""Weekly publication: what is due by a moment goes out, whole, once, and no more than that.

A publication is a folder, or a zip of it, or a course's part of nbgrader's exchange, with one folder for each
assignment and a manifest, which names every file with its hash. It changes as a whole, or not at all. Published again,
what is out and unchanged stays untouched; what was corrected becomes a new version with a note. Exams never go out this
way.
"""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from authoring.course import Assignment, AssignmentKind, Course
from release.publication_check import problems_in, secrets_of
from release.publication_place import Place, PublicationError

MANIFEST = "manifest.json"


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


def exchange_place(root: Path) -> Place:
    """The course's part of nbgrader's exchange, where learners fetch assignments."""
    from authoring import nbgrader_api

    layout = nbgrader_api.open_course(root)
    return Place(layout.exchange / layout.course_id / "outbound", exchange=True, group_shared=layout.group_shared)


def publish(root: Path, course: Course, *, at: datetime, destination: Path | Place, note: str = "") -> Publication:
    """Put out what is due by ``at``.

    Args:
        root: the course folder, with the student versions that ``coursewright build`` made.
        course: the run.
        at: the moment that counts, with its offset.
        destination: the folder to publish to, a path that ends in ``.zip``, or :func:`exchange_place`.
        note: why something that is out already was corrected; needed if anything was.

    Raises:
        PublicationError: a student version is missing, holds what learners must not see, or was changed without a
            note, or the folder is another run's. Nothing is published then.
    """
    from authoring import nbgrader_api

    place = destination if isinstance(destination, Place) else Place(destination)
    layout, wanted = nbgrader_api.open_course(root), due(course, at)
    with place.alone():
        folder = place.copy()
        before = read_manifest(folder, course, place.manifest)
        assignments, states = dict(before.assignments), {}
        restored = False
        for assignment in wanted:
            name, source = assignment.id, layout.release(assignment.id)
            _check(source, layout.source(name), name)
            version = _next_version(before, name, _hashes(source), at, note)
            states[name] = "unchanged" if version is None else "corrected" if name in assignments else "new"
            if version is not None:
                assignments[name] = _published(course, assignment, assignments.get(name), version)
            elif _hashes(folder / name) == assignments[name].versions[-1].files:
                continue
            restored = restored or version is None  # somebody deleted or changed it
            shutil.rmtree(folder / name, ignore_errors=True)
            shutil.copytree(source, folder / name, symlinks=True)
            if _hashes(folder / name) != assignments[name].versions[-1].files:
                raise PublicationError(name, "somebody builds it at this moment: publish again.", name)
        manifest = msgspec.structs.replace(before, assignments=dict(sorted(assignments.items())))
        if manifest != before or restored:
            _write(folder / place.manifest, manifest)
            place.put_out()
    new, corrected, unchanged = (
        tuple(name for name, state in states.items() if state == wanted_state)
        for wanted_state in ("new", "corrected", "unchanged")
    )
    return Publication(place.path, manifest, new, corrected, unchanged)


def read_manifest(folder: Path, course: Course, name: str = MANIFEST) -> Manifest:
    """The manifest of what is out; an empty one if nothing is.

    Raises:
        PublicationError: it cannot be read, or is that of another course or run.
    """
    path = folder / name
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


def problems(
    destination: Path | Place, course: Course, *, at: datetime, sources: Path | None = None
) -> tuple[str, ...]:
    """What is wrong with a publication as it lies there: too early, not as in the manifest, or not for learners.

    Args:
        destination: as :func:`publish` has it.
        course: the run.
        at: by when it may be out.
        sources: the folder of the author's assignments, whose solutions must not be in it.
    """
    place = destination if isinstance(destination, Place) else Place(destination)
    known = {each.id for each in due(course, at)}
    with place.opened() as folder:
        manifest = read_manifest(folder, course, place.manifest)
        present = {path.name for path in folder.iterdir()} - {place.manifest} if folder.is_dir() else set()
        found = [f"{name} is out too early, or is no assignment of the course" for name in sorted(present - known)]
        found += [
            f"{name} is in the manifest, but its files are not there" for name in manifest.assignments.keys() - present
        ]
        for name in sorted(present & known):
            found += problems_in(folder / name, secrets_of(sources / name) if sources else ())
            published = manifest.assignments.get(name)
            if published is None or published.versions[-1].files != _hashes(folder / name):
                found.append(f"{name} is not as the manifest has it")
    return tuple(found)


def _check(folder: Path, source: Path, assignment: str) -> None:
    if not folder.is_dir():
        raise PublicationError(
            str(folder), f"the student version of {assignment} is missing: run coursewright build.", assignment
        )
    found = list(problems_in(folder, secrets_of(source)))
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise PublicationError(
            found[0], f"learners must not get this{more}: mend the source and build again.", assignment
        )


def _published(course: Course, assignment: Assignment, earlier: Published | None, version: Version) -> Published:
    return Published(
        title=assignment.title,
        released_at=course.released_at(assignment).astimezone(UTC),
        versions=(*(earlier.versions if earlier else ()), version),
    )


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


def _write(path: Path, manifest: Manifest) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1) + b"\n")
    temporary.replace(path)
