"""A class: twelve answers that were written independently of each other, and what copies of them may look like."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from tests.autograder import notebooks as make

INDEPENDENT: Mapping[str, str] = {
    path.stem: path.read_text() for path in sorted((Path(__file__).parent / "answers").glob("*.txt"))
}
SOLUTION = """def clean(text):
    kept = filter(lambda sign: sign.isalpha() or sign.isspace(), text)
    return "".join(kept).lower()

def count(text):
    words = clean(text).split()
    return dict(zip(words, map(words.count, words)))

def top(text, n):
    return sorted(count(text), key=count(text).get)[-n:][::-1]"""
EASY = {  # everybody finds one of a few ways
    name: [
        "def square(x):\n    return x * x",
        "def square(x):\n    return x ** 2",
        "def square(number):\n    result = number * number\n    return result",
    ][place % 3]
    for place, name in enumerate(INDEPENDENT)
}
ESSAYS = {
    "amy": "Counting words is linear in the length of the text because every letter is looked at once.",
    "bob": "It depends on the sort, which takes n log n steps for n different words.",
    "cat": "My top function is quadratic, since min goes through the whole table each time.",
    "fay": "Using count in a loop is slow: each call reads the list again from its start.",
    "hal": "Two loops, one in the other, so the time grows with the square of the number of words.",
}


def with_other_names(code: str) -> str:
    """Every name of the learner's own is another one."""
    tree = ast.parse(code)
    kept = {"clean", "count", "top", "text", "n"}
    names: dict[str, str] = {}

    class Renamer(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.Name:
            if isinstance(node.ctx, ast.Store) and node.id not in kept:
                names.setdefault(node.id, f"value_{len(names)}")
            return node

    Renamer().visit(tree)
    for old, new in names.items():
        code = re.sub(rf"\b{old}\b", new, code)
    return code


def with_other_comments_and_literals(code: str) -> str:
    """Comments, docstrings, blank lines and texts are others; quotes too."""
    code = re.sub(r'"([^"\n\\]{0,3})"', r"'\1zz'", code).replace("1", "7")
    return re.sub(r"^(def .*)$", r'\1\n    """My very own function."""\n\n    # first of all', code, flags=re.MULTILINE)


def in_another_order(code: str) -> str:
    """The functions stand the other way round."""
    blocks = re.split(r"\n(?=def |class |import |from )", code.strip())
    return "\n\n".join(reversed(blocks))


def write_course(root: Path) -> None:
    """A course with the assignment ``words``: an easy question, a larger one, and one in prose."""
    solved = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
    source = make.notebook(
        make.text("# Words\nWrite three functions that count words."),
        make.solution(
            "easy", "def square(x):\n    " + solved.format("    return x**2").replace("\n", "\n    ").strip()
        ),
        make.check("t_easy", "assert square(3) == 9"),
        make.solution("words", solved.format(SOLUTION)),
        make.check("t_words", "assert top('a b b', 1) == ['b']"),
        make.essay("why", "How long does it take?"),
    )
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    make.write(root / "source" / "words" / "words.ipynb", source)


def hand_in(root: Path, learner: str, *, words: str, easy: str = "", why: str = "") -> None:
    """One submission."""
    made = make.notebook(
        make.text("# Words\nWrite three functions that count words."),
        make.solution("easy", easy),
        make.check("t_easy", "assert square(3) == 9"),
        make.solution("words", words),
        make.check("t_words", "assert top('a b b', 1) == ['b']"),
        make.essay("why", why or "How long does it take?"),
    )
    make.submit(root, learner, "words", {"words.ipynb": made})


def honest_class(root: Path) -> None:
    """Everybody hands in their own."""
    write_course(root)
    for name, code in INDEPENDENT.items():
        hand_in(root, name, words=code, easy=EASY[name], why=ESSAYS.get(name, ""))
