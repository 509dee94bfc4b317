"""A Dask scheduler and workers as processes of their own, started with Dask's own command, that talk over TCP."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_QUIET = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false"}


class Dask:
    """A running cluster."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        command = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        self.scheduler = self._start(*command, "--scheduler-file", self._file)
        self.address = wait_for(self._address, "the scheduler says where it is")
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start one with one thread; it joins on its own."""
        command = ["worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        command += ["--preload", "autograder.cluster.worker"]
        self.workers.append(self._start(*command, "--local-directory", self._folder, **environment))
        return self.workers[-1]

    def stop(self) -> None:
        """End everything that still runs."""
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, *command: object, **environment: str) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{len(self._processes)}.log").open("wb")
        self._processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "dask", *map(str, command)],
                env={**os.environ, **_QUIET, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )
        )
        return self._processes[-1]

    def _address(self) -> str:
        import json

        try:
            return str(json.loads(self._file.read_text())["address"])
        except (OSError, ValueError, KeyError):
            return ""


def wait_for(found: Callable[[], str], what: str, seconds: float = 60) -> str:
    """What ``found`` gives as soon as it is not empty."""
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, f"it takes too long until {what}"
        time.sleep(0.02)
    return value


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Dask]:
    """A cluster with so many workers, which is gone at the end."""
    dask = Dask(folder)
    try:
        for _ in range(workers):
            dask.add_worker()
        yield dask
    finally:
        dask.stop()


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process as a power failure does."""
    process.send_signal(signal.SIGKILL)
    process.wait()
