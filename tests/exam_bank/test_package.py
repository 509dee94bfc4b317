"""What the package publishes."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

import exam_bank


@pytest.mark.parametrize("name", exam_bank.__all__)
def test_every_published_name_is_there_and_documented(name: str) -> None:
    assert getattr(exam_bank, name).__doc__
    assert find_spec(f"exam_bank.{name}") is None, "a module of that name would hide it"


def test_nothing_is_loaded_before_it_is_used() -> None:
    program = "import sys, exam_bank; print([name for name in sys.modules if name.startswith('exam_bank.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = exam_bank.nothing
