"""NumPy's generator is seeded whoever imports it: the warm process, or a submission that its author did not foresee."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

SEED_FIRST = "from autograder.engine import seeding; seeding.seed(5); import numpy as np; print(np.random.random())"
IMPORT_FIRST = (
    "from autograder.engine import seeding; import numpy.random; seeding.seed(5); print(numpy.random.random())"
)
PLAIN = "import numpy; numpy.random.seed(5); print(numpy.random.random())"


def printed(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def test_what_is_drawn_does_not_depend_on_who_imports_numpy() -> None:
    assert printed(SEED_FIRST) == printed(IMPORT_FIRST) == printed(PLAIN)


def test_the_warm_process_does_not_import_numpy_by_itself() -> None:
    program = "import sys, autograder.engine.zygote; print('numpy' in sys.modules)"

    assert printed(program) == "False\n"
