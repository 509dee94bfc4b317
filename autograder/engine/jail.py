"""Where a submission runs: namespaces, a root of its own, an unprivileged user, and resource limits.

As root the workspace becomes a user that nobody else is. As an ordinary user everything happens inside a user
namespace, and the workspace keeps the user's id without any capability. Either way it sees the interpreter and the
libraries, read-only, and its working folder; the course, the gradebook, other submissions and the network are not
there.

Landlock and a filter of system calls stand behind these walls. Where the kernel makes no namespaces for us, as in many
containers, they stand alone (``walls.py`` decides which).
"""

import fcntl
import os
import resource
import signal
import socket
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

from autograder.engine import linux
from autograder.engine.protocol import Limits

# Names that no system has, since what is mounted there hides what the jail shows below it.
WORK = "/submission"
SCRATCH = "/scratch"
_FOLDERS = "/folders"  # the working folders of all jobs, before each is shown at WORK to its own processes

_NAMESPACES = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = (
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/timezone",
)
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the jail's own
DEVICES = ("null", "zero", "full", "random", "urandom")
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_MIB = 1024 * 1024
_USER, _GROUP = os.geteuid(), os.getegid()


def enter_root(new_root: str, visible: tuple[str, ...]) -> None:
    """Move this process into a root that shows the system's libraries and the ``visible`` folders, and nothing else.

    Raises:
        OSError: the kernel does not allow it.
    """
    if _USER == 0:
        linux.unshare(linux.CLONE_NEWNS)
    else:
        linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWNS)
        _keep_identity()
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", new_root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=0755,size=1m")
    for path in (*SYSTEM, *SETTINGS, *visible):
        _show(path, new_root)
    for name in DEVICES:
        _show(f"/dev/{name}", new_root)
    for folder in (WORK, SCRATCH, _FOLDERS, "/proc", "/dev/pts", SHARED_MEMORY):
        (Path(new_root) / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
    # A user namespace may mount a /proc of its own only over one that it sees, and the warm process looks up here what
    # its children use. Workspaces cover this one, and the kernel keeps them from uncovering it.
    linux.mount("/proc", f"{new_root}/proc", flags=linux.MS_BIND | linux.MS_REC)
    if not (Path(new_root) / "tmp").exists():  # it does when the libraries are below it
        (Path(new_root) / "tmp").symlink_to(SCRATCH)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        (Path(new_root) / "dev" / name).symlink_to(f"/proc/self/fd/{number}")
    (Path(new_root) / "dev/fd").symlink_to("/proc/self/fd")
    (Path(new_root) / "dev/ptmx").symlink_to("pts/ptmx")
    linux.pivot_root(new_root)
    linux.mount("none", "/", flags=linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID)
    linux.mount("tmpfs", _FOLDERS, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=0755,size=1m")


def make_folder(number: int, limits: Limits) -> None:
    """Make the folders of a job, empty and of limited size: the working folder, and one that nobody can list."""
    for folder, mode in _folders(number):
        folder.mkdir()
        linux.mount("tmpfs", str(folder), "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, _sized(limits, mode))


def remove_folder(number: int) -> None:
    """Take the folders of a job away, with all that is in them."""
    for folder, _ in _folders(number):
        linux.detach(str(folder))
        folder.rmdir()


def _folders(number: int) -> Iterator[tuple[Path, str]]:
    """The folders that the processes of a job have in common, with their modes.

    An ordinary user is the same one in both processes, and could list a folder whatever its mode; so there each has
    temporary files of its own.
    """
    yield Path(_FOLDERS, str(number)), "1777"
    if _USER == 0:
        yield Path(_FOLDERS, f"{number}-scratch"), "0733"


def _sized(limits: Limits, mode: str = "1777") -> str:
    return f"mode={mode},size={max(limits.disk_bytes, _MIB)},nr_inodes={limits.files + 1}"


def _keep_identity() -> None:
    """Be the same user and group in the user namespace that this process has just entered."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_USER} {_USER} 1")
    Path("/proc/self/gid_map").write_text(f"{_GROUP} {_GROUP} 1")


def namespaces() -> int:
    """The namespaces that a workspace is forked into.

    For an ordinary user a user namespace is one of them: processes are counted by it, so that no submission can use
    up what another may start.
    """
    return _NAMESPACES if _USER == 0 else _NAMESPACES | linux.CLONE_NEWUSER


def _show(path: str, new_root: str) -> None:
    """Make a path of the old root appear in the new one, read-only, at the same place."""
    source, target = Path(path), Path(new_root) / path.lstrip("/")
    if not os.path.lexists(source) or os.path.lexists(target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    if source.is_dir():
        target.mkdir()
    else:
        target.touch()
    linux.mount(path, str(target), flags=linux.MS_BIND | linux.MS_REC)
    device = linux.MS_NODEV if not stat.S_ISCHR(source.stat().st_mode) else 0
    flags = linux.MS_REMOUNT | linux.MS_BIND | linux.MS_NOSUID | _locked(source)
    linux.mount("none", str(target), flags=flags | device | (linux.MS_RDONLY if device else 0))


def _locked(path: Path) -> int:
    """The mount flags that a user namespace may not take off."""
    found = os.statvfs(path).f_flag
    return (linux.MS_NODEV if found & os.ST_NODEV else 0) | (linux.MS_NOEXEC if found & os.ST_NOEXEC else 0)


def furnish(number: int, limits: Limits) -> None:
    """Show the working folder of a job, and what else a program expects.

    To be called in a process that was just forked into :func:`namespaces`.
    """
    if _USER != 0:
        _keep_identity()
    flags = linux.MS_NOSUID | linux.MS_NODEV
    linux.mount(f"{_FOLDERS}/{number}", WORK, flags=linux.MS_BIND)
    if _USER == 0:
        linux.mount(f"{_FOLDERS}/{number}-scratch", SCRATCH, flags=linux.MS_BIND)
    else:
        linux.mount("tmpfs", SCRATCH, "tmpfs", flags, _sized(limits))
    linux.mount("tmpfs", _FOLDERS, "tmpfs", flags | linux.MS_RDONLY, "mode=0700")  # nobody else's
    linux.mount("tmpfs", SHARED_MEMORY, "tmpfs", flags, _sized(limits))
    linux.mount("devpts", "/dev/pts", "devpts", flags & ~linux.MS_NODEV, "newinstance,ptmxmode=0666,mode=0620")
    linux.mount("proc", "/proc", "proc", flags | linux.MS_NOEXEC)
    socket.sethostname("coursewright")


def raise_loopback() -> None:
    """Let the processes of this network namespace speak to each other over 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))


def limit_resources(limits: Limits) -> None:
    """Set the limits of this process and of all that it starts."""
    _limit(resource.RLIMIT_CPU, limits.cpu_seconds)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_FSIZE, limits.disk_bytes)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (allowed, allowed))


def drop_privileges(user: int, processes: int, *, own_user: bool) -> None:
    """Become a user without any privilege.

    Args:
        user: whose id no other process has.
        processes: how many processes and threads this user may have.
        own_user: whether to become another user at all; root only.
    """
    linux.empty_bounding_set()  # only possible while the capabilities are still there
    if own_user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _limit(resource.RLIMIT_NPROC, processes)  # counted per user and user namespace
    linux.drop_capabilities()
    linux.forbid_new_privileges()
    linux.forbid_tracing()
    linux.die_with_parent(signal.SIGKILL)
