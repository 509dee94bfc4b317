# ruff: noqa: E501 - a table of small programs reads better with one a line
"""Answers that lie, tamper, forge or break down: none gains a mark."""

import pytest

from autograder.isolated.names import reference_of
from tests.isolated.pair import Cell, Outcome, Pair, fresh, solution_of
from tests.isolated.test_material import explained

pytestmark = pytest.mark.integration

SETUP = Cell(
    "author", "import math\nimport unittest\nimport numpy as np\nimport pandas as pd\nfrom unittest.mock import patch"
)
RIGHT = Cell("answer", "def f(x): return x**2")

LIAR = """
class Liar(BASE):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
    def __hash__(self): return 0
    def same(self, *others, **more): return self
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = same
    __mod__ = __rmod__ = __pow__ = __rpow__ = __floordiv__ = __rfloordiv__ = __matmul__ = __rmatmul__ = same
    __abs__ = __neg__ = __pos__ = __round__ = __trunc__ = __floor__ = __ceil__ = __call__ = same
    __iadd__ = __isub__ = __imul__ = same
    max = min = sum = mean = all = any = item = tolist = astype = round = same
    def __getattr__(self, name):
        if name.startswith('__'): raise AttributeError(name)
        return self
    def __bool__(self): return True
    def __contains__(self, item): return True
    def __len__(self): return 1
    def __iter__(self): return iter([self])
    def __getitem__(self, key): return self
    def __float__(self): return 0.0
    def __int__(self): return 0
    def __index__(self): return 0
    def __complex__(self): return 0j
    def __array__(self, *a, **k):
        import numpy
        return numpy.zeros(())
    def __instancecheck__(self, other): return True
    def __enter__(self): return self
    def __exit__(self, *a): return True
    @property
    def shape(self): return ()
    @property
    def dtype(self):
        import numpy
        return numpy.dtype(float)
    __array_ufunc__ = lambda self, *a, **k: True
    __array_function__ = lambda self, *a, **k: True
    __array_priority__ = 1e9
def f(x): return Liar()
"""

