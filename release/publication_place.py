"""Where a publication lies (a folder, a zip, nbgrader's exchange), changed as a whole: what is found is old or new.

A new state is made beside the old one and takes its place in one step of the file system; whoever is killed before
leaves the old state, after it the new one, and what is left over is removed the next time. Who publishes to the same
place at the same time waits.
"""

import ctypes
import errno
import fcntl
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from authoring.errors import CoursewrightError

_AT_FDCWD, _EXCHANGE = -100, 2  # of renameat2
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same in every zip, so that its bytes tell of its files alone


class PublicationError(CoursewrightError):
    """Nothing was published.

    Attributes:
        assignment: which one is the reason, or empty.
    """

    def __init__(self, where: str, message: str, assignment: str = "") -> None:
        super().__init__(f"{where}: {message}")
        self.assignment = assignment


@dataclass(frozen=True)
class Place:
    """A folder, or a zip by its name; in nbgrader's exchange a folder with the rights that nbgrader gives."""

    path: Path
    exchange: bool = False
    group_shared: bool = False  # instructors share the exchange by their group

    @property
    def zipped(self) -> bool:
        """Whether it is a zip."""
        return not self.exchange and self.path.suffix == ".zip"

    @property
    def manifest(self) -> str:
        """The manifest's name; hidden in the exchange, where everything else is an assignment."""
        return ".manifest.json" if self.exchange else "manifest.json"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody else publishes beside it."""
        if self.exchange:
            self._make_exchange()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            shutil.rmtree(self._new, ignore_errors=True)
            yield
        finally:
            shutil.rmtree(self._new, ignore_errors=True)
            os.close(folder)

    def copy(self) -> Path:
        """What is out, in a folder beside it that may be changed; files must be replaced there, not written into."""
        if self.zipped and self.path.exists():
            self.unpack(self._new)
        elif not self.zipped and self.path.is_dir():
            shutil.copytree(self.path, self._new, symlinks=True, copy_function=_link)
        else:
            self._new.mkdir()
        return self._new

    def put_out(self) -> None:
        """Let the copy take the place of what is out."""
        if self.exchange:
            self._give_rights()
        if self.zipped:
            packed = self.path.with_name(f".{self.path.name}.tmp")
            _pack(self._new, packed)
            packed.replace(self.path)
        elif self.path.exists():
            _exchange(self._new, self.path)
        else:
            self._new.rename(self.path)

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """The published files, as they are, in a folder to read."""
        if not self.zipped:
            yield self.path
            return
        with tempfile.TemporaryDirectory() as folder:
            if self.path.exists():
                self.unpack(Path(folder))
            yield Path(folder)

    def unpack(self, folder: Path) -> None:
        """Unpack the zip into a folder.

        Raises:
            PublicationError: it is no zip, or is damaged.
        """
        try:
            with zipfile.ZipFile(self.path) as packed:
                packed.extractall(folder)  # it keeps names inside the folder
        except (zipfile.BadZipFile, OSError) as error:
            raise PublicationError(str(self.path), f"this cannot be read ({error}): publish elsewhere.") from error

    @property
    def _new(self) -> Path:
        return self.path.with_name(f".{self.path.name}.new")

    def _make_exchange(self) -> None:
        """The folders of a course in the exchange, as ``nbgrader release_assignment`` makes them."""
        course = self.path.parent
        shared = 0o2020 if self.group_shared else 0
        inbound = 0o2733 | (0o040 if self.group_shared else 0)
        for folder, mode in ((course.parent, 0o777), (course, 0o755 | shared), (course / "inbound", inbound)):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                folder.chmod(mode)

    def _give_rights(self) -> None:
        files, folders = (0o664, 0o2775) if self.group_shared else (0o644, 0o755)
        for path in (self._new, *self._new.rglob("*")):
            wanted = folders if path.is_dir() else files
            if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) != wanted:
                path.chmod(wanted)


def _link(source: str, destination: str) -> None:
    try:
        os.link(source, destination, follow_symlinks=False)
    except OSError:  # the file system has no links, or the file is somebody else's
        shutil.copy2(source, destination, follow_symlinks=False)


def _pack(folder: Path, packed: Path) -> None:
    """A zip whose bytes depend on the names and the contents of the files alone; so nothing is compressed."""
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as into:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
                entry.external_attr, entry.create_system = 0o644 << 16, 3
                into.writestr(entry, path.read_bytes())
    with packed.open("rb") as written:
        os.fsync(written.fileno())


def _exchange(one: Path, other: Path) -> None:
    """Let two folders change places in one step.

    Raises:
        PublicationError: the file system cannot do that.
    """
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        failed = errno.ENOSYS
    elif call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0:
        return
    else:
        failed = ctypes.get_errno()
    raise PublicationError(
        str(other), f"what is out cannot be replaced in one step here ({os.strerror(failed)}): publish to a zip."
    )
