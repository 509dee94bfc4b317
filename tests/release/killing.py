"""Kills a process right before each of its writes in turn, as the kernel counts them (seccomp's user notifications)."""

import fcntl
import os
import select
import signal
import socket
import struct
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pyseccomp

_WRITES = (
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "ftruncate",
    "fallocate",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "copy_file_range",
    "sendfile",
    "utimensat",
)
_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_RECV and _SEND
_NOTIFICATION, _ANSWER = struct.Struct("=QII64x"), struct.Struct("=QqiI")
_GO_ON = 1  # SECCOMP_USER_NOTIF_FLAG_CONTINUE


def killed_before_each_write(prepare: Callable[[], Callable[[], None]]) -> Iterator[bool]:
    """Run a piece of work again and again, in a process of its own that is killed one write later each time.

    Args:
        prepare: sets the scene, and gives the work to do in it.

    Yields:
        Whether the work was killed, after each time; the last time it was not, for it had fewer writes.
    """
    allowed, killed = 0, True
    while killed:
        killed = _killed(prepare(), allowed)
        yield killed
        allowed += 1


def _killed(work: Callable[[], None], allowed: int) -> bool:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = os.fork()
        if not child:
            _watched(work, theirs)
        theirs.close()
        _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        if descriptors:
            _let_through(child, descriptors[0], allowed)
            os.close(descriptors[0])
        _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the work failed"
    return False


def _watched(work: Callable[[], None], tell: socket.socket) -> None:
    status = 1
    try:
        watch = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        for name in _WRITES:
            watch.add_rule(pyseccomp.NOTIFY, name)
        watch.load()
        socket.send_fds(tell, [b"."], [_listener()])
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def _listener() -> int:
    """The descriptor at which the kernel tells of this process's writes."""
    for each in sorted(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):  # the descriptor with which the folder was read
            if "seccomp notify" in str(each.readlink()):
                return int(each.name)
    raise AssertionError("there is no listener")


def _let_through(child: int, listener: int, allowed: int) -> None:
    """Let so many writes happen, and kill whoever wants to do one more."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while True:
        ((_, events),) = poll.poll()
        if not events & select.POLLIN:
            return  # it has ended
        buffer = bytearray(_NOTIFICATION.size)
        fcntl.ioctl(listener, _RECEIVE, buffer)
        if allowed == 0:
            os.kill(child, signal.SIGKILL)
            return
        allowed -= 1
        which, _, _ = _NOTIFICATION.unpack(buffer)
        fcntl.ioctl(listener, _SEND, _ANSWER.pack(which, 0, 0, _GO_ON))
