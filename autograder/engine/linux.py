"""The few system calls that Python 3.11 does not have."""

import ctypes
import os
import signal
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_LAST_CAPABILITY = 63
_CAPABILITY_VERSION_3 = 0x20080522

_MADV_COLLAPSE = 25
_LARGE_PAGE = 2 * 1024 * 1024

_SYS_CLONE3 = 435  # the same on every machine

_libc = ctypes.CDLL(None, use_errno=True)
_libc_with_gil = ctypes.PyDLL(None, use_errno=True)
_libc_with_gil.syscall.restype = ctypes.c_long


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CloneArguments(ctypes.Structure):
    """The first version of ``struct clone_args``: flags, and the signal that tells the parent of the end."""

    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in ("flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls")
    )


def fork_into(namespaces: int) -> int:
    """``os.fork()``, with the child in new namespaces; in a new pid namespace it is process 1, and all ends with it.

    ``unshare`` would need a second fork for that. Only for a process with one thread.

    Raises:
        OSError: the kernel does not allow it.
    """
    if namespaces == 0:  # some machines have no clone3
        return os.fork()
    arguments = _CloneArguments(flags=namespaces, exit_signal=signal.SIGCHLD)
    ctypes.pythonapi.PyOS_BeforeFork()
    child = int(_libc_with_gil.syscall(_SYS_CLONE3, ctypes.byref(arguments), ctypes.sizeof(arguments)))
    if child == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    number = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if child < 0:
        raise OSError(number, f"clone: {os.strerror(number)}")
    return child


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by the flags for new ones of this process (a pid namespace: of its next child)."""
    _checked(_libc.unshare(flags), "unshare")


def set_namespace(descriptor: int, kind: int) -> None:
    """Move this process into the namespace behind a descriptor, which is of this kind."""
    _checked(_libc.setns(descriptor, kind), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system, or change a mount; the arguments are those of the system call."""
    result = _libc.mount(
        source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), options.encode() or None
    )
    _checked(result, f"mount {kind or 'bind'} on {target}")


def detach(target: str) -> None:
    """Take a mount away as soon as nobody uses it."""
    _checked(_libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new_root: str) -> None:
    """Make ``new_root``, a mount, the root of this mount namespace, and let the old one go."""
    os.chdir(new_root)
    # the same folder twice stacks the old root on top of the new one, from where it is detached (pivot_root(2))
    _checked(_libc.pivot_root(b".", b"."), "pivot_root")
    detach(".")
    os.chdir("/")


def prctl(option: int, *arguments: int) -> None:
    """Change an attribute of this process; the arguments are those of the system call."""
    numbers = [ctypes.c_ulong(one) for one in (*arguments, 0, 0, 0, 0)[:4]]
    _checked(_libc.prctl(option, *numbers), f"prctl {option}")


def system_call(number: int, *arguments: object) -> int:
    """Make a system call that the C library has no function for.

    Raises:
        OSError: the kernel refuses.
    """
    result = int(_libc_with_gil.syscall(number, *arguments))
    _checked(min(result, 0), f"system call {number}")
    return result


def die_with_parent(signal_number: int) -> None:
    """Have the kernel send this signal to this process when its parent ends."""
    prctl(_PR_SET_PDEATHSIG, signal_number)


def use_large_pages() -> None:
    """Gather this process's memory in large pages, where the kernel can (6.1 and later); its forks then copy less."""
    with Path("/proc/self/maps").open() as maps:
        private = [line.split() for line in maps if " rw-p " in line]
    for fields in private:
        if fields[4] != "0":  # of a file
            continue
        start, end = (int(address, 16) for address in fields[0].split("-"))
        first, last = -(-start // _LARGE_PAGE) * _LARGE_PAGE, end // _LARGE_PAGE * _LARGE_PAGE
        if first < last:
            _libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _MADV_COLLAPSE)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def empty_bounding_set() -> None:
    """Let nothing that this process starts ever gain a capability; needs CAP_SETPCAP."""
    for capability in range(_LAST_CAPABILITY + 1):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one that this kernel knows


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    nothing = (ctypes.c_uint32 * 6)()
    _checked(
        _libc.capset(ctypes.byref(_CapabilityHeader(_CAPABILITY_VERSION_3, 0)), ctypes.byref(nothing)),
        "capset",
    )


def forbid_new_privileges() -> None:
    """Have the kernel ignore setuid bits and file capabilities from here on."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def forbid_tracing() -> None:
    """Keep other processes of the same user out of this one's memory."""
    prctl(_PR_SET_DUMPABLE, 0)
