"""What every test can rely on: quick tests run first, and none depends on chance or on the speed of the machine."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("coursewright", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("coursewright")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the integration tests last, so that the quick ones speak first."""
    items.sort(key=lambda item: item.get_closest_marker("integration") is not None)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[1]
