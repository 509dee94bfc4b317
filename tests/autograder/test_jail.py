"""Attacks that the jail stops, tried from within, as root and as an ordinary user, with namespaces and without.

Each probe is a cell of a submission that finds out or does something; its value is what it found.
"""

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.autograder.ordinary_user import UID, as_ordinary_user
from tests.autograder.poor_machine import on_poor_machine
from tests.autograder.test_engine import ask

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
USERS = ["root", "ordinary user"] if os.geteuid() == 0 else ["ordinary user"]

SYSCALLS = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    ctypes.set_errno(0)
    getattr(libc, name)(*(one.encode() if isinstance(one, str) else one for one in arguments))
    return ctypes.get_errno()
NEWUSER, NEWNS, NEWPID = 0x10000000, 0x20000, 0x20000000
BIND, REMOUNT, DETACH = 4096, 32, 2
"""
PROBES = {
    "files": "[path for path in PATHS if os.path.exists(path)]",
    "homes": "sorted(set(os.listdir('/')) & {'root', 'home', 'srv', 'mnt', 'media', 'boot', 'sys', 'run', 'var'})",
    "writable": """
own = '/proc', '/submission', '/scratch', '/dev/shm', '/dev/pts'
[path for path, _, _ in os.walk('/') if not path.startswith(own) and os.access(path, os.W_OK)]""",
    "files of others": "os.listdir('/folders') if os.access('/folders', os.R_OK) else []",
    "processes": "sorted(int(name) for name in os.listdir('/proc') if name.isdigit())",
    "signals": """
