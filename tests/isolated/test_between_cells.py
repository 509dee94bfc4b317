# ruff: noqa: E501 - small programs read better with one a line
"""What tests hand to answers by name, and what they keep: from cell to cell, and from hidden text."""

import pytest

from tests.isolated.pair import Cell, Outcome, Pair, solution_of

pytestmark = pytest.mark.integration

IMPORTS = Cell("author", "import math")


def asks(released: str, hidden: str = "") -> Cell:
    return Cell("test", released + "\n" + hidden, released)


def statuses(outcome: Outcome) -> list[str]:
    assert not outcome.broken, outcome.broken
    return [ran.status if ran else "gone" for ran in outcome.cells]


def both(pair: Pair, cells: list[Cell], right: list[Cell] | None = None) -> tuple[list[str], list[str]]:
    """How each cell ended, isolated and in one process."""
    return statuses(pair.isolated(cells, solution=solution_of(right or cells))), statuses(pair.shared(cells))


HELPER = Cell("answer", "def squares(n): return [i * i for i in range(n)]")
USING = Cell("answer", "def total(n): return sum(squares(n))")
NOT_USING = Cell("answer", "def total(n): return sum(i * i for i in range(n))")
TAKES_AWAY = asks(
    "assert total(3) == 5",
    "kept = squares\ndel squares\ntry:\n    total(3)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError\n"
    "finally:\n    squares = kept",
)
AGAIN = asks("assert total(4) == 14 and squares(2) == [0, 1]")


def test_a_hidden_test_finds_out_whether_a_helper_is_used(pair: Pair) -> None:
    right = [HELPER, USING, TAKES_AWAY, AGAIN]
    assert both(pair, right) == (["ok"] * 4, ["ok"] * 4)
    wrong = [HELPER, NOT_USING, TAKES_AWAY, AGAIN]
    assert both(pair, wrong, right) == (["ok", "ok", "error", "ok"],) * 2


def test_a_helper_of_the_author_can_be_taken_away_too(pair: Pair) -> None:
    given = Cell("author", HELPER.source)
    probe = asks(
        "assert total(3) == 5",
        "kept = squares\ndel squares\nfor call in (lambda: squares(1), lambda: total(3)):\n    try:\n        call()\n"
        "    except NameError:\n        continue\n    raise AssertionError\nsquares = kept",
    )
    assert both(pair, [given, USING, probe, AGAIN]) == (["ok"] * 4,) * 2
    assert both(pair, [given, NOT_USING, probe, AGAIN], [given, USING]) == (["ok", "ok", "error", "error"],) * 2


def test_an_answer_works_on_what_an_earlier_test_has_bound(pair: Pair) -> None:
    cells = [
        Cell("answer", "def load(): return [3, 1, 2]"),
        asks("import statistics\nvalues = load()\nassert len(values) == 3\ndef double(x): return 2 * x"),
        Cell("answer", "values.sort()\nmiddle = double(statistics.median(values))"),
        asks("assert values == [1, 2, 3] and middle == 4"),
        Cell("answer", "values = [double(one) for one in values]"),
        asks("assert values == [2, 4, 6]"),
    ]
    assert both(pair, cells) == (["ok"] * 6,) * 2


def test_an_answer_never_sees_what_hidden_text_binds(pair: Pair) -> None:
    right = Cell("answer", "limit = 1\nseen = []\ndef f():\n    seen.append(limit)\n    return 7")
    hidden = asks("assert f() == 7", "limit = 31337\nassert f() == 7")
    later = asks("assert f() == 7\nlimit = 5\nassert f() == 7")
    show = asks("assert 31337 not in seen and seen[-1] == 5, seen")
    cells = [right, hidden, later, show]
    assert statuses(pair.isolated(cells, solution=solution_of(cells))) == ["ok"] * 4
    assert statuses(pair.isolated(cells)) == ["ok"] * 4
    next_answer = [right, hidden, Cell("answer", "taken = limit"), asks("assert taken != 31337")]
    assert statuses(pair.isolated(next_answer, solution=solution_of(next_answer))) == ["ok"] * 4


def test_short_texts_are_the_literals_of_an_answer(pair: Pair) -> None:
    cells = [Cell("answer", "def f(kind): return {True: 1}.get(kind is 'mean', 2)"), asks("assert f('mean') == 1")]
    assert both(pair, cells) == (["ok", "ok"],) * 2