# every way in which tests compare a result with what it should be (9, or arrays and texts of it)
COMPARISONS = [
    "assert f(3) == 9",
    "assert not f(3) != 9",
    "assert 9 == f(3)",
    "assert abs(f(3) - 9) < 1e-6",
    "assert abs(9 - f(3)) < 1e-6",
    "assert -1e-6 < f(3) - 9 < 1e-6",
    "assert 8.9 < f(3) < 9.1",
    "assert f(3) >= 9 and f(3) <= 9",
    "assert not (f(3) - 9)",
    "assert not (f(3) < 9 or f(3) > 9)",
    "assert math.isclose(f(3), 9)",
    "assert np.isclose(f(3), 9)",
    "assert np.allclose(f(3), 9)",
    "assert np.allclose(9, f(3))",
    "assert np.array_equal(f(3), 9)",
    "assert (f(3) == np.array([9, 9])).all()",
    "assert (np.array([9, 9]) == f(3)).all()",
    "assert np.all(np.array([9.0, 9.0]) - f(3) < 1e-6)",
    "assert (np.array([9.0]) - f(3)).max() < 1e-6",
    "assert (f(3) - np.array([9.0])).max() == 0",
    "assert not (f(3) - np.array([9.0])).any()",
    "assert np.abs(f(3) - np.array([9.0])).max() < 1e-6",
    "assert np.linalg.norm(f(3) - np.array([9.0])) < 1e-6",
    "assert np.sum(np.array([9.0]) - f(3)) == 0",
    "assert float(f(3) - 9) == 0",
    "assert round(f(3) - 9, 6) == 0",
    "assert int(f(3) - 9) == 0",
    "assert math.fabs(f(3) - 9) < 1e-6",
    "assert math.sqrt((f(3) - 9) ** 2) < 1e-6",
    "assert sum([f(3), -9]) == 0",
    "assert max(f(3), 9) == 9 and min(f(3), 9) == 9",
    "assert sorted([f(3), 9]) == [9, 9]",
    "assert f(3) in [9]",
    "assert f(3) in {9}",
    "assert {9: 'yes'}[f(3)] == 'yes'",
    "assert 9 in f(3)",
    "assert [f(3)] == [9] and (f(3),) == (9,)",
    "assert {'a': f(3)} == {'a': 9}",
    "assert {f(3)} == {9}",
    "assert list(f(3)) == [9]",
    "assert f(3)[0] == 9",
    "assert f'{f(3)}' == '9'",
    "assert str(f(3)) == '9'",
    "assert '%d' % f(3) == '9'",
    "assert ','.join([f(3)]) == '9'",
    "assert isinstance(f(3), (int, float)) and f(3) == 9",
    "assert f(3) // 9 == 1 and f(3) % 9 == 0",
    "assert f(3) * 1 == 9",
    "x = f(3)\nx -= 9\nassert not x",
    "assert f(3) ** 0.5 == 3",
    "assert divmod(f(3), 9) == (1, 0)",
    "np.testing.assert_allclose(f(3), 9)",
    "np.testing.assert_almost_equal(f(3), 9)",
    "np.testing.assert_equal(f(3), 9)",
    "np.testing.assert_array_equal(f(3), [9])",
    "np.testing.assert_array_almost_equal(f(3), np.array([9.0]))",
    "np.testing.assert_array_less(f(3), 10); np.testing.assert_array_less(8, f(3))",
    "unittest.TestCase().assertEqual(f(3), 9)",
    "unittest.TestCase().assertAlmostEqual(f(3), 9)",
    "unittest.TestCase().assertIn(f(3), [9])",
    "unittest.TestCase().assertCountEqual([f(3)], [9])",
    "unittest.TestCase().assertListEqual([f(3)], [9])",
    "unittest.TestCase().assertTrue(f(3) == 9)",
    "unittest.TestCase().assertGreater(f(3), 8)",
    "pd.testing.assert_series_equal(f(3), pd.Series([9]))",
    "pd.testing.assert_frame_equal(f(3), pd.DataFrame([9]))",
    "assert (pd.Series([9]) == f(3)).all()",
    "assert (pd.Series([9.0]) - f(3)).abs().max() < 1e-6",
    "assert f(3).equals(pd.Series([9])) is True",
    "assert np.array(f(3)).item() == 9",
    "assert np.asarray(f(3), dtype=float) == 9",
    "assert np.array([f(3), f(2)]).tolist() == [9, 4]",
    "assert np.float64(f(3)) == 9",
    "assert np.less(np.abs(np.subtract(f(3), 9)), 1e-6)",
    "assert np.vectorize(f)(np.array([3])).tolist() == [9]",
    "assert all(abs(a - b) < 1e-6 for a, b in zip([f(3)], [9]))",
    "assert any(f(3) == y for y in [9])",
    "assert np.fromiter((f(x) for x in [3]), float)[0] == 9",
    "from fractions import Fraction\nassert Fraction(9) - f(3) == 0",
    "from decimal import Decimal\nassert abs(Decimal(9) - f(3)) < Decimal('1e-6')",
    "import operator\nassert operator.eq(f(3), 9) and operator.le(f(3), 9)",
    "import statistics\nassert statistics.mean([f(3)]) == 9",
    "match f(3):\n    case 9: pass\n    case _: raise AssertionError",
    "with f(3):\n    assert f(3) == 9\nassert f(3) == 9",
    "good = 1 if f(3) == 9 else 0\nassert good",
    "int(f(3) == 9) / (1 if f(3) == 9 else 0)",
]  # fmt: skip

BASES = ["object", "float", "int", "str", "list", "tuple", "dict", "np.ndarray", "complex", "Exception", "np.float64"]


def ran(outcome: Outcome, cell: int = -1):
    return outcome.cells[cell]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("known", [True, False], ids=["solution known", "solution unknown"])
