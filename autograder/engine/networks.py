"""Network namespaces with nothing in them, each for one process at a time.

Making one and tearing it down takes longer than all other namespaces of a process together, so those of processes that
have ended are used again. Nothing of a process is left in them by then: it took everything that it started along, its
sockets are closed, and it had no right to change anything of the network.
"""

import fcntl
import os
import socket

from autograder.engine import linux

_SIOCGSKNS = 0x894C  # a descriptor of the network namespace of a socket


class Networks:
    """Those of one warm process, which has to be root and alone in its thread."""

    def __init__(self) -> None:
        self._free: list[int] = []  # descriptors
        self._used: dict[int, int] = {}  # by process id

    def enter(self) -> int:
        """Put this process into one that no other process is in; give its descriptor.

        Raises:
            OSError: the kernel does not allow it.
        """
        if self._free:
            linux.set_namespace(self._free[-1], linux.CLONE_NEWNET)
            return self._free.pop()
        linux.unshare(linux.CLONE_NEWNET)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            return fcntl.ioctl(any_socket, _SIOCGSKNS)

    def lend(self, network: int, process: int) -> None:
        """A process was forked into this one."""
        self._used[process] = network

    def give_back(self, process: int) -> None:
        """A process, and all that it started, have ended."""
        if process in self._used:
            self._free.append(self._used.pop(process))

    def close(self) -> None:
        """Forget all of them, in a child that has nothing to do with them."""
        for network in (*self._free, *self._used.values()):
            os.close(network)
