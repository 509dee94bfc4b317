"""Folder, zip and nbgrader's exchange: the old or the new, never half, and once however many publish."""

import contextlib
import hashlib
import os
import shutil
import stat
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import default
from traitlets.config.loader import PyFileConfigLoader

from release.publication import PublicationError, due, exchange_place, problems, publish
from release.publication_place import Place
from tests.release.conftest import make_course
from tests.release.killing import killed_before_each_write
from tests.release.test_publication import FIRST, SECOND, SOURCE, cell, files, notebook, out, put, root

pytestmark = pytest.mark.integration

__all__ = ["out", "root"]  # fixtures


# Zip


def test_a_zip_holds_what_the_folder_holds_and_is_the_same_bytes_each_time(root, out, course, tmp_path):
    publish(root, course, at=FIRST, destination=out)
    places = [tmp_path / name / "course.zip" for name in ("one", "two")]
    for place in places:
        publish(root, course, at=FIRST, destination=place)
        for path in (root / "release").rglob("*"):
            os.utime(path, (0, 0))
    assert places[0].read_bytes() == places[1].read_bytes()
    with zipfile.ZipFile(places[0]) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == files(out)
    assert problems(places[0], course, at=FIRST) == ()


def test_a_zip_is_corrected_with_a_note_and_untouched_otherwise(root, course, tmp_path):
    place = tmp_path / "course.zip"
    publish(root, course, at=FIRST, destination=place)
    before = place.stat()
    publish(root, course, at=FIRST, destination=place)
    assert (place.stat().st_ino, place.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    put(root, "data.csv", "reading\n1.6\n")
    with pytest.raises(PublicationError, match="say why with a note"):
        publish(root, course, at=FIRST, destination=place)
    made = publish(root, course, at=FIRST, destination=place, note="a reading was wrong")
    assert made.corrected == ("week01-lesson",)
    assert problems(place, course, at=FIRST) == ()


def test_the_check_reads_what_is_in_a_zip(root, course, tmp_path):
    place = tmp_path / "course.zip"
    publish(root, course, at=FIRST, destination=place)
    with zipfile.ZipFile(place, "a") as packed:
        packed.writestr("week02-problem-set/work.ipynb", notebook())
        packed.writestr("week01-lesson/more.ipynb", notebook(cell(SOURCE.replace("###", "#"))))
    found = problems(place, course, at=FIRST, sources=root / "source")
    assert "week02-problem-set is out too early, or is no assignment of the course" in found
    assert any("a solution of the source is in it" in each for each in found)
    place.write_bytes(b"no zip")
    with pytest.raises(PublicationError, match="cannot be read"):
        problems(place, course, at=FIRST)


# The hours that clocks skip and repeat


@pytest.mark.parametrize(
    ("opens", "moment"),
    [
        (datetime(2026, 3, 8, 2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),  # this hour is skipped in New York
        (datetime(2026, 11, 1, 1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # this one comes twice: the first
    ],
)
def test_a_week_that_opens_while_the_clocks_change_opens_once(opens, moment):
    course = make_course(ends=date(2026, 12, 1))
    course = msgspec.structs.replace(course, weeks=(msgspec.structs.replace(course.weeks[0], opens=opens),))
    assert due(course, moment - timedelta(seconds=1)) == ()
    assert len(due(course, moment)) == 2
    assert len(due(course, moment + timedelta(hours=1))) == 2


# The exchange


@pytest.fixture
def exchange(root, tmp_path) -> Path:
    """The root of an exchange that the course is set to."""
    folder = tmp_path / "exchange"
    settings = f"c = get_config()\nc.CourseDirectory.course_id = 'mpc'\nc.Exchange.root = {str(folder)!r}\n"
    (root / "nbgrader_config.py").write_text(settings)
    return folder


def modes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): oct(stat.S_IMODE(path.stat().st_mode))
        for path in (folder, *folder.rglob("*"))
        if path.name != ".manifest.json"
    }


def nbgrader(job: str, root: Path, name: str = "", **more: object) -> Any:
    """One of nbgrader's own jobs of the exchange, in a folder, with the settings there."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    directory = CourseDirectory(config=config, root=str(root), assignment_id=name)
    with contextlib.chdir(root):
        return getattr(default, job)(coursedir=directory, authenticator=Authenticator(), config=config, **more).start()


@pytest.mark.integration
def test_nbgrader_lists_and_fetches_what_is_in_the_exchange(root, exchange, course, tmp_path):
    publish(root, course, at=FIRST, destination=exchange_place(root))
    learner = tmp_path / "home"
    learner.mkdir()
    shutil.copy(root / "nbgrader_config.py", learner)
    listed = nbgrader("ExchangeList", learner)
    assert [(each["assignment_id"], each["status"]) for each in listed] == [
        ("week01-lesson", "released"),
        ("week01-problem-set", "released"),
    ]
    nbgrader("ExchangeFetchAssignment", learner, "week01-lesson")
    assert files(learner / "week01-lesson") == files(root / "release" / "week01-lesson")


@pytest.mark.integration
@pytest.mark.parametrize("shared", [False, True])
def test_the_exchange_is_as_nbgrader_leaves_it(root, exchange, course, tmp_path, shared):
    if shared:
        with (root / "nbgrader_config.py").open("a") as config:
            config.write("c.CourseDirectory.groupshared = True\n")
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    for name in ("week01-lesson", "week01-problem-set"):
        nbgrader("ExchangeReleaseAssignment", root, name)
    theirs = modes(exchange)
    shutil.rmtree(exchange / "mpc")
    publish(root, course, at=FIRST, destination=exchange_place(root))
    assert modes(exchange) == theirs


def test_what_others_put_into_the_exchange_stays(root, exchange, course):
    place = exchange_place(root)
    (place.path / "extra").mkdir(parents=True)
    (place.path / "extra" / "a.ipynb").write_text("{}")
    publish(root, course, at=FIRST, destination=place)
    assert (place.path / "extra" / "a.ipynb").read_text() == "{}"
    assert "extra is out too early, or is no assignment of the course" in problems(place, course, at=FIRST)


# Killed, and two at once


def state(place: Place) -> str:
    """What is out, in a word."""
    with place.opened() as folder:
        return hashlib.sha256(repr(sorted(files(folder).items())).encode()).hexdigest()


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["folder", "zip", "exchange"])
def test_a_publication_that_is_killed_before_any_of_its_writes_leaves_the_old_or_the_new(
    root, exchange, course, tmp_path, kind
):
    place = exchange_place(root) if kind == "exchange" else Place(tmp_path / ("a.zip" if kind == "zip" else "a") / "p")
    if kind == "zip":
        place = Place(tmp_path / "a" / "p.zip")
    publish(root, course, at=FIRST, destination=place)
    old = state(place)
    kept = tmp_path / "kept"
    shutil.copytree(place.path.parent, kept, symlinks=True)
    put(root, "data.csv", "reading\n1.6\n")

    def correct() -> None:
        publish(root, course, at=SECOND, destination=place, note="a reading was wrong")

    def prepare():
        shutil.rmtree(place.path.parent)
        shutil.copytree(kept, place.path.parent, symlinks=True)
        return correct

    seen = [state(place) for _ in killed_before_each_write(prepare)]
    new = seen[-1]
    assert new != old
    assert seen == [old] * seen.count(old) + [new] * seen.count(new)
    assert min(seen.count(old), seen.count(new)) >= 1
    correct()
    assert (state(place), problems(place, course, at=SECOND)) == (new, ())
    assert [path.name for path in place.path.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.integration
def test_two_at_once_publish_once(root, out, course):
    put(root, "data.csv", "reading\n1.6\n")
    children = []
    for _ in range(4):
        child = os.fork()
        if not child:
            try:
                publish(root, course, at=SECOND, destination=out)
            except BaseException:  # noqa: BLE001  # whatever it is, the child ends here
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    assert problems(out, course, at=SECOND) == ()
    assert {
        len(each.versions) for each in publish(root, course, at=SECOND, destination=out).manifest.assignments.values()
    } == {1}
