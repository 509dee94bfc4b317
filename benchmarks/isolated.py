"""Isolated tests: on how many test cells of a folder of nbgrader courses do both ways of running them agree?

``isolated.py FOLDER`` takes every notebook below FOLDER that has tests and answers (nbgrader metadata, with the
author's solutions in it), and grades it through the engine twice: every test in the learner's process, and every test
isolated. It does so with the author's answers, and with wrong ones that it makes of them. Without FOLDER it measures
the courses of this checkout.

It counts *working* tests (full marks for the author's answers in the learner's process), how many of them work
isolated, and in how many cells of wrong answers the marks agree; and it names every test that differs, and why.
"""

import ast
import copy
import itertools
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from nbformat import NotebookNode

from authoring import cells, nbgrader_api
from authoring.course import Limits
from authoring.errors import CoursewrightError
from authoring.notebook_file import notebook_bytes
from autograder.engine.pool import Engine
from autograder.grading import Policy, assemble, jobs
from autograder.preparing import prepare
from autograder.record import CellGrade, CellOutcome
from autograder.source import Source, load_source
from autograder.submission import Submission

POLICY = Policy(Limits(cell_seconds=20.0, submission_seconds=120.0, cpu_seconds=120))
Grades = dict[tuple[str, str], CellGrade]
"""By notebook and grade id."""


@dataclass(frozen=True)
class Compared:
    """One test cell, run both ways with one version of the answers."""

    place: str
    version: str  # "solution", or how the answers are wrong
    together: CellGrade
    apart: CellGrade

    @property
    def works(self) -> bool:
        """Whether the test gives full marks in the learner's process."""
        return self.together.outcome is CellOutcome.PASSED

    @property
    def agrees(self) -> bool:
        """Whether both ways give the same marks."""
        return self.together.score == self.apart.score and self.works == (self.apart.outcome is CellOutcome.PASSED)


# --- wrong answers ----------------------------------------------------------------------------------------------------


class _Nothing(ast.NodeTransformer):
    """Functions return None, names are None."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.body = [ast.Return(ast.Constant(None))]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        node.value = ast.Constant(None)
        return node


class _Constants(ast.NodeTransformer):
    """Some number or text is another one."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if type(node.value) in {int, float} and self._chance.random() < 0.4:
            return ast.Constant(node.value + 1)
        if type(node.value) is str and self._chance.random() < 0.2:
            return ast.Constant(node.value + "x")
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        return node


class _Operators(ast.NodeTransformer):
    """Operators and comparisons are others."""

    _OTHERS: ClassVar = {
        ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.Lt: ast.GtE, ast.Gt: ast.LtE,
        ast.Eq: ast.NotEq, ast.And: ast.Or, ast.Or: ast.And, ast.LtE: ast.Gt, ast.GtE: ast.Lt,
    }  # fmt: skip

    def visit(self, node: ast.AST) -> ast.AST:
        other = self._OTHERS.get(type(node))
        return self.generic_visit(node) if other is None else other()


def _changed(source: str, make: Callable[[], ast.NodeTransformer]) -> str:
    try:
        return ast.unparse(make().visit(ast.parse(source)))
    except (SyntaxError, ValueError):
        return source


def wrong_answers(source: Source) -> Iterator[tuple[str, dict[str, NotebookNode]]]:
    """Versions of the notebooks with wrong answers in them."""
    yield "empty", dict(source.notebooks)
    ways: dict[str, Callable[[], ast.NodeTransformer]] = {
        "nothing": _Nothing,
        "constants": lambda: _Constants(random.Random(1)),
        "operators": _Operators,
    }
    for name, way in ways.items():
        notebooks = copy.deepcopy(dict(source.reference))
        for cell in itertools.chain.from_iterable(notebook.cells for notebook in notebooks.values()):
            if cells.is_solution(cell) and cell.cell_type == "code":
                cell.source = _changed(cell.source, way)
        yield name, notebooks


# --- both ways --------------------------------------------------------------------------------------------------------


