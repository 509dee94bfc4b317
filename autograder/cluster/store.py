"""How bytes get from one machine to the other: in Dask's own messages, or as files in a store that all can reach."""

import contextlib
import hashlib
import uuid
from dataclasses import dataclass
from typing import Protocol

from authoring.errors import CoursewrightError


class Carrier(Protocol):
    """Takes bytes on one side, and gives them on the other for the token that it returned."""

    def put(self, data: bytes) -> bytes:
        """Leave bytes; the token for them."""

    def get(self, token: bytes) -> bytes:
        """The bytes that a token is for."""

    def forget(self, token: bytes) -> None:
        """The bytes are not needed any more."""


class InMessages:
    """The token is the bytes themselves."""

    def put(self, data: bytes) -> bytes:
        """The bytes."""
        return data

    def get(self, token: bytes) -> bytes:
        """The bytes."""
        return token

    def forget(self, token: bytes) -> None:
        """Nothing is kept anywhere."""


@dataclass(frozen=True)
class Store:
    """A folder by fsspec URL. Files are named by the hash of what is in them, and checked when they are read."""

    url: str

    def put(self, data: bytes) -> bytes:
        """Write a file; its name.

        Raises:
            CoursewrightError: the store cannot be written.
        """
        name = hashlib.sha256(data).hexdigest()
        with _explained(self.url, "written"):
            system, path = self._open(name)
            system.makedirs(path.rpartition("/")[0], exist_ok=True)
            system.pipe_file(path, data)
        return name.encode()

    def get(self, token: bytes) -> bytes:
        """Read a file.

        Raises:
            CoursewrightError: it cannot be read, or is another than was written.
        """
        with _explained(self.url, "read"):
            system, path = self._open(token.decode())
            data: bytes = system.cat_file(path)
        if hashlib.sha256(data).hexdigest().encode() != token:
            raise CoursewrightError(f"{self.url}/{token.decode()} was changed: start the batch again.")
        return data

    def forget(self, token: bytes) -> None:
        """Remove a file; one that is gone already is no matter."""
        with contextlib.suppress(FileNotFoundError), _explained(self.url, "written"):
            system, path = self._open(token.decode())
            system.rm_file(path)

    def clear(self) -> None:
        """Remove the folder and what workers that were given up have left in it."""
        with contextlib.suppress(FileNotFoundError), _explained(self.url, "written"):
            system, path = self._open("")
            system.rm(path.rstrip("/"), recursive=True)

    def _open(self, name: str) -> tuple["_FileSystem", str]:
        import fsspec

        system, path = fsspec.core.url_to_fs(f"{self.url}/{name}")
        return system, path


class _FileSystem(Protocol):
    """What we need of fsspec's file systems."""

    def makedirs(self, path: str, exist_ok: bool) -> None: ...
    def pipe_file(self, path: str, value: bytes) -> None: ...
    def cat_file(self, path: str) -> bytes: ...
    def rm_file(self, path: str) -> None: ...
    def rm(self, path: str, recursive: bool) -> None: ...


class _explained(contextlib.AbstractContextManager[None]):  # noqa: N801 - used like a function
    """Turns what a file system raises into an error for people; a file that is not there stays what it is."""

    def __init__(self, url: str, what: str) -> None:
        self._url = url
        self._what = what

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, FileNotFoundError):
            raise CoursewrightError(
                f"{self._url} cannot be {self._what} ({type(error).__name__}: {error}): give --store a folder that "
                "this machine and the workers can reach, and install what fsspec needs for it."
            ) from error


def carrier(url: str) -> Carrier:
    """Dask's messages for "", the store otherwise."""
    return Store(url) if url else InMessages()


def own_folder(url: str) -> str:
    """A folder of its own for a batch in the store."""
    return f"{url.rstrip('/')}/coursewright-{uuid.uuid4().hex}" if url else ""
