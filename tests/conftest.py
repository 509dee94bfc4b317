"""What every test can rely on: none depends on chance or on the speed of the machine."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from coursewright.__main__ import do_without_iri_grammar

do_without_iri_grammar()  # as the command does, before anything imports jsonschema
settings.register_profile("coursewright", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("coursewright")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[1]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave modules that are wholly for the second stage unread in the first: importing them takes seconds."""
    if config.option.markexpr != "not integration" or collection_path.suffix != ".py":
        return None
    return True if "\npytestmark = pytest.mark.integration" in collection_path.read_text() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take minutes, so that none of them runs alone at the end."""
    longest = ["test_docs.py", "test_demo_run.py", "test_hostile.py"]
    items.sort(key=lambda item: longest.index(item.path.name) if item.path.name in longest else len(longest))
