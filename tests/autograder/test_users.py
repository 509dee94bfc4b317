"""Every process of every grader on a machine is a user of its own, whose limits nobody else can use up."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

# Two warm processes, with a process of each at a time; both go on to other networks in between.
PROGRAM = """
import json, os
from autograder.engine import linux, users
from autograder.engine.users import Users

if os.geteuid() != 0:
    linux.unshare(linux.CLONE_NEWUSER)

def taken(graders):
    ids = []
    for number in range(users._IDS + 1):
        for grader in graders:
            ids.append(grader.take())
            grader.lend(len(ids))
        linux.unshare(linux.CLONE_NEWNET)
    return ids

one, other = Users(), Users()
first = taken([one, other])
one.give_back(1)
print(json.dumps([first, one._free[-1] == first[0]]))
"""


def test_graders_share_no_user_however_many_they_need_and_use_one_again_when_its_process_has_ended() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    ids, used_again = json.loads(ran.stdout)
    assert len(set(ids)) == len(ids) == 102
    assert used_again


def test_the_processes_of_two_graders_that_run_at_once_are_different_users() -> None:
    wait = "import os, time; time.sleep(1); os.getuid()"
    asked = json.dumps({"jobs": [{"key": "a", "cells": [wait]}, {"key": "b", "cells": [wait]}]})
    command = [sys.executable, "-m", "tests.autograder.engine_driver"]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in running:
        print(asked, file=process.stdin, flush=True)
        process.stdin.close()
    said = [json.loads(process.stdout.read()) for process in running]
    assert [process.wait() for process in running] == [0, 0]
    ids = [run["cells"][0]["value"] for runs in said for run in runs.values()]
    # only root can give a process another user; the others' are in user namespaces of their own
    assert len(set(ids)) == (4 if os.geteuid() == 0 else 1)
