"""User ids for the processes of jobs, each for one process at a time on the whole machine.

The kernel counts processes by their user, so two graders that took the same ids could use up each other's limits. A
grader therefore claims a block of ids, by a socket whose name only one process can have and which the kernel gives up
with it; when all ids of its blocks are in use it claims another one.
"""

import os
import socket
from pathlib import Path

from autograder.engine import linux

FIRST = 60_000
_NETWORK = Path("/proc/self/ns/net")
_BLOCKS, _IDS = 100, 50  # up to 64,999: where ids are mapped, as in containers, there are 65,536 of them


class Users:
    """Those of one warm process, which has to be root."""

    def __init__(self) -> None:
        self._claims: list[socket.socket] = []
        self._network = os.open(_NETWORK, os.O_RDONLY)  # where all graders see each other's names
        self._free: list[int] = []
        self._used: dict[int, int] = {}  # by process id
        self._claim()

    def take(self) -> int:
        """An id that no other process has; give it to a process with :meth:`lend`.

        Raises:
            OSError: graders on this machine use all that there are.
        """
        if not self._free:
            self._claim()
        return self._free[0]

    def lend(self, process: int) -> None:
        """A process was forked that becomes the user that was taken last."""
        self._used[process] = self._free.pop(0)

    def give_back(self, process: int) -> None:
        """A process, and all that it started, have ended."""
        if process in self._used:
            self._free.append(self._used.pop(process))

    def close(self) -> None:
        """Forget all of them, in a child that is one of these users."""
        os.close(self._network)
        for claim in self._claims:
            claim.close()

    def _claim(self) -> None:
        if not os.path.samestat(_NETWORK.stat(), os.fstat(self._network)):
            linux.set_namespace(self._network, linux.CLONE_NEWNET)
        for block in range(_BLOCKS):
            claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                claim.bind(f"\0coursewright users {block}")
            except OSError:  # another grader's
                claim.close()
                continue
            self._claims.append(claim)
            self._free += range(FIRST + block * _IDS, FIRST + (block + 1) * _IDS)
            return
        raise OSError(f"the graders on this machine use all {_BLOCKS * _IDS} user ids from {FIRST} on")
