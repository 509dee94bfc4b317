"""The databases that a gradebook may be in."""

from collections.abc import Iterator

import pytest

from tests.autograder.postgresql import Cluster, running_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server."""
    with running_cluster() as running:
        yield running


ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)]
"""To make a test run once with each."""
