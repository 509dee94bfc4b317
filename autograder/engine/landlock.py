"""Which files a process may open, make and remove, by Landlock: a lock that a process puts on itself, for good.

It needs no privilege, and holds whatever the mounts show. The kernel says how much of it there is as the version of its
interface (*ABI*): 1 has files, 2 moving between folders, 3 truncating, 4 TCP, 5 device controls, 6 abstract sockets and
signals to processes outside. What a kernel does not know is left to the other layers.
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.engine import linux

_SYS_CREATE_RULESET, _SYS_ADD_RULE, _SYS_RESTRICT_SELF = 444, 445, 446  # the same on every machine
_ASK_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_FILES_SINCE = {1: (1 << 13) - 1, 2: 1 << 13, 3: _TRUNCATE, 5: _IOCTL_DEV}  # by ABI: what it added
_TCP, _TCP_ABI = 0b11, 4  # bind and connect
_SCOPES, _SCOPES_ABI = 0b11, 6  # abstract sockets and signals

LIST = _READ_DIR
READ = _READ_FILE | _READ_DIR
RUN = READ | _EXECUTE
USE = _READ_FILE | _WRITE_FILE | _TRUNCATE
TERMINAL = USE | _READ_DIR | _IOCTL_DEV
OWN = ((1 << 15) - 1) & ~(_MAKE_CHAR | _MAKE_BLOCK)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


@dataclass(frozen=True)
class Rule:
    """What may be done with a file, or with all that is in a folder."""

    path: str
    rights: int


def abi() -> int:
    """The version of the kernel's interface; 0 when it has none, or not for us."""
    try:
        return linux.system_call(_SYS_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    except OSError:
        return 0


def scopes(version: int) -> bool:
    """Whether signals and abstract sockets stay among those that are locked in together."""
    return version >= _SCOPES_ABI


def truncation(version: int) -> bool:
    """Whether files can be kept from being cut off."""
    return bool(_rights_of(version) & _TRUNCATE)


def restrict(rules: Iterable[Rule], version: int, *, tcp: bool = False) -> None:
    """Allow this process, and all that it starts, what the rules say and nothing more.

    A path that does not exist is passed over. It must have given up new privileges before.

    Args:
        rules: what is allowed.
        version: the ABI.
        tcp: allow connections, to wherever the network leads.

    Raises:
        OSError: the kernel does not do it.
    """
    handled = _rights_of(version)
    ruleset = _Ruleset(
        handled, _TCP if version >= _TCP_ABI and not tcp else 0, _SCOPES if version >= _SCOPES_ABI else 0
    )
    descriptor = linux.system_call(_SYS_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(_size_of(version)), 0)
    try:
        for rule in rules:
            _allow(descriptor, rule, handled)
        linux.system_call(_SYS_RESTRICT_SELF, descriptor, 0)
    finally:
        os.close(descriptor)


def _rights_of(version: int) -> int:
    return sum(rights for since, rights in _FILES_SINCE.items() if version >= since)


def _size_of(version: int) -> int:
    """An older kernel refuses a structure with fields that it does not know."""
    return 8 * (1 + (version >= _TCP_ABI) + (version >= _SCOPES_ABI))


_held: dict[str, tuple[int, bool]] = {}  # descriptor, and whether it is a folder


def hold(rules: Iterable[Rule]) -> None:
    """Open, in the warm process, what the rules of all jobs name, so that each job need not look it up."""
    for rule in rules:
        if rule.path not in _held and (found := _open(rule.path)):
            _held[rule.path] = found


def let_go() -> None:
    """Close what :func:`hold` opened."""
    for path, _ in _held.values():
        os.close(path)
    _held.clear()


def _open(path: str) -> tuple[int, bool] | None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    return descriptor, stat.S_ISDIR(os.fstat(descriptor).st_mode)


def _allow(ruleset: int, rule: Rule, handled: int) -> None:
    found = _held.get(rule.path) or _open(rule.path)
    if found is None:
        return
    path, is_folder = found
    try:
        beneath = _PathBeneath(rule.rights & handled & (handled if is_folder else _FILE_RIGHTS), path)
        linux.system_call(_SYS_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(beneath), 0)
    finally:
        if rule.path not in _held:
            os.close(path)
