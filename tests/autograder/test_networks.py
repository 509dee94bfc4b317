"""A network namespace is used again, but never by two processes at a time, and holds nothing of the one before."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

PROGRAM = """
import os, signal, socket
from autograder.engine import linux
from autograder.engine.networks import Networks

if os.geteuid() != 0:
    linux.unshare(linux.CLONE_NEWUSER)

def sockets():
    with open("/proc/self/net/unix") as file:
        return [line.split()[-1] for line in file if "@" in line]

networks = Networks()
first = networks.enter()
ready, write = os.pipe()
if (child := os.fork()) == 0:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("\\0left")
    listening.listen()
    os.write(write, b"!")
    signal.pause()
networks.lend(first, child)
os.read(ready, 1)
print("in the first:", sockets())
second = networks.enter()
print("another one while it runs:", second != first, sockets())
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
networks.give_back(child)
print("the same one afterwards:", networks.enter() == first, sockets())
"""


def test_a_network_is_another_one_while_a_process_is_in_it_and_empty_afterwards() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)

    assert ran.stdout.splitlines() == [
        "in the first: ['@left']",
        "another one while it runs: True []",
        "the same one afterwards: True []",
    ]
