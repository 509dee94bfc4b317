# ruff: noqa: E501 - tables read better with one entry a line, and stand-ins have unused arguments
"""Which names a cell uses and binds, which part of an author's cell the examiner runs, and which tests cannot work."""

import pytest

from autograder.isolated.author import trusted_part
from autograder.isolated.names import names_of, reference_of
from autograder.isolated.suitable import suitable


@pytest.mark.parametrize(
    ("source", "loaded"),
    [
        ("assert f(x) == y", {"f", "x", "y"}),
        ("def g(a): return f(a, b)", {"f", "b"}),
        ("[f(i) for i in xs if (z := i)]", {"f", "xs"}),
        ("lambda q, w=d: q + h", {"d", "h"}),
        ("class A(B):\n    c = D\n    def m(self): return E", {"B", "D", "E"}),
        ("x += 1", {"x"}),
        ("%time f(3)\nassert g", {"g"}),
        ("%%capture out\nf(2)", {"f"}),
        ("for n, want in {1: 2}.items():\n    f(n)", {"f", "n"}),
        ("def broken(:", set()),
        ("return 3", set()),
    ],
)
def test_the_names_that_a_cell_loads(source, loaded):
    assert names_of(source).loaded == loaded


@pytest.mark.parametrize(
    ("source", "bound"),
    [
        ("a, (b, *c) = 1, (2, 3)", {"a", "b", "c"}),
        ("import os.path, numpy as np\nfrom math import pi as p", {"os", "np", "p"}),
        ("def f(x):\n    y = 1\n    global z\n    z = 2", {"f", "z"}),
        ("with open(n) as file: pass\nfor i in r: pass\nif (k := 1): pass", {"file", "i", "k"}),
        ("[j for j in r]", set()),
        ("try: pass\nexcept E as e: pass", {"e"}),
    ],
)
def test_the_names_that_a_cell_binds(source, bound):
    assert names_of(source).bound == bound


def test_a_solution_tells_what_is_the_learners_to_define():
    found = reference_of(
        ["import numpy as np\nfrom math import sqrt\ndef max(a): return np.max(a) + k", "class Dog: pass"]
    )
    assert found.bound == {"max", "Dog"}
    assert found.builtin_names == {"max"}
    assert found.classes == {"Dog"}
    assert found.modules == (("np", "numpy"),)
    assert found.loaded == {"np", "k"}


def test_what_tests_alone_bind_is_theirs():
    tests = ["expected = 3\nfor case in cases: pass", "x = 1\nresult = f(x)", "import io"]
    found = reference_of(["def f(x): return x\nresult = 0"], ["x = 2"], tests)
    assert found.of_tests == {"expected", "case", "io"}
    assert reference_of([], tests=tests).of_tests == set()  # without a solution nobody knows


@pytest.mark.parametrize(
    ("text", "moves"), [("os.chdir('data')", True), ("  %cd data", True), ("folder = 'cd'", False)]
)
def test_whether_the_author_changes_the_folder(text, moves):
    assert reference_of([text]).moves is moves
    assert reference_of([], [], [text]).moves is moves


@pytest.mark.parametrize(
    "kept",
    [
        "def check(x):\n    assert f(x)",
        "TOLERANCE = 1e-06",
        "SIZES = (1, -2.5, 'a')",
        "class Tests(unittest.TestCase):\n    pass",
        "class Checker:\n\n    def ok(self):\n        assert f(1)",
    ],
)
def test_the_examiner_runs_what_tests_rely_on(kept):
    assert trusted_part(kept) == kept


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("import numpy as np", "import numpy as np"),
        ("import numpy as np\nnp.random.seed(1)\nx = np.random.rand(3)", "np.random.seed(1)"),
        ("import os\nos.makedirs('out')", "import os"),
        ("%matplotlib inline\nimport math", "%matplotlib inline"),
        ("try:\n    import a\nexcept ImportError:\n    a = None", "import a"),
    ],
)
def test_it_sets_modules_up(source, part):
    assert part in trusted_part(source)


@pytest.mark.parametrize(
    "source",
    [
        "data = [1, 2]", "df = pd.read_csv('a.csv')", "class Node:\n    def __init__(self, v): self.v = v", "f(3)", "df.head()",
        "import os\n", "%%bash\nls", "x = y", "stack.push(1)", "import os\nos.remove('a')", "for i in range(3): print(i)",
    ],
)  # fmt: skip
def test_data_and_actions_are_the_workspaces_alone(source):
    part = trusted_part(source)
    assert "remove" not in part
    assert source.startswith("import os") or part == ""


@pytest.mark.parametrize(
    "source",
    [
        "import gc\ngc.get_objects()", "%whos", "Out[3]", "class Puppy(Dog): pass", "f.__globals__",
        "with patch('__main__.g'): f()", "import sys\nsys._getframe()", "get_ipython().user_ns['x']",
    ],
)  # fmt: skip
def test_what_cannot_work_is_told(source):
    assert suitable(source) != ""


@pytest.mark.parametrize(
    "source",
    [
        "assert f(3) == 9", "class Odd(Exception): pass", "with patch('builtins.input', return_value='3'): f()", "%time f(2)",
        "import inspect\ninspect.signature(f)", "class A: pass\nclass B(A): pass", "import inspect\ninspect.getsource(f)",
    ],
)  # fmt: skip
def test_of_what_works_nothing_is_told(source):
    assert suitable(source) == ""