def test_no_comparison_believes_a_lying_object(pair: Pair, base: str, known: bool):
    liar = LIAR.replace("BASE", base)
    if base == "np.ndarray":
        liar = liar.replace("return Liar()", "return np.zeros(()).view(Liar)")
    if base in {"list", "tuple"}:  # an empty one is close to everything, for NumPy
        liar = liar.replace("return Liar()", "return Liar([0])")
    cells = [SETUP, Cell("answer", liar), *(Cell("test", text) for text in COMPARISONS)]
    outcome = pair.isolated(cells, solution=solution_of([RIGHT]) if known else None, seconds=5)
    assert not outcome.broken, outcome.broken
    fooled = [text for text, one in zip(COMPARISONS, outcome.cells[2:], strict=True) if one and one.status == "ok"]
    assert fooled == []


def test_the_comparisons_believe_a_right_answer(pair: Pair):
    needs_a_sequence = ("in f(3)", "list(f(3)", "f(3)[0]", "join", "_series_", "_frame_", ".equals", "f(3) - np.array([9.0])).any",
                        "with f(3)")  # fmt: skip
    texts = [text for text in COMPARISONS if not any(part in text for part in needs_a_sequence)]
    outcome = pair.isolated([SETUP, RIGHT, *(Cell("test", text) for text in texts)])
    failed = [text for text, one in zip(texts, outcome.cells[2:], strict=True) if one is None or one.status != "ok"]
    assert failed == []


TAMPERING = {
    "always allclose": "np.allclose = np.isclose = lambda *a, **k: True\nnp.testing.assert_allclose = lambda *a, **k: None",
    "builtins": "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = lambda x: True\nbuiltins.AssertionError = KeyError",
    "own abs": "def abs(x): return 0\ndef all(x): return True\ndef isinstance(*a): return True",
    "own numpy": "class np:\n    allclose = staticmethod(lambda *a, **k: True)\n    array = staticmethod(lambda *a: None)",
    "sys.modules": "import sys, types\nm = types.ModuleType('numpy')\nm.allclose = lambda *a, **k: True\nsys.modules['numpy'] = m",
    "assertion library": "import unittest\nunittest.TestCase.assertEqual = lambda *a: None",
    "a shadowing file": "open('numpy.py', 'w').write('allclose = lambda *a, **k: True')\nimport os\nos.makedirs('pandas', exist_ok=True)\nopen('pandas/__init__.py', 'w').write('')\nopen('unittest.py', 'w').write('')\nopen('sitecustomize.py', 'w').write('')",
    "tracing": "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)",
    "transformers": "get_ipython().ast_transformers.append(type('T', (), {'visit': lambda self, n: n}))\nget_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
    "events": "get_ipython().events.register('pre_run_cell', lambda info: setattr(info, 'raw_cell', 'pass'))",
    "own runner": "get_ipython().run_code = lambda *a, **k: None",
    "the author's helper": "def check(x, y): pass",
    "the author's constant": "EXPECTED = None\nTOLERANCE = 1e9",
}  # fmt: skip

HELPED = Cell("author", "EXPECTED = 9\nTOLERANCE = 1e-9\ndef check(x, y):\n    assert abs(f(x) - y) < TOLERANCE, 'no'")


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_gains_nothing(pair: Pair, name: str):
    answer = Cell("answer", TAMPERING[name] + "\ndef f(x): return 0")
    tests = [
        "assert abs(f(3) - 9) < 1e-6", "assert np.allclose(f(3), 9)", "check(3, 9)", "assert f(3) == EXPECTED",
        "import numpy as np\nnp.testing.assert_allclose(f(3), 9)", "assert all([f(3) == 9, f(2) == 4])",
        "import unittest\nunittest.TestCase().assertEqual(f(3), 9)", "assert isinstance(f(3), str)",
    ]  # fmt: skip
    cells = [SETUP, HELPED, answer, *(Cell("test", text) for text in tests)]
    for solution in (solution_of([RIGHT]), None):
        outcome = pair.isolated(cells, solution=solution)
        assert all(one is None or one.status == "error" for one in outcome.cells[3:]), explained(outcome)
        assert name == "sys.modules" or None not in outcome.cells