import signal
def reached(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False
[pid for pid in range(2, 100_000) if reached(pid)]""",
    "interfaces": "[line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line]",
    "connections": """
import socket
def refused(family, kind):
    try:
        socket.socket(family, kind).close()
    except OSError as error:
        return error.errno
[refused(family, kind) for family in (1, 2, 10, 16, 17, 40) for kind in (1, 2, 3)]""",
    "identity": "(os.getuid(), os.geteuid(), os.getgid(), os.getgroups())",
    "status": """
lines = open('/proc/self/status').read().splitlines()
dict(line.split(':\t') for line in lines if line.startswith(('Cap', 'NoNew')))""",
    "host name": "os.uname().nodename",
    "environment": "sorted(name for name in os.environ if name.startswith(('SECRET', 'SSH', 'AWS')))",
    "descriptors": """
links = []
for number in range(256):
    try:
        links.append(os.readlink(f'/proc/self/fd/{number}').split(':')[0])
    except OSError:
        pass
sorted(links)""",
    "setuid": "import subprocess\\n[p for p in ('/bin/su', '/bin/mount', '/usr/bin/passwd') if os.path.exists(p) and "
    "subprocess.run([p, '--bad-option'], capture_output=True).returncode == 0]",
    "mount": "call('mount', 'tmpfs', '/submission', 'tmpfs', 0, None), call('umount2', '/proc', DETACH)",
    "devices": "call('mknod', '/submission/disk', 0o60666, os.makedev(8, 0))",
    "trace": "[call('ptrace', 16, pid, None, None) for pid in (1, 2, 3)].count(0)",
    "chroot": "call('chroot', '/submission')",
    "become root": "(call('setuid', 0), os.getuid())",
    # with what a user namespace of one's own gives
    "namespaces": "call('unshare', NEWUSER | NEWNS) in (0, 1) or 'unexpected'",
    "uncover": "[path for path in ('/proc', '/submission', '/folders', '/usr') if call('umount2', path, DETACH) == 0]",
    "remount": """
[path for path in ('/', '/usr', PREFIX) if call('mount', 'none', path, None, REMOUNT | BIND, None) == 0]""",
    "after that": """
sorted(int(name) for name in os.listdir('/proc') if name.isdigit()), os.listdir('/'), os.path.exists(PATHS[0])""",
}


@pytest.fixture(scope="module", params=USERS)
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """By probe, what a submission sees and can do in its jail."""
    course = tmp_path_factory.mktemp("course")
    (course / "gradebook.db").write_text("scores")
    course.chmod(0o755)
    paths = [str(course / "gradebook.db"), str(course), str(ROOT / "courses"), str(ROOT / "tests"), str(ROOT / ".git")]
    paths += ["/etc/passwd", "/etc/shadow", "/etc/hosts", "/sys/kernel", "/dev/kmsg", "/dev/mem"]
    with tempfile.TemporaryDirectory() as home:
        setting = f"PATHS = {[*paths, home]}\nPREFIX = {sys.prefix!r}"
        command: list[str | Path] = ["env", f"TMPDIR={home}", f"HOME={home}", "SECRET_KEY=1", "SSH_AUTH_SOCK=1"]
        command += [sys.executable, "-m", "tests.autograder.engine_driver"]
        if request.param == "ordinary user":
            os.chown(home, UID, UID) if os.geteuid() == 0 else None
            command = [*as_ordinary_user(command)]
        probes = [SYSCALLS + setting, *(probe.replace("\\n", "\n").replace("\\\\", "\\") for probe in PROBES.values())]
        run = ask(command, [{"key": "probes", "cells": probes}])["probes"]
    assert run["end"] == "done", run["problem"]
    seen = {}
    for probe, cell in zip(["", *PROBES], run["cells"], strict=True):
        (output,) = cell["outputs"] or [{}]
        assert cell["status"] == "ok", (probe, output)
        seen[probe] = eval(output["data"]["text/plain"]) if output else None  # written by the probes above
    return seen


def test_neither_course_nor_gradebook_nor_home_nor_secrets_are_there(found: dict[str, object]) -> None:
    assert found["files"] == []
    assert found["homes"] in ([], [Path(sys.base_prefix).parts[1]])  # with nothing but the interpreter
    assert found["environment"] == []


def test_nothing_can_be_written_but_the_own_folders(found: dict[str, object]) -> None:
    assert found["writable"] == []


def test_other_submissions_are_not_there(found: dict[str, object]) -> None:
    assert found["files of others"] == []


def test_only_the_own_processes_are_seen_and_reached(found: dict[str, object]) -> None:
    assert found["processes"] == [1]
    assert found["signals"] == []


def test_there_is_no_network(found: dict[str, object]) -> None:
    assert found["interfaces"] == ["lo"]  # a new one, that leads nowhere
    assert found["connections"] == [errno.EPERM] * 18
    assert found["host name"] == "coursewright"


def test_the_user_is_nobody_and_has_no_privilege(found: dict[str, object], request: pytest.FixtureRequest) -> None:
    uid, effective, gid, groups = found["identity"]  # type: ignore[misc]
    assert uid == effective
    assert 0 not in {uid, gid, *groups}
    status = found["status"]
    assert isinstance(status, dict)
    assert status.pop("NoNewPrivs") == "1"
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert int(status["CapBnd"], 16) == 0


def test_no_descriptor_of_the_grader_is_open(found: dict[str, object]) -> None:
    kinds = found["descriptors"]
    assert isinstance(kinds, list)
    assert set(kinds) == {"/dev/null", "/memfd", "socket"}
    assert kinds.count("socket") == 1


def test_what_needs_privileges_is_refused(found: dict[str, object]) -> None:
    refused = 1
    assert found["mount"] == (refused, refused)
    assert found["devices"] in {errno.EPERM, errno.EACCES}
    assert found["chroot"] == refused
    assert found["trace"] == 0
    code, uid = found["become root"]  # type: ignore[misc]
    assert code != 0
    assert uid != 0
    assert found["setuid"] == []


def test_a_user_namespace_of_ones_own_gains_nothing(found: dict[str, object]) -> None:
    assert found["namespaces"] is True
    assert found["uncover"] == []
    assert found["remount"] == []
    processes, folders, gradebook = found["after that"]  # type: ignore[misc]
    assert processes == [1]
    assert "submission" in folders
    assert gradebook is False


@pytest.mark.parametrize("user", USERS)
def test_two_learners_at_once_do_not_see_each_other(user: str) -> None:
    meet = """
import os, tempfile, time
mine, theirs = {own!r}, {other!r}
places = ('.', tempfile.gettempdir(), '/dev/shm')
for folder in places:
    open(os.path.join(folder, mine), 'w').close()
seen, end = set(), time.monotonic() + 1
while time.monotonic() < end:
    seen |= {{folder for folder in (*places, '/folders') if theirs in str(list(os.walk(folder)))}}
    seen |= {{pid for pid in os.listdir('/proc') if pid.isdigit() and pid != '1'}}
    time.sleep(0.05)
seen"""
    jobs = [
        {"key": own, "cells": [f"began = {own!r}", meet.format(own=own, other=other), "import time; time.time()"]}
        for own, other in (("ada", "ben"), ("ben", "ada"))
    ]
    command: list[str | Path] = [sys.executable, "-m", "tests.autograder.engine_driver"]
    with tempfile.TemporaryDirectory() as home:
        if os.geteuid() == 0:
            os.chown(home, UID, UID)
        command = ["env", f"TMPDIR={home}", f"HOME={home}", *command]
        runs = ask([*as_ordinary_user(command)] if user == "ordinary user" else command, jobs, workers=2)
    ends = []
    for run in runs.values():
        assert [cell["status"] for cell in run["cells"]] == ["ok"] * 3, run
        assert run["cells"][1]["outputs"][0]["data"]["text/plain"] == "set()"
        ends.append(run["cells"][2]["value"])
    assert abs(ends[0] - ends[1]) < 1, "they did not run at the same time"


# What a submission does where no mount and no namespace hides anything: FILE is the grader's, PROCESS too.
OPEN_FIELD = {
    "read": "open(FILE)",
    "write": "open(FILE, 'a')",
    "cut off": "os.truncate(FILE, 0)",
    "remove": "os.remove(FILE)",
    "put another in its place": "os.replace('own', FILE)",
    "link to it": "os.link(FILE, 'link')",
    "list its folder": "os.listdir(os.path.dirname(FILE))",
    "list all processes": "os.listdir('/proc')",
    "read a process's memory": "open(f'/proc/{PROCESS}/mem', 'rb')",
    "read a process's environment": "open(f'/proc/{PROCESS}/environ')",
    "follow a process's descriptors": "os.listdir(f'/proc/{PROCESS}/fd')",
    "find the other submissions": "os.listdir('..')",
    "signal it": "os.kill(PROCESS, 0)",  # nothing here may do harm if it works, not even as root
    "limit it": "__import__('resource').prlimit(PROCESS, 7, (0, 0))",
    "bind it to a processor": "os.sched_setaffinity(PROCESS, [0])",
    "leave the group": "os.setpgid(0, 0)",
    "leave the session": "os.setsid()",
    "change the mode": "os.chmod(FILE, 0)",
    "change the time": "os.utime(FILE, (0, 0))",
    "change an attribute": "os.setxattr(FILE, 'user.x', b'')",
    "leave something in memory": "open('/dev/shm/left', 'w')",
    "leave something in /tmp": "open('/tmp/left', 'w')",
    "go online": "__import__('socket').socket()",
    "become root": "os.setuid(0) if os.getuid() else os.setgid(1)",
    "change the root": "os.chroot('.')",
}


@pytest.mark.parametrize("user", USERS)
def test_without_namespaces_nothing_of_the_graders_can_be_touched(user: str) -> None:
    as_user = UID if user == "ordinary user" and os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as home, subprocess.Popen(["sleep", "60"], user=as_user) as process:
        file = Path(home, "gradebook.db")
        file.write_text("scores")
        for path in (home, file):
            os.chown(path, as_user or -1, -1)
        start = f"import os\nopen('own', 'w').close()\nFILE, PROCESS = {str(file)!r}, {process.pid}"
        command = on_poor_machine("namespaces", [sys.executable, "-m", "tests.autograder.engine_driver"])
        command = ["env", f"TMPDIR={home}", f"HOME={home}", *command]
        if user == "ordinary user":
            command = [*as_ordinary_user(command)]
        run = ask(command, [{"key": "field", "cells": [start, *OPEN_FIELD.values(), "open('own').read()"]}])["field"]
        assert process.poll() is None
        process.kill()
        assert file.read_text() == "scores"
        assert [path.name for path in Path(home).iterdir()] == ["gradebook.db"]
    assert run["end"] == "done", run
    first, *tried, last = [cell["error"] for cell in run["cells"]]
    otherwise = {what: error for what, error in zip(OPEN_FIELD, tried, strict=True) if error != "PermissionError"}
    assert otherwise == {"link to it": "OSError"}
    assert (first, last) == ("", "")
