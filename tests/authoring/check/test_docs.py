"""``docs/checks.md`` tells about every rule what it finds, why that matters and how to mend it."""

import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest

from authoring.check import rules

DOCUMENT = (Path(__file__).parents[3] / "docs" / "checks.md").read_text()
MODULES = [import_module(f"{rules.__name__}.{each.name}") for each in pkgutil.iter_modules(rules.__path__)]
SECTIONS = dict(re.findall(r"^### `([a-z-]+)`\n\n(.*?)(?=^##|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL))


def test_every_rule_is_asked() -> None:
    assert set(rules.RULES) == {module.find for module in MODULES}


def test_every_rule_is_documented_and_no_other() -> None:
    assert set(SECTIONS) == {module.NAME for module in MODULES}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_rule_is_told_in_three_parts(name: str) -> None:
    assert re.findall(r"^\*\*(\w+)\.\*\*", SECTIONS[name], re.MULTILINE) == ["What", "Why", "Mend"]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
def test_a_rule_says_why_it_matters_and_is_short(module: object) -> None:
    assert module.__doc__
    assert module.__doc__.count("\n\n") >= 1
    assert len(Path(str(module.__file__)).read_text().splitlines()) <= 130  # type: ignore[attr-defined]
