# ruff: noqa: E501, ARG005 - tables read better with one entry a line, and stand-ins have unused arguments
"""A workspace that speaks for itself: forged, malformed and mistimed messages end the conversation, and gain nothing."""

import os
import socket

import msgspec
import pytest

from autograder.engine.protocol import Ran
from autograder.isolated.messages import Answer, Ask, ClassInfo
from tests.isolated.pair import Cell, Pair
from tests.isolated.test_material import explained

pytestmark = pytest.mark.integration

OK = msgspec.msgpack.encode(Ran(cell=0, status="ok", outputs=[]))
TESTS = ["assert f(3) == 9", "try:\n    f(3)\nexcept BaseException:\n    pass", "assert 1 == 1"]


def framed(message) -> bytes:
    data = message if isinstance(message, bytes) else msgspec.msgpack.encode(message)
    return len(data).to_bytes(4, "big") + data


def info(**more) -> ClassInfo:
    return ClassInfo(**{
        "handle": 1, "name": "C", "module": "m", "bases": [], "special": [], "library": False, "data": [], "fields": [], **more
    })  # fmt: skip


def answer(number, body=None, **more) -> bytes:
    return framed(Answer(number=number, body=body, **more))


FORGED = {
    "another number": lambda n: answer(n + 7, 9),
    "two answers": lambda n: answer(n, 9) + answer(n, 9),
    "an answer ahead": lambda n: answer(n, 9) + answer(n + 1, 9) + answer(n + 2, 9),
    "noise": lambda n: framed(b"\xc1\xff"),
    "a length that is a lie": lambda n: (1 << 20).to_bytes(4, "big") + b"\x90",
    "a gigantic length": lambda n: b"\xff\xff\xff\xff",
    "no reference": lambda n: answer(n, ["object", 5, 6]),
    "an unknown class": lambda n: answer(n, ["class", 77]),
    "a function of the system": lambda n: answer(n, ["type", "os", "system"]),
    "a function of Python's": lambda n: answer(n, ["type", "builtins", "eval"]),
    "a module that is not there": lambda n: answer(n, ["module", "antigravity", 3]),
    "a function that was not handed out": lambda n: framed(Ask(number=1, operation="callback", body=["tuple", [5, ["tuple", []], ["tuple", []]]])),
    "a question of the examiner's kind": lambda n: framed(Ask(number=1, operation="get", body=["tuple", [["yours", 0], "__globals__"]])),
    "an attribute of a function": lambda n: framed(Ask(number=1, operation="run", body=["tuple", [0, "1", 1.0]])),
    "a failure without an exception": lambda n: answer(n, 9, failed=True),
    "an exception of no class": lambda n: answer(n, ["raised", ["type", "builtins", "int"], [], "", ["object", 1, 1], None, ""], failed=True),
    "an array without its bytes": lambda n: answer(n, ["array", "<f8", [1 << 30], b"", "C"]),
    "a state of nothing": lambda n: answer(n, 9, states=[[0, "list", [9], None]]),
    "a name that is none": lambda n: answer(n, 9, names=[[5, 9]]),
    "a generator's state that is none": lambda n: answer(n, 9, random=[3, b"", None]),
    "a class twice": lambda n: answer(n, 9, classes=[info(), info()]),
    "a class of itself": lambda n: answer(n, 9, classes=[info(bases=[["class", 1]])]),
    "something printed that is none": lambda n: answer(n, 9, printed=[["displayhook", "x"]]),
    "nothing": lambda n: b"",
}  # fmt: skip


def speaking(forged, reply):
    """A workspace that answers the first questions honestly, and then says what is forged."""

    def serve(connection: socket.socket, _shell) -> None:
        while True:
            data = b""
            while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
                more = connection.recv(1 << 20)
                if not more:
                    os._exit(0)
                data += more
            ask = msgspec.msgpack.decode(data[4:], type=Ask)
            if ask.operation == "run":
                connection.sendall(answer(ask.number, OK))
            elif ask.operation == "bind":
                body = ["tuple", [["tuple", ["f", ["object", 2, 1]]]]]
                known = [] if reply else [info(special=["__call__"])]
                reply.append(1)
                connection.sendall(answer(ask.number, body, classes=known))
            else:
                connection.sendall(forged(ask.number))
                if not forged(ask.number):
                    os._exit(0)

    return serve


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_message_ends_the_conversation(pair: Pair, name: str):
    liar = Pair(pair.shell, serve=speaking(FORGED[name], []))
    cells = [Cell("answer", "f = 0"), *(Cell("test", text) for text in TESTS)]
    outcome = liar.isolated(cells, seconds=1)
    assert outcome.broken, explained(outcome)
    assert all(ran is None or ran.status != "ok" for ran in outcome.cells[2:]), explained(outcome)


def test_what_is_no_lie_about_the_protocol_is_only_an_answer(pair: Pair):
    liar = Pair(pair.shell, serve=speaking(lambda n: answer(n, 8), []))
    outcome = liar.isolated(
        [Cell("answer", "f = 0"), Cell("test", "assert f(3) == 8"), Cell("test", "assert f(3) == 9")]
    )
    assert [ran.status for ran in outcome.cells] == ["ok", "ok", "error"], explained(outcome)


def test_a_display_cannot_be_taken_for_a_verdict(pair: Pair):
    answer_cell = Cell(
        "answer",
        "class f:\n    def __init__(self, x): pass\n    def __repr__(self): return '100'\n    _repr_html_ = __repr__\n    def __float__(self): return 100.0",
    )
    outcome = pair.isolated([answer_cell, Cell("test", "f(3)")])
    assert outcome.cells[1].value is None
