"""What ``check`` learns by running a reference solution: every test both ways."""

from pathlib import Path

import pytest

from authoring.check.rules import isolated_only, shared_tests
from authoring.check.run import check
from authoring.check.trial import CellTrial, Version
from autograder.trial import run_trial
from tests.autograder import notebooks as make

pytestmark = pytest.mark.integration

ANSWER = "import math\nmath.pi = 3\ndef f():\n    return 7\nlevel += 1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    answer = make.solution("s", f"### BEGIN SOLUTION\n{ANSWER}\n### END SOLUTION")
    plain = make.check("t_plain", "assert f() == 7")
    inside = make.check("t_inside", "assert get_ipython().user_ns['f']() == 7")
    given = make.code("level = 2")
    after = make.check("t_after", "assert level == 3")
    outside = make.check("t_outside", "import math\nassert f() == 7 and math.pi > 3.1")
    make.write(tmp_path / "source/ps/nb.ipynb", make.notebook(given, answer, inside, plain, outside, after))
    return tmp_path / "source/ps"


def told(cell: CellTrial) -> tuple[str, str, str]:
    return cell.outcome, cell.isolation, cell.together


def test_the_reference_solution_is_tried_both_ways(folder: Path) -> None:
    cells = {cell.grade_id: cell for cell in run_trial(folder, Version.REFERENCE)}
    assert told(cells["t_plain"]) == ("passed", "examiner", "passed")
    assert told(cells["t_inside"]) == ("passed", "shared", "passed")
    assert told(cells["t_after"]) == ("passed", "examiner", "passed")
    assert told(cells["t_outside"]) == ("passed", "examiner", "failed")


def test_an_empty_version_is_tried_as_it_is_graded(folder: Path) -> None:
    cells = {cell.grade_id: cell for cell in run_trial(folder, Version.STUDENT)}
    assert told(cells["t_plain"]) == ("error", "examiner", "")
    assert told(cells["t_inside"]) == ("error", "shared", "")


def test_check_lists_what_differs(folder: Path) -> None:
    found = {(finding.rule, finding.cell) for finding in check(folder.parents[1], trial=run_trial)}
    ours = {(rule, cell) for rule, cell in found if rule in {shared_tests.NAME, isolated_only.NAME}}
    assert ours == {("shared-test", "t_inside"), ("isolated-only", "t_outside")}
