"""Zip files from strangers, and zip files of our own that are the same bytes every time.

Nothing in an archive is ever written to disk: members are read into memory, by names that are only compared.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from exam_bank.interchange.exchanged import MAX_FILE
from exam_bank.strict import SourceError

MAX_MEMBERS = 2_000
MAX_TOTAL = 128 * 1024 * 1024  # bytes, unpacked
MAX_RATIO = 200  # unpacked to packed, above a megabyte
_FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a zip file can name


class Archive:
    """The members of a zip file that were found sound, read when they are asked for."""

    def __init__(self, data: bytes, *, file: str, largest: int = MAX_FILE) -> None:
        """Checks every name and size before anything is unpacked.

        Args:
            data: the whole file.
            file: how errors call it.
            largest: how many bytes it may have, and each member of it.

        Raises:
            SourceError: this is no zip file, or one that nobody would make honestly.
        """
        self._file, self._largest = file, largest
        if len(data) > largest:
            raise SourceError(file, "", f"the file is larger than {largest >> 20} MiB; split it")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SourceError(file, "", "this is not a zip file; export it anew") from error
        members = self._zip.infolist()
        total = max(MAX_TOTAL, largest)
        if len(members) > MAX_MEMBERS or sum(each.file_size for each in members) > total:
            raise SourceError(file, "", f"it unpacks to more than {MAX_MEMBERS:,} files or {total >> 20} MiB")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            self._check(member)
            if not member.is_dir():
                if member.filename in self._members:
                    raise SourceError(file, member.filename, "the name is there twice; export it anew")
                self._members[member.filename] = member

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files in it, in their order."""
        return tuple(self._members)

    def read(self, name: str) -> bytes:
        """A member, by its name as it stands in the archive.

        Raises:
            SourceError: there is none, or it is damaged or larger than it says.
        """
        member = self._members.get(name)
        if member is None:
            raise SourceError(self._file, name, "there is no such file in the archive; export it anew")
        try:
            with self._zip.open(member) as handle:
                data = handle.read(min(member.file_size, self._largest) + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise SourceError(self._file, name, "it cannot be unpacked; export it anew") from error
        if len(data) > min(member.file_size, self._largest):
            raise SourceError(self._file, name, "it is larger than the archive says or than is read")
        return data

    def _check(self, member: zipfile.ZipInfo) -> None:
        name, mode = member.filename, member.external_attr >> 16
        shown = name[:200]
        parts = PurePosixPath(name).parts
        if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or not name.strip("/. "):
            raise SourceError(self._file, shown, "a name in the archive leads out of it; nothing of it is read")
        if any(ord(letter) < 32 for letter in name) or len(name) > 500:
            raise SourceError(self._file, shown, "a name in the archive is not one that people use")
        if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise SourceError(self._file, shown, "the archive holds a link or a device; nothing of it is read")
        if member.flag_bits & 1:
            raise SourceError(self._file, shown, "the archive is encrypted; export it without a password")
        if member.file_size > 1024 * 1024 and member.file_size > MAX_RATIO * max(1, member.compress_size):
            raise SourceError(self._file, shown, f"it unpacks to more than {MAX_RATIO} times its size")


def zipped(members: Mapping[str, str]) -> bytes:
    """A zip file of texts; the same texts give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name, date_time=_FIRST)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.encode("utf-8"))
    return out.getvalue()
