"""Runs a command on a machine that offers less: ``python -m tests.autograder.poor_machine LACKING[,…] COMMAND…``.

What the machine lacks is refused by a filter of system calls, which stays on the command and all that it starts:

- ``namespaces``: as in most containers, and for ordinary users of some distributions;
- ``landlock``: a kernel before 5.13, or one that was started without it;
- ``seccomp``: a kernel without filters.
"""

import errno
import os
import sys
from pathlib import Path

import pyseccomp

from autograder.engine import linux

KINDS = {"namespaces", "landlock", "seccomp"}
_NEW = (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_SYS_CLONE3, _SYS_LANDLOCK = 435, (444, 445, 446)
_PR_SET_SECCOMP = 22


def on_poor_machine(lacking: str, command: list[str | Path]) -> list[str | Path]:
    """The command that runs a command on such a machine."""
    return [sys.executable, "-m", "tests.autograder.poor_machine", lacking, *command]


def main() -> None:
    """Take away what is named, then become the command."""
    lacking = set(sys.argv[1].split(","))
    assert lacking <= KINDS, lacking
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    if "namespaces" in lacking:
        for call in ("unshare", "setns", "mount", "pivot_root"):
            rules.add_rule(pyseccomp.ERRNO(errno.EPERM), call)
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), _SYS_CLONE3)
        for flag in _NEW:
            rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    if "landlock" in lacking:
        for call in _SYS_LANDLOCK:
            rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), call)
    if "seccomp" in lacking:
        rules.add_rule(pyseccomp.ERRNO(errno.EINVAL), "seccomp")
        rules.add_rule(pyseccomp.ERRNO(errno.EINVAL), "prctl", pyseccomp.Arg(0, pyseccomp.EQ, _PR_SET_SECCOMP))
    if os.geteuid() != 0:
        linux.forbid_new_privileges()
    rules.load()
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
