from pathlib import Path

import pytest

from tests.authoring.check.builder import Built


@pytest.fixture
def course(tmp_path: Path) -> Built:
    """A course in which there is nothing to find; break it, then write it."""
    return Built(tmp_path / "spc")
