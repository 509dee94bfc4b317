"""What tests of real courses do has the same outcome in one process and isolated, for right and for wrong answers."""

import pytest

from tests.isolated.material import MATERIAL, Material
from tests.isolated.pair import Outcome, Pair, solution_of

pytestmark = pytest.mark.integration


def verdicts(outcome: Outcome) -> list[tuple[str, float | None]]:
    return [("gone", None) if ran is None else (ran.status, ran.value) for ran in outcome.cells]


def explained(outcome: Outcome) -> str:
    lines = [
        line for ran in outcome.cells if ran for output in ran.outputs if output["output_type"] == "error"
        for line in output["traceback"]
    ]  # fmt: skip
    return outcome.broken + "\n" + "\n".join(lines)


@pytest.mark.parametrize("case", MATERIAL, ids=[case.name for case in MATERIAL])
def test_right_answers_pass(pair: Pair, case: Material):
    cells = case.cells(case.right)
    apart = pair.isolated(cells, files=dict(case.files), solution=solution_of(cells))
    assert verdicts(apart) == verdicts(pair.shared(cells, files=dict(case.files))), explained(apart)
    assert all(ran and ran.status == "ok" for ran in apart.cells), explained(apart)


@pytest.mark.parametrize("case", MATERIAL, ids=[case.name for case in MATERIAL])
def test_wrong_answers_fail(pair: Pair, case: Material):
    cells = case.cells(case.wrong)
    apart = pair.isolated(cells, files=dict(case.files), solution=solution_of(case.cells(case.right)))
    assert verdicts(apart) == verdicts(pair.shared(cells, files=dict(case.files))), explained(apart)
    last = apart.cells[-1]
    assert last is None or last.status != "ok" or last.value == 0.5


def test_without_the_solution_most_is_the_same(pair: Pair):
    needs_it = {"operators of a class", "order of a class"}
    for case in MATERIAL:
        cells = case.cells(case.right)
        outcome = pair.isolated(cells, files=dict(case.files))
        failed = [ran for ran in outcome.cells if ran is None or ran.status != "ok"]
        assert not failed or case.name in needs_it, case.name + explained(outcome)
