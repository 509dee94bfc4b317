"""Which system calls a submission may make: all but those that no notebook needs and that attacks are made of.

The filter is compiled once, by libseccomp, in the warm process; a child only hands it to the kernel. What is refused
fails with ``EPERM``, so that a cell gets an exception rather than a signal. Calls of another architecture, whose
numbers mean something else, end the process.
"""

import ctypes
import errno
import platform
import struct
import tempfile
from collections.abc import Iterable
from typing import Any

from autograder.engine import linux

# Sorted by what they are for. Most of them would fail in the jail anyway, for want of a privilege: that they are
# refused here keeps their code in the kernel, with the mistakes that may be in it, out of reach.
_TRACING = ("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "perf_event_open", "lookup_dcookie", "syslog")
_MOUNTING = ("mount", "umount", "umount2", "pivot_root", "chroot", "sysfs", "nfsservctl", "quotactl", "acct")
_FILES = ("open_by_handle_at", "name_to_handle_at", "fanotify_init", "fanotify_mark", "swapon", "swapoff")
_NAMESPACES = ("unshare", "setns", "sethostname", "setdomainname", "personality")
_KERNEL = ("bpf", "userfaultfd", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module")
_OLD = (
    "create_module",
    "query_module",
    "get_kernel_syms",
    "_sysctl",
    "uselib",
    "ustat",
    "vm86",
    "vm86old",
    "afs_syscall",
)
_MACHINE = (
    "reboot",
    "iopl",
    "ioperm",
    "modify_ldt",
    "vhangup",
    "move_pages",
    "migrate_pages",
    "mbind",
    "set_mempolicy",
)
_CLOCKS = ("settimeofday", "stime", "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64", "adjtimex")
_KEYS = ("add_key", "request_key", "keyctl")
# shared between all processes of an ipc namespace, and counted by nobody
_MESSAGES = ("shmget", "shmat", "shmdt", "shmctl", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semctl")
_QUEUES = ("semtimedop", "ipc", "mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify", "mq_getsetattr")
# memory files belong to no file system, so no limit on disk or address space counts them
_MEMORY_FILES = ("memfd_create",)
_FILTERS = ("seccomp",)
_SOCKETS = ("socket", "bind", "connect", "listen", "accept", "accept4")
REFUSED = (
    *(*_TRACING, *_MOUNTING, *_FILES, *_NAMESPACES, *_KERNEL, *_OLD, *_MACHINE, *_CLOCKS),
    *(*_KEYS, *_MESSAGES, *_QUEUES, *_MEMORY_FILES, *_FILTERS),
)
# From number 424 on a call has the same number on every architecture; older copies of libseccomp lack the names.
_REFUSED_NUMBERS = (
    *range(425, 428),  # io_uring_*
    *range(428, 434),  # open_tree, move_mount, fsopen, fsconfig, fsmount, fspick
    *(438, 440),  # pidfd_getfd, process_madvise
    *(442, 443),  # mount_setattr, quotactl_fd
    *range(444, 447),  # landlock_*: what is locked in stays as it is
    *(447, 448, 450),  # memfd_secret, process_mrelease, set_mempolicy_home_node
    *(457, 458, 459, 460, 461),  # statmount, listmount, lsm_*
)
_CLONE3 = 435
_NEWEST = 462  # calls that are newer than this list do not exist for a submission

_NEW_NAMESPACES = (
    *(linux.CLONE_NEWNS, linux.CLONE_NEWUTS, linux.CLONE_NEWIPC, linux.CLONE_NEWUSER),
    *(linux.CLONE_NEWPID, linux.CLONE_NEWNET, 0x02000000),  # the last one: cgroups
)
_AF_UNIX, _SOCK_STREAM, _SOCK_SEQPACKET, _TYPE_MASK = 1, 1, 5, 0xF
_FAMILIES = 64
_LOCAL_FAMILIES = {_AF_UNIX, 2, 10, 16}  # with AF_INET, AF_INET6, and AF_NETLINK, by which programs ask for addresses
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # put characters into somebody's terminal
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP = 1, 22
_SIGKILL = 9
_WORD = 0xFFFFFFFF

_UNIFIED = {"x86_64", "aarch64", "riscv64", "s390x", "ppc64le", "loongarch64"}  # where numbers are as said above

# instructions of the kernel's packet filter: load a word, jump if greater or equal, return
_LOAD, _JUMP_GE, _RETURN = 0x20, 0x35, 0x06
_INSTRUCTION = struct.Struct("=HBBI")
_PR_SECCOMP_FILTER = 2


class SeccompError(OSError):
    """There is no filter to be had here; the message says what to install."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def compile_filter(extra: Iterable[str | int] = (), *, on_others: Iterable[str] = (), sockets: bool = False) -> bytes:
    """The filter as a program for the kernel.

    Args:
        extra: names or numbers of further calls to refuse.
        on_others: calls to refuse if their first argument names another process than the caller.
        sockets: allow those of this machine and of the internet, for a process whose network leads nowhere.

    Raises:
        SeccompError: libseccomp is not there, or this is a machine whose calls we do not know.
    """
    if platform.machine() not in _UNIFIED:
        raise SeccompError(errno.ENOSYS, f"system calls of {platform.machine()} are not known")
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        raise SeccompError(errno.ENOENT, "libseccomp is missing: install the Debian package libseccomp2") from error
    try:
        return _no_newer_calls() + _compiled(pyseccomp, extra, on_others, sockets=sockets)
    except OSError as error:
        raise SeccompError(error.errno, f"system calls cannot be filtered: {error.strerror}") from error


def _compiled(library: Any, extra: Iterable[str | int], on_others: Iterable[str], *, sockets: bool) -> bytes:
    rules: Any = library.SyscallFilter(library.ALLOW)
    rules.set_attr(library.Attr.ACT_BADARCH, library.KILL_PROCESS)
    rules.set_attr(library.Attr.CTL_OPTIMIZE, 2)  # a tree: a call costs a dozen comparisons, and loading less still
    refuse = library.ERRNO(errno.EPERM)
    for call in dict.fromkeys((*REFUSED, *_REFUSED_NUMBERS, *(() if sockets else _SOCKETS), *extra)):
        rules.add_rule(refuse, call)
    rules.add_rule(library.ERRNO(errno.ENOSYS), _CLONE3)  # its flags are out of sight; libraries then use clone
    for call, *arguments in _conditions(library.Arg, library, sockets=sockets):
        rules.add_rule(refuse, call, *arguments)
    for call in on_others:
        rules.add_rule(refuse, call, library.Arg(0, library.NE, 0))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _conditions(arg: Any, compare: Any, *, sockets: bool) -> Iterable[tuple[Any, ...]]:
    """Calls that are refused for some of their arguments."""
    flags = 1 if platform.machine() == "s390x" else 0
    for flag in _NEW_NAMESPACES:
        yield "clone", arg(flags, compare.MASKED_EQ, flag, flag)
    for request in (_TIOCSTI, _TIOCLINUX):
        yield "ioctl", arg(1, compare.MASKED_EQ, _WORD, request)
    yield "prctl", arg(0, compare.EQ, _PR_SET_SECCOMP)
    # to stay when the warm process is gone
    yield "prctl", arg(0, compare.EQ, _PR_SET_PDEATHSIG), arg(1, compare.NE, _SIGKILL)
    if sockets:
        for family in range(_FAMILIES):
            if family not in _LOCAL_FAMILIES:
                yield "socket", arg(0, compare.EQ, family)
        yield "socket", arg(0, compare.GE, _FAMILIES)
        return
    yield "socketpair", arg(0, compare.NE, _AF_UNIX)
    # a datagram can be sent to any socket that has a name, even by one that is half of a pair
    for kind in set(range(_TYPE_MASK + 1)) - {_SOCK_STREAM, _SOCK_SEQPACKET}:
        yield "socketpair", arg(1, compare.MASKED_EQ, _TYPE_MASK, kind)


def _no_newer_calls() -> bytes:
    """The beginning of the program: a number that is too high is no call."""
    return b"".join(
        (
            _INSTRUCTION.pack(_LOAD, 0, 0, 0),  # the call's number
            _INSTRUCTION.pack(_JUMP_GE, 0, 1, _NEWEST + 1),
            _INSTRUCTION.pack(_RETURN, 0, 0, 0x00050000 | errno.ENOSYS),
        )
    )


def load_filter(program: bytes) -> None:
    """Have the kernel apply the filter to this process, for good; it must have given up new privileges before.

    Raises:
        OSError: the kernel does not do it.
    """
    filled = _Program(len(program) // _INSTRUCTION.size, program)
    try:
        linux.prctl(_PR_SET_SECCOMP, _PR_SECCOMP_FILTER, ctypes.addressof(filled))
    except OSError as error:
        raise SeccompError(error.errno, f"system calls cannot be filtered: {error.strerror}") from error
