"""Similar answers: ``coursewright similar`` on a generated class of 5,000, of whom 50 handed in somebody else's answer.

Every answer is a program of about 200 tokens, drawn statement by statement; a copy has other names and other numbers,
and its functions in another order. The table says how long the command took, and how many of the 50 it puts on top.
"""

import json
import platform
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

BIN = Path(sys.executable).parent
SIZES = (500, 5_000)
COPIES = 50
NAMES = [f"{first}{second}" for first in "abcdefghij" for second in ("ll", "rt", "x", "ount")]


def marks(grade_id: str, **flags: object) -> dict[str, object]:
    """nbgrader's metadata."""
    plain = {"grade": False, "solution": False, "locked": False, "task": False, "grade_id": grade_id}
    return {"nbgrader": {**plain, **flags, "schema_version": 3}}


def notebook(answer: str) -> str:
    """A notebook with one answer and its test."""
    cells = [
        new_code_cell(answer, metadata=marks("s_all", solution=True), id="answer"),
        new_code_cell("assert f0(1)", metadata=marks("t_all", grade=True, locked=True, points=1), id="test"),
    ]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return json.dumps(new_notebook(cells=cells, metadata={"kernelspec": kernel}))


def statement(chance: random.Random) -> str:
    """A line or two of a function."""
    a, b, c = chance.sample(NAMES, 3)
    number, operator = chance.randrange(1, 99), chance.choice(["+", "-", "*", "//", "%", "&"])
    return chance.choice(
        [
            f"{a} = {b} {operator} {c}",
            f"{a} = [{b} {operator} {number} for {b} in range({c})]",
            f"for {a} in {b}:\n        {c} {operator}= {a}",
            f"if {a} {chance.choice(['<', '>', '==', '!='])} {number}:\n        return {b} {operator} {c}",
            f"{a}.append({b} {operator} {c})",
            f"{a} = sorted({b}, key=lambda {c}: {c}[{number}] {operator} {number})",
            f"{a}, {b} = {b}, {a} {operator} {c}",
            f"while {a}:\n        {a} = {a} {operator} {number}\n        {b}.update({c})",
        ]
    )


def program(chance: random.Random) -> str:
    """Four functions."""
    return "\n\n".join(
        f"def f{number}(x):\n    " + "\n    ".join(statement(chance) for _ in range(chance.randrange(4, 8)))
        for number in range(4)
    )


def copied(code: str) -> str:
    """The same with other names and numbers, and the functions the other way round."""
    code = re.sub(r"\b(\w)(ll|rt|x|ount)\b", r"my_\2_\1", code)
    return "\n\n".join(reversed(re.sub(r"\b\d+\b", "7", code).split("\n\n")))


def make_class(root: Path, size: int) -> set[tuple[str, str]]:
    """Write the class, and say who has the same answer."""
    chance = random.Random(20)
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    texts = {f"l{number:05}": program(chance) for number in range(size - COPIES)}
    pairs = set()
    for number, original in enumerate(chance.sample(sorted(texts), COPIES)):
        texts[f"m{number:05}"] = copied(texts[original])
        pairs.add((original, f"m{number:05}"))
    source = root / "source" / "ps" / "ps.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(notebook("### BEGIN SOLUTION\ndef f0(x):\n    return x\n### END SOLUTION"))
    for learner, text in texts.items():
        path = root / "submitted" / learner / "ps" / "ps.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(notebook(text))
    return pairs


def cpu_seconds() -> float:
    """The time that programs started here have computed so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the table."""
    print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}, one core")
    headings = f"{'submissions':>12}{'seconds':>10}{'of CPU':>10}{'ms each':>10}{'MiB':>8}"
    print(headings + f"{f'copies among the first {COPIES}':>28}")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            pairs = make_class(Path(folder), size)
            started, cpu = time.perf_counter(), cpu_seconds()
            command = [str(BIN / "coursewright"), "similar", folder, "ps", "--json"]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds, cpu = time.perf_counter() - started, cpu_seconds() - cpu
            first = {tuple(pair["learners"]) for pair in json.loads(printed)["pairs"][:COPIES]}
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            found = f"{len(first & pairs)} of {COPIES}"
            print(f"{size:12,}{seconds:10.1f}{cpu:10.1f}{cpu / size * 1000:10.2f}{memory:8.0f}{found:>28}")


if __name__ == "__main__":
    main()
