# ruff: noqa: E501 - a table of small programs reads better with one a line
"""Small notebooks of the kinds that real courses have: an answer that is right, one that is wrong, and a test."""

from dataclasses import dataclass

from tests.isolated.pair import Cell


@dataclass(frozen=True)
class Material:
    """``test`` passes with ``right`` and fails with ``wrong``, in one process and isolated alike."""

    name: str
    right: str
    wrong: str
    test: str
    author: str = ""
    before: str = ""  # an earlier test, which passes with both
    files: tuple[tuple[str, bytes], ...] = ()

    def cells(self, answer: str) -> list[Cell]:
        found = [Cell("author", "import math\nimport numpy as np\nimport pandas as pd\n" + self.author)]
        found.append(Cell("answer", answer))
        if self.before:
            found.append(Cell("test", self.before))
        return [*found, Cell("test", self.test)]


POINT = "class Point:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n"
NODE = "class Node:\n    def __init__(self, value, next=None):\n        self.value, self.next = value, next\n"

MATERIAL = [
    Material("a number", "def f(x): return x**2", "def f(x): return x+2", "assert f(3) == 9\nassert abs(f(1.5) - 2.25) < 1e-9"),
    Material("a variable", "answer = 42", "answer = 41", "assert answer == 42"),
    Material("the type of a result", "def f(): return [1]", "def f(): return (1,)", "assert type(f()) == list and type(f()) is list"),
    Material("isinstance of data", "x = 3.0", "x = '3'", "assert isinstance(x, (int, float))"),
    Material("texts", "def greet(n): return f'Hi {n}'", "def greet(n): return n", "assert greet('Ä') == 'Hi Ä'\nassert greet('x').startswith('Hi')"),
    Material("arrays", "def f(a): return a * 2", "def f(a): return a * 3",
             "x = np.arange(6.0).reshape(2, 3)\nnp.testing.assert_allclose(f(x), x * 2)\nassert f(x).shape == (2, 3) and f(x).dtype == float"),
    Material("array variable", "a = np.linspace(0, 1, 11)", "a = np.linspace(0, 1, 10)", "assert a.shape == (11,) and np.isclose(a[-1], 1) and a.dtype == np.float64"),
    Material("in place, list", "def add(l): l.append(1)", "def add(l): l + [1]", "l = [0]\nm = l\nadd(l)\nassert l == [0, 1] and m is l"),
    Material("in place, nested", "def fix(g): g[1][0] = 5", "def fix(g): g[0][0] = 5", "row = [1, 2]\ng = [[0, 0], row]\nfix(g)\nassert row == [5, 2]"),
    Material("in place, array", "def zero(a): a[a < 0] = 0", "def zero(a): a = 0", "a = np.array([1.0, -2.0])\nview = a[1:]\nzero(a)\nassert (a == [1, 0]).all() and view[0] == 0"),
    Material("in place, dictionary", "def count(d, k): d[k] = d.get(k, 0) + 1", "def count(d, k): d[k] = 1", "d = {}\nfor k in 'aab': count(d, k)\nassert d == {'a': 2, 'b': 1}"),
    Material("in place, frame", "def add(df): df['b'] = df['a'] * 2", "def add(df): df['b'] = df['a']", "df = pd.DataFrame({'a': [1, 2]})\nadd(df)\nassert list(df.columns) == ['a', 'b'] and df['b'].tolist() == [2, 4]"),
    Material("returns the same object", "def f(l):\n    l.sort()\n    return l", "def f(l): return sorted(l)", "l = [2, 1]\nassert f(l) is l"),
    Material("returns a new object", "def f(l): return sorted(l)", "def f(l):\n    l.sort()\n    return l", "l = [2, 1]\nassert f(l) == [1, 2] and l == [2, 1]"),
    Material("keeps what it was given", "class Bag:\n    def __init__(self, items): self.items = items\n    def add(self, x): self.items.append(x)",
             "class Bag:\n    def __init__(self, items): self.items = list(items)\n    def add(self, x): self.items.append(x)",
             "mine = [1]\nb = Bag(mine)\nb.add(2)\nassert mine == [1, 2]\nmine.append(3)\nassert b.items == [1, 2, 3] and b.items is mine"),
    Material("an expected exception", "def root(x):\n    if x < 0: raise ValueError('negative')\n    return x**0.5", "def root(x): return abs(x)**0.5",
             "try:\n    root(-1)\nexcept ValueError as e:\n    assert 'negative' in str(e)\nelse:\n    assert False, 'no error'"),
    Material("unittest's assertRaises", "def f(x):\n    raise KeyError(x)", "def f(x):\n    raise TypeError(x)", "import unittest\nt = unittest.TestCase()\nwith t.assertRaises(KeyError) as c:\n    f('a')\nassert c.exception.args == ('a',)"),
    Material("an exception of their own", "class Overdrawn(Exception):\n    def __init__(self, by): self.by = by; super().__init__(f'by {by}')\ndef pay(x): raise Overdrawn(x)",
             "class Overdrawn(Exception): pass\ndef pay(x): raise ValueError(x)", "try:\n    pay(5)\nexcept Overdrawn as e:\n    assert e.by == 5 and str(e) == 'by 5' and issubclass(Overdrawn, Exception)\nelse:\n    assert False"),
    Material("a library's exception", "def inv(a): return np.linalg.inv(a)", "def inv(a): return a", "try:\n    inv(np.zeros((2, 2)))\nexcept np.linalg.LinAlgError:\n    pass\nelse:\n    assert False"),
    Material("a class", POINT + "    def norm(self): return math.hypot(self.x, self.y)", POINT + "    def norm(self): return self.x", "p = Point(3, 4)\nassert p.norm() == 5 and p.x == 3 and isinstance(p, Point) and type(p) is Point"),
    Material("setting attributes", POINT, "class Point:\n    def __init__(self, x, y): pass\n    x = y = property(lambda self: 0)", "p = Point(1, 2)\np.x = 7\nassert p.x == 7 and hasattr(p, 'y') and not hasattr(p, 'z')"),
    Material("inheritance", "class A:\n    def f(self): return 1\nclass B(A):\n    def g(self): return 2", "class A:\n    def f(self): return 1\nclass B:\n    def g(self): return 2",
             "assert issubclass(B, A) and isinstance(B(), A)\nassert B.__name__ == 'B' and B.__bases__ == (A,)"),
    Material("class attributes", "class C:\n    count = 0\n    def __init__(self): C.count += 1", "class C:\n    count = 0\n    def __init__(self): self.count += 1", "C(); C()\nassert C.count == 2"),
    Material("static and class methods", "class T:\n    @staticmethod\n    def f(c): return c * 2\n    @classmethod\n    def make(cls): return cls()", "class T:\n    @staticmethod\n    def f(c): return c\n    @classmethod\n    def make(cls): return 1",
             "assert T.f(2) == 4 and isinstance(T.make(), T)"),
    Material("properties", "class T:\n    def __init__(self, c): self.c = c\n    @property\n    def f(self): return self.c * 9 / 5 + 32\n    @f.setter\n    def f(self, v): self.c = (v - 32) * 5 / 9", "class T:\n    def __init__(self, c): self.c = c\n    f = 0",
             "t = T(100)\nassert t.f == 212\nt.f = 32\nassert t.c == 0"),
    Material("operators of a class", POINT + "    def __add__(self, o): return Point(self.x + o.x, self.y + o.y)\n    def __eq__(self, o): return (self.x, self.y) == (o.x, o.y)\n    def __rmul__(self, k): return Point(k * self.x, k * self.y)\n    __mul__ = __rmul__",
             POINT + "    def __add__(self, o): return self\n    def __eq__(self, o): return (self.x, self.y) == (o.x, o.y)\n    def __rmul__(self, k): return self\n    __mul__ = __rmul__",
             "assert Point(1, 2) + Point(3, 4) == Point(4, 6)\nassert (2 * Point(1, 2)).y == 4 and Point(1, 2) * 3 == Point(3, 6) and Point(1, 2) != Point(2, 1)"),
    Material("order of a class", POINT + "    def __lt__(self, o): return self.x < o.x", POINT + "    def __lt__(self, o): return self.x > o.x", "ps = sorted([Point(3, 0), Point(1, 0), Point(2, 0)])\nassert [p.x for p in ps] == [1, 2, 3] and min(ps).x == 1"),
    Material("str and repr", POINT + "    def __repr__(self): return f'Point({self.x}, {self.y})'", POINT, "assert repr(Point(1, 2)) == 'Point(1, 2)' and str(Point(1, 2)) == 'Point(1, 2)' and f'{Point(1, 2)}' == 'Point(1, 2)'"),
    Material("len, items, iteration", "class Deck:\n    def __init__(self): self.c = [3, 1, 2]\n    def __len__(self): return len(self.c)\n    def __getitem__(self, i): return self.c[i]",
             "class Deck:\n    def __init__(self): self.c = [3, 1]\n    def __len__(self): return len(self.c)\n    def __getitem__(self, i): return self.c[i]", "d = Deck()\nassert len(d) == 3 and d[0] == 3 and d[-1] == 2 and list(d) == [3, 1, 2] and sorted(d) == [1, 2, 3]\nassert 2 in d and 9 not in d"),
    Material("an iterator class", "class Up:\n    def __init__(self, n): self.n, self.i = n, 0\n    def __iter__(self): return self\n    def __next__(self):\n        if self.i == self.n: raise StopIteration\n        self.i += 1\n        return self.i",
             "class Up:\n    def __init__(self, n): self.n, self.i = n, 0\n    def __iter__(self): return self\n    def __next__(self):\n        if self.i >= self.n - 1: raise StopIteration\n        self.i += 1\n        return self.i", "assert list(Up(3)) == [1, 2, 3]\nassert sum(x for x in Up(4)) == 10"),
    Material("a generator", "def evens(n):\n    for i in range(n): yield 2 * i", "def evens(n): return [2 * i for i in range(n)]", "import types\ng = evens(3)\nassert isinstance(g, types.GeneratorType)\nassert next(g) == 0 and list(g) == [2, 4]"),
    Material("an endless generator", "def fib():\n    a, b = 0, 1\n    while True:\n        yield a\n        a, b = b, a + b", "def fib():\n    a, b = 1, 1\n    while True:\n        yield a\n        a, b = b, a + b", "from itertools import islice\nassert list(islice(fib(), 6)) == [0, 1, 1, 2, 3, 5]"),
    Material("generator sends", "def avg():\n    t = n = 0\n    v = None\n    while True:\n        x = yield v\n        t += x; n += 1; v = t / n", "def avg():\n    while True:\n        x = yield 0", "a = avg()\nnext(a)\nassert a.send(2) == 2 and a.send(4) == 3\na.close()"),
    Material("a context manager", "class Log:\n    def __init__(self): self.e = []\n    def __enter__(self):\n        self.e.append('in')\n        return self\n    def __exit__(self, *a):\n        self.e.append(a[0].__name__ if a[0] else 'out')\n        return True",
             "class Log:\n    def __init__(self): self.e = []\n    def __enter__(self): return self\n    def __exit__(self, *a): return True", "with Log() as l: pass\nassert l.e == ['in', 'out']\nwith Log() as l:\n    raise KeyError\nassert l.e == ['in', 'KeyError']"),
    Material("a callback", "def apply(f, xs): return [f(x) for x in xs]", "def apply(f, xs): return list(xs)", "assert apply(lambda x: x + 1, [1, 2]) == [2, 3] and apply(math.sqrt, [4]) == [2]"),
    Material("a callback that counts", "def thrice(f):\n    for _ in range(3): f()", "def thrice(f): f()", "calls = []\nthrice(lambda: calls.append(1))\nassert len(calls) == 3"),
    Material("a callback that raises", "def safe(f):\n    try: return f()\n    except ZeroDivisionError: return 'oops'", "def safe(f): return f()", "assert safe(lambda: 1 / 0) == 'oops'\nclass Odd(Exception): pass\ndef odd(): raise Odd('x')\ntry:\n    safe(odd)\nexcept Odd as e:\n    assert e.args == ('x',)"),
    Material("numerical callbacks", "def newton(f, df, x):\n    for _ in range(50): x = x - f(x) / df(x)\n    return x", "def newton(f, df, x): return x", "assert np.isclose(newton(lambda x: x**2 - 2, lambda x: 2 * x, 1.0), 2**0.5)\nassert abs(newton(np.sin, np.cos, 3.0) - np.pi) < 1e-9"),
    Material("a decorator", "def twice(f):\n    def g(*a, **k): return 2 * f(*a, **k)\n    return g", "def twice(f): return f", "@twice\ndef add(a, b=1): return a + b\nassert add(1) == 4 and add(1, b=2) == 6"),
    Material("a closure", "def counter():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 1\n        return n\n    return inc", "def counter(): return lambda: 1", "c, d = counter(), counter()\nassert c() == 1 and c() == 2 and d() == 1 and callable(c)"),
    Material("default and keyword arguments", "def f(a, b=2, *args, c=3, **kw): return a, b, args, c, kw", "def f(a, b=2, *args, c=4, **kw): return a, b, args, c, kw", "assert f(1) == (1, 2, (), 3, {}) and f(1, 5, 6, c=7, d=8) == (1, 5, (6,), 7, {'d': 8})"),
    Material("signature and docstring", "def area(w, h=1):\n    'The area.'\n    return w * h", "def area(w): return w", "import inspect\nassert list(inspect.signature(area).parameters) == ['w', 'h'] and area.__doc__ == 'The area.' and area.__name__ == 'area'"),
    Material("printing captured", "def hi(): print('hi'); print('there')", "def hi(): return 'hi'", "import io\nfrom contextlib import redirect_stdout\nb = io.StringIO()\nwith redirect_stdout(b):\n    hi()\nassert b.getvalue() == 'hi\\nthere\\n'"),
    Material("printing captured by swapping", "def hi(): print('a', end='')", "def hi(): print('b', end='')", "import sys, io\nold = sys.stdout\nsys.stdout = io.StringIO()\ntry:\n    hi()\n    text = sys.stdout.getvalue()\nfinally:\n    sys.stdout = old\nassert text == 'a'"),
    Material("printing captured by IPython", "def hi(): print('a')", "def hi(): print('b')", "from IPython.utils.capture import capture_output\nwith capture_output() as c:\n    hi()\nassert c.stdout == 'a\\n'"),
    Material("input answered by mock", "def ask(): return int(input('n? ')) + 1", "def ask(): return 1", "from unittest.mock import patch\nwith patch('builtins.input', return_value='4'):\n    assert ask() == 5"),
    Material("input rebound", "def ask(): return int(input('n? ')) + 1", "def ask(): return 1", "input = lambda prompt='': '4'\nassert ask() == 5\ndel input"),
    Material("rebinding a global", "def scaled(x): return factor * x", "def scaled(x): return 2 * x", "factor = 3\nassert scaled(2) == 6\nfactor = 5\nassert scaled(2) == 10", author="factor = [2][0]"),
    Material("a global that changes", "n = 0\ndef inc():\n    global n\n    n += 1", "n = 0\ndef inc(): n = 1", "inc(); inc()\nassert n == 2"),
    Material("a list that grows", "log = []\ndef note(x): log.append(x)", "log = []\ndef note(x): pass", "note(1); note(2)\nassert log == [1, 2]\nlog.clear()\nnote(3)\nassert log == [3]"),
    Material("deleting a global", "x = 5\ndef f(y): return y + 1", "x = 5\ndef f(y): return x + 1", "y = 5\ndel x\nassert f(5) == 6"),
    Material("a name of an earlier test", "def f(x): return x + 1", "def f(x): return x - 1 if x > 3 else x + 1", "assert [check(x) for x in data] == [2, 3, 5]", before="data = [1, 2, 4]\ndef check(x): return f(x)"),
    Material("a helper of the author", "def f(x): return 2 * x", "def f(x): return x", "check(4, 8)", author="def check(x, y):\n    assert f(x) == y, 'no'"),
    Material("a class of the author", "def total(node):\n    s = 0\n    while node:\n        s += node.value\n        node = node.next\n    return s", "def total(node): return node.value", "assert total(Node(1, Node(2, Node(3)))) == 6", author=NODE),
    Material("a class of the author, returned", "def build(xs):\n    head = None\n    for x in reversed(xs): head = Node(x, head)\n    return head", "def build(xs): return None", "n = build([1, 2])\nassert isinstance(n, Node) and n.next.value == 2 and n.next.next is None", author=NODE),
    Material("globals", "x = 3", "y = 3", "assert 'x' in globals() and globals()['x'] == 3"),
    Material("dir and locals", "x = 3", "y = 3", "assert 'x' in dir() and locals().get('x') == 3"),
    Material("eval", "def f(x): return x + 1", "def f(x): return x", "for text, value in [('f(1)', 2), ('f(f(1))', 3)]:\n    assert eval(text) == value"),
    Material("defined at all", "area = 3", "other = 3", "try:\n    area\nexcept NameError:\n    assert False, 'define area'"),
    Material("random numbers, legacy seed", "def roll(n): return np.random.randint(1, 7, n)", "def roll(n): return np.ones(n, int)", "np.random.seed(5)\na = roll(20)\nnp.random.seed(5)\nb = np.random.randint(1, 7, 20)\nassert (a == b).all()"),
    Material("random numbers, random", "import random\ndef draw(): return random.random()", "import random\ndef draw(): return 0.5", "import random\nrandom.seed(1)\nx = draw()\ny = random.random()\nrandom.seed(1)\nassert [x, y] == [random.random(), random.random()]"),
    Material("a generator of random numbers", "def sample(rng, n): return rng.normal(size=n)", "def sample(rng, n): return np.zeros(n)", "rng = np.random.default_rng(3)\na = np.r_[sample(rng, 3), sample(rng, 3)]\nassert np.allclose(a, np.random.default_rng(3).normal(size=6))"),
    Material("a frame", "def top(df): return df.sort_values('x', ascending=False).head(2)", "def top(df): return df.head(2)", "df = pd.DataFrame({'x': [1, 3, 2], 'k': list('abc')})\npd.testing.assert_frame_equal(top(df), df.loc[[1, 2]])"),
    Material("grouping", "def means(df): return df.groupby('k')['x'].mean()", "def means(df): return df.groupby('k')['x'].sum()", "df = pd.DataFrame({'x': [1.0, 3.0, 2.0], 'k': list('aab')})\ns = means(df)\nassert isinstance(s, pd.Series) and s['a'] == 2.0 and s.index.name == 'k'"),
    Material("frames with dates and categories", "def load():\n    return pd.DataFrame({'d': pd.date_range('2024', periods=3), 'c': pd.Categorical(['a', 'b', 'a'])}).set_index('d')", "def load(): return pd.DataFrame()", "df = load()\nassert df.index.name == 'd' and df['c'].dtype == 'category' and df.loc['2024-01-02', 'c'] == 'b'"),
    Material("a file written", "def save(name): open(name, 'w').write('a,b\\n1,2\\n')", "def save(name): open(name, 'w').write('a\\n1\\n')", "save('out.csv')\nimport os\nassert os.path.exists('out.csv') and list(pd.read_csv('out.csv').columns) == ['a', 'b']"),
    Material("a file read", "def load(name): return [float(x) for x in open(name)]", "def load(name): return []", "assert load('data.txt') == [1.0, 2.5]", files=(("data.txt", b"1.0\n2.5\n"),)),
    Material("a file-like object", "def total(f): return sum(int(line) for line in f)", "def total(f): return 0", "import io\nf = io.StringIO('1\\n2\\n')\nassert total(f) == 3 and f.read() == ''"),
    Material("changing the folder", "import os\nos.makedirs('deep', exist_ok=True)\nos.chdir('deep')\nopen('here.txt', 'w').close()", "import os\nos.makedirs('deep', exist_ok=True)", "import os\nassert os.path.exists('here.txt') and os.path.basename(os.getcwd()) == 'deep'"),
    Material("a module of the course", "from tools import double\ndef f(x): return double(x)", "def f(x): return x", "import tools\nfrom tools import double\nassert f(2) == double(2) == tools.double(2) == 4", files=(("tools.py", b"def double(x): return 2 * x\n"),)),
    Material("a plot", "import matplotlib.pyplot as plt\ndef plot(x, y):\n    fig, ax = plt.subplots()\n    ax.plot(x, y, label='line')\n    ax.set_xlabel('t (s)')\n    ax.legend()\n    return ax",
             "import matplotlib.pyplot as plt\ndef plot(x, y):\n    fig, ax = plt.subplots()\n    ax.plot(x, y, label='line')\n    ax.legend()\n    return ax",
             "ax = plot([1, 2, 3], [4, 5, 6])\nassert ax.get_xlabel() == 't (s)' and len(ax.lines) == 1\nnp.testing.assert_allclose(ax.lines[0].get_ydata(), [4, 5, 6])\nassert [t.get_text() for t in ax.get_legend().get_texts()] == ['line']\nimport matplotlib.axes\nassert isinstance(ax, matplotlib.axes.Axes)"),
    Material("bars and a figure", "import matplotlib.pyplot as plt\ndef bars(h):\n    fig = plt.figure()\n    ax = fig.add_subplot()\n    ax.bar(range(len(h)), h)\n    ax.set_title('B')\n    return fig", "import matplotlib.pyplot as plt\ndef bars(h):\n    fig = plt.figure()\n    fig.add_subplot().bar(range(len(h)), [0 for _ in h])\n    return fig",
             "fig = bars([1, 2, 3])\nax = fig.axes[0]\nassert len(ax.patches) == 3 and [p.get_height() for p in ax.patches] == [1, 2, 3] and ax.get_title() == 'B'"),
    Material("the current axes", "import matplotlib.pyplot as plt\ndef draw(x):\n    plt.plot(x)\n    plt.title('T')", "import matplotlib.pyplot as plt\ndef draw(x):\n    plt.title('T')",
             "draw([1, 2])\nimport matplotlib.pyplot as plt\nax = plt.gca()\nassert ax.get_title() == 'T' and list(ax.lines[0].get_ydata()) == [1, 2] and len(plt.get_fignums()) == 1\nplt.close('all')\nassert plt.get_fignums() == []"),
    Material("collections", "from collections import Counter, defaultdict\ndef f(t): return Counter(t)\ndef g(ps):\n    d = defaultdict(list)\n    for k, v in ps: d[k].append(v)\n    return d", "from collections import Counter, defaultdict\ndef f(t): return Counter(t[1:])\ndef g(ps): return {}",
             "assert f('aab').most_common(1) == [('a', 2)]\nd = g([('a', 1), ('a', 2)])\nassert d == {'a': [1, 2]} and d['zz'] == []"),
    Material("a named tuple", "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef mid(a, b): return P((a.x + b.x) / 2, (a.y + b.y) / 2)", "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef mid(a, b): return a",
             "m = mid(P(0, 0), P(2, 4))\nassert m == (1, 2) and m.y == 2 and isinstance(m, P) and m._asdict() == {'x': 1, 'y': 2}"),
    Material("a data class", "from dataclasses import dataclass\n@dataclass\nclass S:\n    name: str\n    n: int = 0\n    def up(self): return S(self.name, self.n + 1)", "from dataclasses import dataclass\n@dataclass\nclass S:\n    name: str\n    n: int = 0\n    def up(self): return self",
             "assert S('a').up() == S('a', 1) and repr(S('a')) == \"S(name='a', n=0)\""),
    Material("the fields of a data class", "from dataclasses import dataclass, field\n@dataclass\nclass S:\n    name: str\n    n: int = 0\n    tags: list = field(default_factory=list, repr=False)", "from dataclasses import dataclass, field\n@dataclass\nclass S:\n    name: str\n    n: float = 0.0",
             "import dataclasses\nassert dataclasses.is_dataclass(S) and [(f.name, f.type, f.repr) for f in dataclasses.fields(S)] == [('name', str, True), ('n', int, True), ('tags', list, False)]\nassert dataclasses.asdict(S('a', 2)) == {'name': 'a', 'n': 2, 'tags': []} and dataclasses.replace(S('a'), n=5).n == 5 and dataclasses.fields(S('b'))[1].default == 0"),
    Material("an enumeration", "from enum import Enum, IntEnum\nclass C(Enum):\n    RED = 1\n    BLUE = 2\nclass L(IntEnum):\n    LOW = 1\n    HIGH = 2\ndef pick(): return C.BLUE", "from enum import Enum, IntEnum\nclass C(Enum):\n    RED = 1\n    BLUE = 2\nclass L(IntEnum):\n    LOW = 1\n    HIGH = 2\ndef pick(): return C.RED",
             "assert pick() is C.BLUE and pick() == C.BLUE and C.BLUE.value == 2 and C['RED'].name == 'RED' and [c.name for c in C] == ['RED', 'BLUE']\nassert L.HIGH > L.LOW and L.HIGH == 2 and L.HIGH.name == 'HIGH'"),
    Material("exact numbers", "from fractions import Fraction\nfrom decimal import Decimal\ndef f(): return Fraction(1, 3)\ndef g(): return Decimal('0.1')", "from fractions import Fraction\nfrom decimal import Decimal\ndef f(): return 1 / 3\ndef g(): return Decimal(0.1)", "from fractions import Fraction\nfrom decimal import Decimal\nassert f() == Fraction(1, 3) and isinstance(f(), Fraction) and g() == Decimal('0.1')"),
    Material("dates", "import datetime\ndef later(d): return d + datetime.timedelta(days=1)", "def later(d): return d", "import datetime\nassert later(datetime.date(2024, 2, 28)) == datetime.date(2024, 2, 29)"),
    Material("sets and hashes", "class Card:\n    def __init__(self, n): self.n = n\n    def __eq__(self, o): return self.n == o.n\n    def __hash__(self): return hash(self.n)", "class Card:\n    def __init__(self, n): self.n = n", "assert len({Card(1), Card(1), Card(2)}) == 2 and Card(1) in [Card(1)] and {Card(1): 'a'}[Card(1)] == 'a'"),
    Material("abstract classes", "from abc import ABC, abstractmethod\nclass Shape(ABC):\n    @abstractmethod\n    def area(self): ...\nclass Sq(Shape):\n    def __init__(self, a): self.a = a\n    def area(self): return self.a**2", "class Shape:\n    def area(self): ...\nclass Sq(Shape):\n    def __init__(self, a): self.a = a\n    def area(self): return self.a**2",
             "assert Sq(2).area() == 4\ntry:\n    Shape()\nexcept TypeError:\n    pass\nelse:\n    assert False"),
    Material("chained methods", "class Q:\n    def __init__(self): self.s = []\n    def add(self, x):\n        self.s.append(x)\n        return self", "class Q:\n    def __init__(self): self.s = []\n    def add(self, x):\n        self.s.append(x)", "q = Q()\nassert q.add(1).add(2) is q and q.s == [1, 2]"),
    Material("mutual recursion and objects", "class Tree:\n    def __init__(self, v): self.v, self.l, self.r = v, None, None\n    def insert(self, v):\n        side = 'l' if v < self.v else 'r'\n        if getattr(self, side) is None: setattr(self, side, Tree(v))\n        else: getattr(self, side).insert(v)",
             "class Tree:\n    def __init__(self, v): self.v, self.l, self.r = v, None, None\n    def insert(self, v): self.l = Tree(v)", "t = Tree(5)\nfor v in (3, 8, 7): t.insert(v)\nassert t.l.v == 3 and t.r.l.v == 7 and t.l.r is None"),
    Material("large integers", "def fact(n): return 1 if n == 0 else n * fact(n - 1)", "def fact(n): return float(math.factorial(n))", "assert fact(50) == math.factorial(50)"),
    Material("complex numbers and tuples", "import cmath\ndef roots(a, b, c):\n    d = cmath.sqrt(b * b - 4 * a * c)\n    return (-b + d) / (2 * a), (-b - d) / (2 * a)", "def roots(a, b, c): return 0j, 0j", "assert roots(1, 0, 1) == (1j, -1j)"),
    Material("partial credit", "def f(x): return x * 2\ndef g(x): return x + 1", "def f(x): return x * 2\ndef g(x): return x", "points = 0\nif f(2) == 4: points += 1\nif g(2) == 3: points += 1\npoints / 2"),
    Material("a magic", "def f(x): return x", "def f(x): raise ValueError", "%time y = f(3)\nassert y == 3"),
    Material("numpy's own tests of values", "def f(): return np.float32(1.5), np.array(['a', 'b']), np.array([True, False])", "def f(): return 1.5, ['a', 'b'], [True, False]", "a, b, c = f()\nassert a.dtype == np.float32 and b.dtype.kind == 'U' and c.dtype == bool"),
    Material("a method as a value", "class A:\n    def __init__(self): self.n = 0\n    def up(self): self.n += 1", "class A:\n    def __init__(self): self.n = 0\n    def up(self): pass", "a = A()\nup = a.up\nfor _ in range(3): up()\nassert a.n == 3 and up.__self__ is a"),
    Material("functions in a list", "def square(x): return x * x\ndef cube(x): return x**3\nfs = {'s': square, 'c': cube}", "def square(x): return x\ndef cube(x): return x**3\nfs = {'s': square, 'c': cube}", "assert [fs[k](2) for k in 'sc'] == [4, 8] and fs['s'] is square"),
    Material("mapping and filtering", "def up(xs): return map(str.upper, xs)", "def up(xs): return list(xs)", "assert list(up(['a'])) == ['A']"),
    Material("keys of a dictionary", "def names(d): return d.keys()", "def names(d): return d.values()", "assert names({'a': 1}) == {'a'} and sorted(names({'b': 1, 'a': 2})) == ['a', 'b']"),
    Material("copies", POINT, "class Point:\n    def __init__(self, x, y): self.x = self.y = 0", "import copy\np = Point(1, [2])\nq = copy.deepcopy(p)\nq.y.append(3)\nassert p.y == [2] and q.y == [2, 3]"),
    Material("the source of a function", "def f(n):\n    return 1 if n == 0 else n * f(n - 1)", "def f(n):\n    return math.prod(range(1, n + 1))", "import inspect\nassert f(4) == 24 and inspect.getsource(f).count('f(') == 2"),
    Material("subclass of a list", "class Stack(list):\n    def push(self, x): self.append(x)\n    def peek(self): return self[-1]", "class Stack(list):\n    def push(self, x): self.insert(0, x)\n    def peek(self): return self[-1]", "s = Stack()\ns.push(1); s.push(2)\nassert s.peek() == 2 and len(s) == 2 and s == [1, 2] and isinstance(s, list)\ns.append(7)\nassert s.peek() == 7"),
]  # fmt: skip
