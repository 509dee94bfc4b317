"""``docs/grading.md`` names what the code can say, all of it and nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from authoring.course import Limits
from autograder import grading, submission
from autograder.record import CellOutcome, Outcome
from autograder.salvage import document

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "grading.md").read_text("utf-8")


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def first_column(text: str) -> list[str]:
    return re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)


def emitted() -> Iterator[str]:
    """Every rule that a finding is made with: the keyword of ``RecordFinding``, the first argument of ``_note``."""
    for path in (ROOT / "autograder").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            match node.func:
                case ast.Name(id="RecordFinding"):
                    (rule,) = [keyword.value for keyword in node.keywords if keyword.arg == "rule"]
                case ast.Attribute(attr="_note"):
                    rule = node.args[0]
                case _:
                    continue
            yield from _texts(rule)


def _texts(rule: ast.expr) -> Iterator[str]:
    if isinstance(rule, ast.Constant):
        yield str(rule.value)
    elif not (isinstance(rule, ast.Name) and rule.id == "rule"):  # what _note itself hands on
        assert isinstance(rule, ast.Name)
        yield str(getattr(grading, rule.id))


def test_every_rule_of_a_finding_is_in_the_table_and_in_order() -> None:
    rules = set(emitted())
    assert len(rules) > 10
    assert first_column(section("Findings")) == sorted(rules)


def test_every_outcome_is_explained() -> None:
    assert set(first_column(section("Outcomes"))) == {*map(str, Outcome), *map(str, CellOutcome)}


def test_every_limit_is_there_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d,]+)", section("Limits"), re.MULTILINE))
    assert {name: float(value) for name, value in rows.items()} == msgspec.structs.asdict(Limits())


@pytest.mark.parametrize(
    "text",
    [
        f"{submission.MAX_FILES} files",
        f"{submission.MAX_NOTEBOOK_BYTES // 1024**2} MiB of notebooks",
        f"{submission.MAX_BYTES // 1024**2} MiB of other",
    ],
)
def test_what_is_read_of_a_submission_is_said(text: str) -> None:
    assert text in section("The way of a submission")


@pytest.mark.parametrize(
    "text",
    [
        f"{document.MAX_BYTES // 1024**2} MiB |",
        f"{submission.MAX_NOTEBOOK_BYTES // 1024**2} MiB",
        f"{document.MAX_CELLS:,} cells",
    ],
)
def test_how_large_a_notebook_may_be_is_said(text: str) -> None:
    assert text in section("Damaged notebooks")