def grades(engine: Engine, source: Source, notebooks: dict[str, NotebookNode]) -> Grades:
    """What every test gives."""
    files = {f"{stem}.ipynb": notebook_bytes(notebook) for stem, notebook in notebooks.items()}
    prepared = prepare(source, Submission("reference", files, None))
    runs = {run.job.key: run for run in engine.run(jobs(source, prepared, POLICY), workers=1)}
    record = assemble(source, prepared, runs, POLICY, course="").record
    return {(grade.notebook, grade.grade_id): grade for grade in record.cells}


def both_ways(engine: Engine, source: Source, version: str, notebooks: dict[str, NotebookNode]) -> Iterator[Compared]:
    """Each test in the learner's process and isolated; what differs is tried once more, since chance differs too."""
    tests = {
        stem: frozenset(cells.grade_id(cell) or "" for cell in notebook.cells if cells.is_test(cell))
        for stem, notebook in source.notebooks.items()
    }
    shared = replace(source, shared=tests)
    found: dict[tuple[str, str], Compared] = {}
    for _ in range(2):
        together, apart = grades(engine, shared, notebooks), grades(engine, source, notebooks)
        for key, grade in apart.items():
            if key[1] in tests[key[0]] and not (key in found and found[key].agrees):
                found[key] = Compared(f"{source.assignment}/{key[0]}:{key[1]}", version, together[key], grade)
        if all(one.agrees for one in found.values()):
            break
    yield from found.values()


def sources(folder: Path) -> Iterator[Source]:
    """Every folder of notebooks with tests and answers that can be loaded."""
    for place in sorted({path.parent for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts}):
        try:
            source = load_source(nbgrader_api.open_course(place.parent), place)
        except (CoursewrightError, OSError) as error:
            print(f"left out: {place.relative_to(folder)}: {str(error)[:150]}", file=sys.stderr)
            continue
        found = [cell for notebook in source.notebooks.values() for cell in notebook.cells]
        if any(map(cells.is_test, found)) and any(map(cells.is_solution, found)):
            yield replace(source, assignment=str(place.relative_to(folder)))


def measure(folder: Path, *, wrong: bool) -> Iterator[Compared]:
    """Every test of a folder, both ways, with the author's answers and with wrong ones."""
    groups = itertools.groupby(sorted(sources(folder), key=lambda one: one.imports), key=lambda one: one.imports)
    for imports, group in groups:
        with Engine(imports, isolated=True) as engine:
            for source in group:
                yield from both_ways(engine, source, "solution", dict(source.reference))
                for version, notebooks in wrong_answers(source) if wrong else ():
                    yield from both_ways(engine, source, version, notebooks)


def main(arguments: list[str]) -> None:
    """Measure, and print what differs and the counts."""
    folders = [Path(one) for one in arguments if not one.startswith("--")] or [Path(__file__).parents[1] / "courses"]
    found: Counter[str] = Counter()
    for compared in (one for folder in folders for one in measure(folder, wrong="--right" not in arguments)):
        _count(found, compared)
    _report(found)


def _count(found: Counter[str], one: Compared) -> None:
    right = one.version == "solution"
    found["tests" if right else "wrong"] += 1
    found["working"] += right and one.works
    found["isolated"] += right and one.works and one.agrees
    found["agree"] += not right and one.agrees
    if not one.agrees:
        ways = f"{one.together.outcome} together, {one.apart.outcome} isolated"
        print(f"{one.place} ({one.version}): {ways}: {one.apart.message or one.together.message}", flush=True)


def _report(found: Counter[str]) -> None:
    isolated, agree = _part(found, "isolated", "working"), _part(found, "agree", "wrong")
    print(f"{found['tests']} tests, {found['working']} work in the learner's process; isolated work {isolated}")
    if found["wrong"]:
        print(f"{found['wrong']} tests of wrong answers; both ways give the same marks in {agree}")


def _part(found: Counter[str], part: str, whole: str) -> str:
    share = 100 * found[part] / found[whole] if found[whole] else 100
    return f"{found[part]} of {found[whole]} ({share:.1f} %)"


if __name__ == "__main__":
    main(sys.argv[1:])
