"""What every test can rely on: none depends on chance or on the speed of the machine."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Forty examples keep the fast tests fast; HYPOTHESIS_EXAMPLES=1000 looks harder.
settings.register_profile(
    "coursewright",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "40")),
)
settings.load_profile("coursewright")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[1]
