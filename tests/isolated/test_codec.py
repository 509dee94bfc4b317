# ruff: noqa: E501, ARG002, ARG005 - tables read better with one entry a line, and stand-ins have unused arguments
"""The data format: what goes in comes out, and nothing else can be made of whatever bytes arrive."""

import collections
import datetime as dt
import io
import pickle
import random
from decimal import Decimal
from fractions import Fraction

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.engine.protocol import ProtocolError
from autograder.isolated.codec import Codec
from autograder.isolated.messages import Answer, Ask, decode


class Nobody:
    """A side that refers to nothing."""

    def pack(self, value):
        raise TypeError(type(value).__name__)

    def pack_subclass(self, value):
        return None

    def as_subclass(self, base, origin):
        return base

    def original(self, value):
        return None

    def unpack(self, node):
        raise ProtocolError("nothing")


class Ends:
    """Two sides without a socket between them."""

    def __init__(self):
        self.here = Codec(Nobody(), first_handle=0)
        self.there = Codec(Nobody(), first_handle=1)

    def over(self, value, *, back=False):
        sender, receiver = (self.there, self.here) if back else (self.here, self.there)
        body = sender.pack(value)
        frame = msgspec.msgpack.encode(Answer(number=1, body=body, states=sender.shared.states()))
        message = decode(frame)
        receiver.shared.take(message.states)
        return receiver.unpack(message.body)


def over(value):
    return Ends().over(value)