BREAKING_DOWN = {
    "exits in a call": "import os\ndef f(x): os._exit(0)",
    "raises SystemExit": "def f(x): raise SystemExit(0)",
    "kills itself": "import os, signal\ndef f(x): os.kill(os.getpid(), signal.SIGKILL)",
    "crashes": "import ctypes\ndef f(x): ctypes.string_at(0)",
    "closes every descriptor": "import os\ndef f(x): os.closerange(3, 256)",
    "never returns": "def f(x):\n    while True: pass",
    "never returns, and will not be interrupted": "def f(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
    "never returns, deaf": "import signal\ndef f(x):\n    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))\n    while True: pass",
    "endless iteration": "class E:\n    def __iter__(self): return self\n    def __next__(self): return 1\ndef f(x): return E()",
    "endless recursion": "def f(x): return f(x)",
    "a huge text": "def f(x): return 'a' * 200_000_000",
    "a deep nest": "def f(x):\n    t = ()\n    for _ in range(100_000): t = (t,)\n    return t",
    "a deep list": "def f(x):\n    t = []\n    for _ in range(50_000): t = [t]\n    return t",
    "hostile class": "class M(type):\n    def __getattribute__(c, n): raise RuntimeError(n)\n    __mro__ = property(lambda c: 1 / 0)\nclass C(metaclass=M): pass\ndef f(x): return C()",
    "hostile attributes": "class C:\n    def __getattribute__(self, n): raise SystemExit\n    __class__ = property(lambda s: int)\ndef f(x): return C()",
    "an exception that lies": "class E(Exception):\n    def __str__(self): raise KeyError\n    args = property(lambda s: 1 / 0)\ndef f(x): raise E",
    "says that it timed out": "from autograder.engine.shell import CellTimeoutError\ndef f(x): raise CellTimeoutError('x')",
    "a not-a-number": "def f(x): return float('nan')",
    "an array of another length": "def f(x): return np.zeros((0,))",
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKING_DOWN)
def test_breaking_down_gains_nothing(pair: Pair, name: str):
    tests = [
        "assert f(3) == 9",
        "try:\n    r = f(3)\nexcept BaseException:\n    r = 9\nassert r == 9 and type(r) is int and f(3) == 9",
        "assert 9 in f(3)",
    ]
    for text in tests:
        cells = [SETUP, Cell("answer", BREAKING_DOWN[name]), Cell("test", text), Cell("test", "assert f(3) == 9")]
        outcome = pair.isolated(cells, solution=solution_of([RIGHT]), seconds=1)
        assert all(one is None or one.status != "ok" for one in outcome.cells[2:]), explained(outcome)


def test_a_death_that_the_test_forgives_is_none_that_counts(pair: Pair):
    answer = Cell("answer", "import os\ndef f(x): os._exit(0)")
    forgiving = (
        "import unittest\nrefused = False\ntry:\n    f(-1)\nexcept BaseException:\n    refused = True\nassert refused"
    )
    outcome = pair.isolated([answer, Cell("test", forgiving), Cell("test", "assert True")])
    assert outcome.cells[1].status == "error"
    assert outcome.cells[1].error == "WorkspaceDiedError"
    assert outcome.cells[2] is None


def test_an_interrupted_call_leaves_the_rest_to_be_graded(pair: Pair):
    answer = Cell("answer", "def f(x):\n    while x < 0: pass\n    return x**2")
    outcome = pair.isolated([answer, Cell("test", "f(-1)"), Cell("test", "assert f(3) == 9")], seconds=0.5)
    assert [one.status for one in outcome.cells[1:]] == ["timeout", "ok"], explained(outcome)


def test_an_endless_test_leaves_the_rest_to_be_graded(pair: Pair):
    answer = Cell("answer", "def f(x): return x**2")
    tests = [
        "while True: f(1)",
        "while True: pass",
        "assert f(3) == 9",
        "import time\ntime.sleep(60)",
        "assert f(2) == 4",
    ]
    outcome = pair.isolated([answer, *(Cell("test", text) for text in tests)], seconds=0.5)
    assert [one.status for one in outcome.cells[1:]] == ["timeout", "timeout", "ok", "timeout", "ok"], explained(
        outcome
    )