METHODS = "class Dog:\n    def __init__(self, name):\n        print('made')\n        self.name = name\n    def bark(self): return 'wuff'"
TEXT = "\n    def __str__(self): return self.name"
ASKED = [
    "import inspect\nassert 'print(' in inspect.getsource(Dog.__init__) and 'print(' in inspect.getsource(Dog('a').__init__)",
    "import inspect\nassert inspect.getsource(Dog('a').bark).strip().startswith('def bark') and 'wuff' in inspect.getsource(Dog.bark)",
    "import inspect\nassert list(inspect.signature(Dog.__init__).parameters) == ['self', 'name']",
    "assert Dog.__str__ is not object.__str__ and str(Dog('Rex')) == 'Rex'",
]


def test_methods_that_every_class_has(pair: Pair) -> None:
    cells = [Cell("answer", METHODS + TEXT), *map(asks, ASKED)]
    assert both(pair, cells) == (["ok"] * 5,) * 2
    bare = [Cell("answer", METHODS.replace("print('made')", "pass")), *map(asks, ASKED)]
    assert both(pair, bare, cells) == (["ok", "error", "ok", "ok", "error"],) * 2
    without = [Cell("answer", "class Dog: pass"), asks("assert Dog.__init__ is not object.__init__")]
    assert both(pair, without, cells) == (["ok", "error"],) * 2


def test_a_module_counts_as_imported_if_the_answer_imports_it(pair: Pair) -> None:
    right = Cell("answer", "import math\nx = 1")
    probe = asks("assert x == 1 and math.sqrt(4) == 2")
    lying = "class math:\n    sqrt = staticmethod(lambda value: 7)\nx = 1"
    assert both(pair, [right, probe]) == (["ok"] * 2,) * 2
    assert both(pair, [Cell("answer", "x = 1"), probe], [right]) == (["ok", "error"],) * 2
    judged = asks("assert math.sqrt(4) == 2")
    assert statuses(pair.isolated([Cell("answer", lying), judged], solution=solution_of([right]))) == ["ok", "ok"]


def test_the_names_in_a_class(pair: Pair) -> None:
    probe = asks("assert 'bark' in dir(Dog) and 'bark' in dir(Dog('a')) and 'meow' not in dir(Dog)")
    assert both(pair, [Cell("answer", METHODS), probe]) == (["ok"] * 2,) * 2
    assert both(pair, [Cell("answer", METHODS.replace("bark", "moo")), probe]) == (["ok", "error"],) * 2


HELPERS = b"def check(f):\n    assert f(3) == 9, 'not squared'\n"
TOOLS = (
    b"class Node:\n    def __init__(self, value): self.value = value\ndef double(x):\n    assert x\n    return 2 * x\n"
)


def test_the_authors_assertions_are_out_of_reach(pair: Pair) -> None:
    files = {"helpers_of_ours.py": HELPERS}
    given = Cell("author", "from helpers_of_ours import check")
    tests = [asks("check(f)"), asks("import helpers_of_ours\nhelpers_of_ours.check(f)")]
    right = Cell("answer", "def f(x): return x * x")
    hostile = Cell(
        "answer",
        "import helpers_of_ours\nhelpers_of_ours.check = check = lambda f: None\n"
        "open('helpers_of_ours.py', 'w').write('def check(f): pass')\ndef f(x): return 0",
    )
    assert statuses(pair.isolated([given, right, *tests], files=files, solution=solution_of([right]))) == ["ok"] * 4
    outcome = pair.isolated([given, hostile, *tests], files=files, solution=solution_of([right]))
    assert statuses(outcome) == ["ok", "ok", "error", "error"]


def test_a_module_of_classes_stays_with_the_answers(pair: Pair) -> None:
    answer = Cell("answer", "from tools_of_ours import Node, double\ndef f(node): return double(node.value)")
    probe = asks("from tools_of_ours import Node\nassert f(Node(2)) == 4")
    outcome = pair.isolated([answer, probe], files={"tools_of_ours.py": TOOLS}, solution=solution_of([answer]))
    assert statuses(outcome) == ["ok", "ok"]


def test_what_an_answer_wants_done_behind_every_cell_is_done_behind_tests(pair: Pair) -> None:
    cells = [
        Cell("answer", "seen = []\ndef count(): return len(seen)"),
        asks("assert count() == 0"),
        Cell("answer", "get_ipython().events.register('post_execute', lambda: seen.append(1))"),
        asks("assert count() == 1"),
        asks("assert count() == 2"),
        asks("1"),
        asks("assert count() == 4"),
    ]
    assert statuses(pair.isolated(cells)) == ["ok"] * 7
