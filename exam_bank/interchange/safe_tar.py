"""Tar.gz files: read from strangers within the bounds of :mod:`~exam_bank.interchange.safe_zip`, and written."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from exam_bank.interchange.exchanged import MAX_FILE
from exam_bank.interchange.safe_zip import MAX_MEMBERS, MAX_TOTAL
from exam_bank.strict import SourceError


def members(data: bytes, *, file: str) -> dict[str, bytes]:
    """The files in the archive by name, read into memory.

    Raises:
        SourceError: this is no tar.gz file, or one that nobody would make honestly.
    """
    if len(data) > MAX_FILE:
        raise SourceError(file, "", f"the file is larger than {MAX_FILE // 1024 // 1024} MiB; split it")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            unpacked = stream.read(MAX_TOTAL + 1)
        if len(unpacked) > MAX_TOTAL:
            raise SourceError(file, "", f"it unpacks to more than {MAX_TOTAL >> 20} MiB")
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
            return _read(archive, file)
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise SourceError(file, "", "this is not a tar.gz file; export it anew") from error


def _read(archive: tarfile.TarFile, file: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number, member in enumerate(archive, 1):
        name = member.name.removeprefix("./")
        if number > MAX_MEMBERS:
            raise SourceError(file, "", f"it has more than {MAX_MEMBERS:,} files")
        if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts or len(name) > 500:
            raise SourceError(file, name[:200], "a name in the archive leads out of it; nothing of it is read")
        if not (member.isfile() or member.isdir()):
            raise SourceError(file, name[:200], "the archive holds a link or a device; nothing of it is read")
        handle = archive.extractfile(member) if member.isfile() else None
        if handle is not None:
            found[name] = handle.read(MAX_FILE)
    return found


def tarred(texts: Mapping[str, str]) -> bytes:
    """A tar.gz file of texts; the same texts give the same bytes."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, text in texts.items():
            data = text.encode("utf-8")
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=0)