SECRETS = {
    "a callback's globals": "def f(g):\n    found.append(g.__globals__)\n    return 9",
    "a callback's code": "def f(g):\n    found.append(g.__code__.co_consts)\n    return 9",
    "a callback's default": "def f(g):\n    found.append(g.__defaults__)\n    return 9",
    "frames": "import sys\ndef f(g):\n    frame = sys._getframe()\n    while frame:\n        found.append([str(v) for v in frame.f_locals.values()])\n        frame = frame.f_back\n    return 0",
    "gc": "import gc\nneedle = ''.join(reversed('73313'))\ndef f(g):\n    for o in gc.get_objects():\n        if type(o) in (dict, list, tuple) and any(type(v) is str and needle in v and v != needle for v in (o.values() if type(o) is dict else o)): found.append([needle])\n    return 0",
    "globals": "def f(g):\n    found.append(globals().get('hidden'))\n    return 0",
    "memory": "import re\ndef f(g):\n    for line in open('/proc/self/maps'):\n        if ' rw' not in line: continue\n        a, b = (int(x, 16) for x in line.split()[0].split('-'))\n        try:\n            with open('/proc/self/mem', 'rb') as m:\n                m.seek(a)\n                if re.search(b'secret 3[1]', m.read(b - a)): found.append('7331'[::-1] * 9 + '31' + str(337))\n        except (OSError, ValueError, OverflowError): pass\n    return 0",
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_hidden_values_stay_hidden(pair: Pair, name: str):
    answer = Cell("answer", "found = []\nhidden = None\n" + SECRETS[name])
    hidden = Cell(
        "test",
        "secret = 1\n### hidden\nhidden = 'secret 31337'\nassert f(lambda x=hidden: 31337) == hidden",
        "secret = 1",
    )
    show = Cell("test", "print('SEEN', found)")
    outcome = fresh([answer, hidden, show])
    text = "".join(output.get("text", "") for output in outcome.cells[2].outputs)
    assert "SEEN" in text
    assert "31337" not in text


def test_a_context_manager_cannot_swallow_an_assertion(pair: Pair):
    answer = Cell(
        "answer",
        "class f:\n    def __init__(self, x): pass\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\n    value = 0",
    )
    tests = [
        "with f(3) as r:\n    assert r.value == 9",
        "with f(3) as r:\n    r < 9",
        "with f(3) as r:\n    undefined_name",
    ]
    outcome = pair.isolated([answer, *(Cell("test", text) for text in tests)], solution=solution_of([answer]))
    assert [one.status for one in outcome.cells[1:]] == ["error"] * 3, explained(outcome)


def test_what_a_learner_calls_an_enumeration_is_still_the_number(pair: Pair):
    answer = Cell(
        "answer",
        "class F(float):\n    def __eq__(self, o): return True\n    __hash__ = float.__hash__\n    def __sub__(self, o): return F(0)\n    def __abs__(self): return F(0)\n    def __float__(self): return 9.0\ndef f(x): return F(5.0)",
    )
    tests = [
        "assert f(3) == 9",
        "assert abs(f(3) - 9) < 1e-6",
        "assert math.isclose(f(3), 9)",
        "assert np.isclose(f(3), 9)",
        "f(3)",
    ]
    outcome = pair.isolated([SETUP, answer, *(Cell("test", text) for text in tests)], solution=solution_of([RIGHT]))
    assert [one.status for one in outcome.cells[2:]] == ["error"] * 4 + ["ok"], explained(outcome)
    assert outcome.cells[-1].value == 5.0


EXPECTING = "expected = 0\ndef f(x):\n    global expected\n    expected = 0\n    return 0"


def test_a_test_compares_with_what_it_bound_itself(pair: Pair):
    cells = [Cell("answer", EXPECTING.replace("expected = 0\ndef", "expected = 9\ndef"))]
    cells += [Cell("test", "expected = 9\nassert f(3) == expected"), Cell("test", "assert f(3) == expected")]
    for solution in (reference_of([RIGHT.source], tests=[cell.source for cell in cells[1:]]), None):
        outcome = pair.isolated(cells, solution=solution)
        assert [one.status for one in outcome.cells[1:]] == ["error"] * 2, explained(outcome)


def test_what_only_tests_bind_does_not_come_from_an_answer_when_a_test_was_moved_to_the_front(pair: Pair):
    tests = ["expected = 9", "assert f(3) == expected"]
    cells = [Cell("answer", EXPECTING), Cell("test", tests[1]), Cell("test", tests[0])]
    outcome = pair.isolated(cells, solution=reference_of([RIGHT.source], tests=tests))
    assert outcome.cells[1].error == "NameError", explained(outcome)


def test_what_an_author_binds_too_may_come_from_the_answer(pair: Pair):
    tests = ["x = 4\nassert f(2) == 2 * x"]
    cells = [
        Cell("answer", "def f(y): return x * y\nx = 2"),
        Cell("test", "assert f(2) == 2 * x"),
        Cell("test", tests[0]),
    ]
    outcome = pair.isolated(cells, solution=reference_of(["def f(y): return x * y"], ["x = 2"], tests))
    assert [one.status for one in outcome.cells] == ["ok"] * 3, explained(outcome)


def test_an_answer_cannot_end_a_loop_of_the_test(pair: Pair):
    answer = Cell(
        "answer",
        "def f(x): raise StopIteration\ndef g():\n    yield 1\nclass C:\n    @property\n    def x(self): raise StopIteration",
    )
    tests = [
        "assert all(a == b for a, b in zip(map(f, [3]), [9]))",
        "assert [one.x for one in [C()]] == []",
        "i = g()\nassert next(i) == 1\ntry:\n    next(i)\nexcept StopIteration:\n    pass\nelse:\n    raise AssertionError\nassert list(g()) == [1]",
    ]
    outcome = pair.isolated([answer, *(Cell("test", text) for text in tests)])
    assert [one.status for one in outcome.cells[1:]] == ["error", "error", "ok"], explained(outcome)


def test_the_data_of_another_folder_are_not_the_authors(pair: Pair):
    answer = Cell(
        "answer",
        "import os\nos.makedirs('mine', exist_ok=True)\nopen('mine/n', 'w').write('0')\nos.chdir('mine')\ndef f(x): return 0",
    )
    test = Cell("test", "assert f(3) == int(open('n').read())")
    outcome = pair.isolated([answer, test], files={"n": b"9"}, solution=reference_of([RIGHT.source]))
    assert outcome.cells[1].status == "error", explained(outcome)
    outcome = pair.isolated([answer, test], files={"n": b"9"}, solution=reference_of(["import os; os.chdir('mine')"]))
    assert outcome.cells[1].status == "ok", explained(outcome)


@pytest.mark.parametrize("deed", ["builtins.isinstance = lambda *a: True", "get_ipython().run_cell = None"])
def test_a_workspace_that_cannot_go_on_ends_no_examiner(pair: Pair, deed: str):
    cells = [
        Cell("answer", f"import builtins\n{deed}"),
        Cell("answer", "def f(x): return 9"),
        Cell("test", "assert f(3) == 9"),
    ]
    outcome = pair.isolated(cells, solution=solution_of([RIGHT]), seconds=2)
    assert all(one is None or one.status != "ok" for one in outcome.cells[2:]), explained(outcome)


def test_what_cannot_be_handed_over_fails_one_test_only(pair: Pair):
    odd = "class M(type):\n    __eq__ = lambda s, o: True\n    __hash__ = lambda s: hash(float)\nclass C(metaclass=M): pass\n"
    lists = "class L:\n    __class__ = list\ndef h(x): return L()\n"
    answer = Cell(
        "answer", f"{odd}{lists}def f(x): return C()\ndef g(x): return x**2\ndef e(x): raise ValueError('\\udcff')"
    )
    tests = ["assert f(3) == 9", "assert h(3) == 9", "assert e(3) == 9", "assert g(3) == 9"]
    outcome = pair.isolated([answer, *(Cell("test", text) for text in tests)], solution=solution_of([RIGHT]))
    assert not outcome.broken, outcome.broken
    assert [one.status for one in outcome.cells[1:]] == ["error"] * 3 + ["ok"], explained(outcome)