def same(a, b) -> bool:
    """Equal in type and value, where two values that are not a number are the same."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple | collections.deque):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return repr(a) == repr(b) if isinstance(a, float | complex | Decimal) else a == b


hashable = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(), st.fractions(),
        st.decimals(allow_nan=False), st.dates(), st.datetimes(), st.times(), st.timedeltas(),
        st.complex_numbers(allow_nan=False), st.builds(range, st.integers(-99, 99), st.integers(-99, 99)),
    ),
    lambda inner: st.one_of(st.tuples(inner, inner), st.frozensets(inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip
data = st.recursive(
    st.one_of(hashable, st.floats(), st.decimals(), st.text(st.characters(codec=None))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(hashable, inner, max_size=3), st.sets(hashable, max_size=3),
        st.tuples(inner), st.builds(collections.deque, st.lists(inner, max_size=3)),
        st.builds(collections.OrderedDict, st.dictionaries(hashable, inner, max_size=3)),
        st.builds(collections.Counter, st.lists(hashable, max_size=3)), st.binary().map(bytearray),
    ),
    max_leaves=10,
)  # fmt: skip


@pytest.mark.integration  # it takes long
@given(data)
def test_data_come_out_as_they_went_in(value):
    assert same(value, over(value))


untitled = hnp.array_dtypes().filter(
    lambda kind: kind.names is None or not any(len(f) == 3 for f in kind.fields.values())
)


@pytest.mark.integration  # it takes long
@given(hnp.arrays(hnp.scalar_dtypes() | untitled, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)))
def test_arrays_come_out_as_they_went_in(array):
    found = over(array)
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [1.5, float("nan")], "d": [True, False]}),
        pd.DataFrame({"a": pd.Categorical(["u", "v", "u"], ordered=True)}, index=pd.Index([5, 6, 7], name="n")),
        pd.DataFrame({"t": pd.date_range("2024", periods=2, tz="Europe/Berlin"), "i": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
        pd.DataFrame({"x": [1.0, 2.0]}, index=pd.date_range("2024", periods=2, freq="D")),
        pd.DataFrame({"o": [[1], {"a": 2}]}),
        pd.DataFrame({"a": [1, 2, 3]}).describe(),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame({"p": pd.period_range("2024-01", periods=2, freq="M")}),
    ],
    ids=range(10),
)  # fmt: skip
def test_frames_come_out_as_they_went_in(frame):
    pd.testing.assert_frame_equal(over(frame), frame)
    for column in range(frame.shape[1]):
        pd.testing.assert_series_equal(over(frame.iloc[:, column]), frame.iloc[:, column])
    pd.testing.assert_index_equal(over(frame.index), frame.index)
    pd.testing.assert_index_equal(over(frame.columns), frame.columns)


@pytest.mark.parametrize(
    "value", [pd.Timestamp("2024-01-02 03:04", tz="UTC"), pd.Timedelta("1h"), pd.NaT, pd.NA, pd.Period("2024-01", "M")]
)
def test_moments_come_out_as_they_went_in(value):
    assert repr(over(value)) == repr(value)


def test_aliases_and_cycles_survive():
    row = [1]
    table = [row, row]
    table.append(table)
    found = over(table)
    assert found[0] is found[1]
    assert found[2] is found


def test_changes_cross_both_ways_in_place():
    ends = Ends()
    mine = {"a": [1], "x": np.zeros(3), "f": pd.DataFrame({"c": [1, 2]})}
    yours = ends.over(mine)
    yours["a"].append(2)
    yours["x"][1] = 5
    yours["f"]["d"] = [3, 4]
    array, frame = mine["x"], mine["f"]
    ends.over(None, back=True)
    assert mine["a"] == [1, 2]
    assert array.tolist() == [0, 5, 0]
    assert list(frame.columns) == ["c", "d"]
    mine["a"].clear()
    ends.over(None)
    assert yours["a"] == []


def test_what_did_not_change_is_not_sent_again():
    ends = Ends()
    value = [list(range(10)), {"a": {1, 2, 3}}]
    kept = ends.over(value)
    assert kept == value
    assert ends.here.shared.states() == []
    assert ends.there.shared.states() == []


def test_generators_of_random_numbers_go_on_where_they_are():
    ends = Ends()
    mine = np.random.default_rng(1), random.Random(2), np.random.RandomState(3)
    yours = ends.over(mine)
    drawn = yours[0].random(), yours[1].random(), yours[2].random_sample()
    again = np.random.default_rng(1), random.Random(2), np.random.RandomState(3)
    assert drawn == (again[0].random(), again[1].random(), again[2].random_sample())
    ends.over(None, back=True)
    assert (mine[0].random(), mine[1].random()) == (again[0].random(), again[1].random())


def test_files_in_memory_keep_their_position():
    file = io.StringIO("one\ntwo\n")
    file.readline()
    assert over(file).readline() == "two\n"


class Lying(float):
    def __float__(self):
        return 9.0

    def __repr__(self):
        return "9.0"


@pytest.mark.parametrize(
    "value",
    [
        Lying(1.5),
        type("T", (tuple,), {"__iter__": lambda s: iter([9])})((1,)),
        type("S", (str,), {"__str__": lambda s: "9"})("a"),
        type("I", (int,), {"__int__": lambda s: 9, "__index__": lambda s: 9})(3),
    ],
)
def test_of_a_subclass_the_base_value_crosses(value):
    base = type(value).__mro__[1]
    found = over(value)
    assert type(found) is base
    assert base.__eq__(found, value)


# --- hostile bytes ----------------------------------------------------------------------------------------------------

PLAIN = {
    bool, int, float, complex, str, bytes, type(None), list, tuple, dict, set, frozenset, range, slice, bytearray, Decimal,
    Fraction, dt.date, dt.datetime, dt.time, dt.timedelta, dt.timezone, collections.deque, collections.OrderedDict,
    collections.Counter, collections.defaultdict, np.ndarray, type(...), type(NotImplemented), io.StringIO, io.BytesIO,
}  # fmt: skip


def read(frame: bytes):
    codec = Codec(Nobody(), first_handle=0)
    message = decode(frame)
    codec.shared.take(message.states)
    return codec.unpack(message.body)


def written(value) -> bytes:
    codec = Codec(Nobody(), first_handle=1)
    body = codec.pack(value)
    return msgspec.msgpack.encode(Answer(number=1, body=body, states=codec.shared.states()))


WELL_FORMED = [
    written(value)
    for value in [
        [1, [2, "x"]], {"a": (1, 2.5)}, np.arange(4.0), np.array([(1, b"x")], dtype=[("a", "i4"), ("b", "S3")]), {1, 2},
        pd.DataFrame({"a": [1], "b": ["x"]}), Decimal("1.5"), dt.datetime(2024, 1, 1, tzinfo=dt.UTC), 1 << 80,
        np.random.default_rng(1), random.Random(1), np.array([1, "a"], object), pd.Timestamp("2024"),
        collections.defaultdict(None, a=[1]) if False else collections.deque([1], 2),
    ]
]  # fmt: skip


@given(st.sampled_from(WELL_FORMED), st.data())
def test_damaged_messages_are_refused_or_are_data(frame, choose):
    damaged = bytearray(frame)
    for _ in range(choose.draw(st.integers(1, 4))):
        position = choose.draw(st.integers(0, len(damaged) - 1))
        action = choose.draw(st.sampled_from(["change", "cut", "double"]))
        if action == "change":
            damaged[position] = choose.draw(st.integers(0, 255))
        elif action == "cut" and len(damaged) > 2:
            del damaged[position]
        else:
            damaged[position:position] = damaged[position : position + 3]
    try:
        value = read(bytes(damaged))
    except ProtocolError:
        return
    assert type(value) in PLAIN or type(value).__module__.split(".")[0] in {"numpy", "pandas", "random"}


nodes = st.recursive(
    st.one_of(
        st.none(), st.integers(-(2**63), 2**64 - 1), st.text(max_size=4), st.binary(max_size=9), st.floats(),
        st.sampled_from([
            "tuple", "array", "objects", "int", "shared", "datetime", "zone", "signature", "path", "index", "timestamp",
            "scalar", "dtype", "as", "frame", "list", "dict", "generator", "deque", "<f8", "|O", "C", "text file", "period",
        ]),
    ),
    lambda inner: st.lists(inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.integration  # it takes long
@given(nodes, st.lists(st.lists(nodes, max_size=5), max_size=4))
def test_made_up_messages_are_refused_or_are_data(body, states):
    frame = msgspec.msgpack.encode(Answer(number=1, body=body, states=states))
    try:
        value = read(frame)
    except ProtocolError:
        return
    assert type(value) in PLAIN or type(value).__module__.split(".")[0] in {
        "numpy",
        "pandas",
        "random",
        "pathlib",
        "inspect",
        "zoneinfo",
    }


@given(st.binary(max_size=200))
def test_noise_is_refused(frame):
    with pytest.raises(ProtocolError):
        decode(b"\xc1" + frame)


@pytest.mark.parametrize(
    "node",
    [
        ["array", "|O", [1], b"\0" * 8, "C"], ["array", "<f8", [2], b"\0" * 8, "C"], ["array", "<f8", [-1], b"", "C"],
        ["array", "<f8", [1 << 39, 1 << 39, 1 << 39], b"", "C"], ["array", [["a", "|O"]], [1], b"\0" * 8, "C"],
        ["array", "S999999999", [0], b"", "C"], ["objects", [5], [1]], ["pickle", pickle.dumps(1)], ["int", 5], [],
        [["tuple"]], ["decimal", "1" * 200_000], ["shared", 7], ["dtype", "O"], ["dtype", "V8,O"], ["signature", [["1x", 1]], []],
        ["zone", "../../etc/passwd"], ["path", 0, 5], ["frozenset", [["shared", 1]]], ["tuple", 3], ["index", ["multi", []]],
        ["object", 1, 1], ["class", 1], ["type", "os", "system"], ["module", "os"], ["yours", 0], ["timedelta", "Y", 1, None],
    ],
    ids=str,
)  # fmt: skip
def test_what_lies_about_itself_is_refused(node):
    with pytest.raises(ProtocolError):
        read(msgspec.msgpack.encode(Answer(number=1, body=node)))


def test_nesting_is_bounded():
    node = None
    for _ in range(400):
        node = ["tuple", [node]]
    with pytest.raises(ProtocolError):
        read(msgspec.msgpack.encode(Ask(number=1, operation="x", body=node)))


def test_a_truth_value_in_an_array_is_0_or_1():
    found = read(msgspec.msgpack.encode(Answer(number=1, body=["array", "|b1", [2], b"\x02\x00", "C"])))
    assert found.tobytes() == b"\x01\x00"


@pytest.mark.parametrize(
    "state",
    [
        [1, "array", ["array", "<f8", [3], b"\0" * 24, "C"], None], [1, "dict", [], None], [0, "list", [], None],
        [1, "list", [["shared", 99]], None], [1, "list", 5, None], [1], [1, "os", [], None], [2, "list", [], None],
    ],
    ids=str,
)  # fmt: skip
def test_a_state_must_fit_what_it_is_of(state):
    codec = Codec(Nobody(), first_handle=0)
    codec.shared.take([[1, "array", ["array", "<f8", [2], b"\0" * 16, "C"], None]])
    if state[1:2] == ["list"] and state[0] == 1:
        codec = Codec(Nobody(), first_handle=0)
    with pytest.raises(ProtocolError):
        codec.shared.take([state])
