"""``coursewright calibrate``: what it prints, and what it says of a table that it cannot use."""

from pathlib import Path

import numpy as np
import pytest

from tests.coursewright.conftest import Run
from tests.exam_bank.irt.lsat6 import LSAT6

pytestmark = pytest.mark.integration  # together they take long


def write(path: Path, table=LSAT6, names="q1,q2,q3,q4,q5") -> Path:
    rows = [",".join("" if np.isnan(cell) else f"{cell:.0f}" for cell in row) for row in table]
    path.write_text("\n".join([names, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("model", "log_likelihood"), [("rasch", -2473.0539), ("1pl", -2466.938), ("2pl", -2466.6534)])
def test_the_json_has_what_its_readers_rely_on(run: Run, tmp_path, model, log_likelihood):
    ran = run("calibrate", write(tmp_path / "lsat6.csv"), "--model", model, "--json")
    assert (ran.status, ran.err) == (0, "")
    assert (ran.json["model"], ran.json["n"]) == (model, 1000)
    assert ran.json["log_likelihood"] == pytest.approx(log_likelihood, abs=5e-4)
    assert [item["item"] for item in ran.json["items"]] == ["q1", "q2", "q3", "q4", "q5"]
    for item in ran.json["items"]:
        assert {"a", "b", "se_a", "se_b"} <= set(item)
        assert "c" not in item
        assert (item["se_a"] is None) == (model == "rasch")


def test_3pl_adds_the_chances(run: Run, tmp_path):
    items = run("calibrate", write(tmp_path / "lsat6.csv"), "--model", "3pl", "--json").json["items"]
    assert all(0 < item["c"] < 0.5 and item["se_c"] > 0 for item in items)


def test_the_table_is_for_people(run: Run, tmp_path):
    ran = run("calibrate", write(tmp_path / "lsat6.csv"), "--model", "1pl")
    assert ran.status == 0
    assert "q1 1000 0.755 0.069 -3.615 0.327" in " ".join(ran.out.split())
    assert "1pl, 1000 learners: log-likelihood -2466.938." in ran.out
    assert "M2 5.29 on 9 df, p 0.808; RMSEA2 0.000 (90 % interval 0.000 to 0.023)." in ran.out


def test_what_is_left_out_is_said(run: Run, tmp_path):
    table = np.column_stack([LSAT6, np.ones(1000)])
    table[0, 0] = np.nan
    path = write(tmp_path / "six.csv", table, "q1,q2,q3,q4,q5,q6")
    told = run("calibrate", path)
    assert "q6 is left out: all 1000 had it right" in told.out
    assert "Fit of the model: not known; learners were asked different items" in told.out
    found = run("calibrate", path, "--json").json
    assert found["left_out"] == [
        {"item": "q6", "why": "all 1000 had it right: it is easier than can be told"},
    ]
    assert len(found["items"]) == 5


def test_without_an_estimate_nothing_is_printed(run: Run, tmp_path):
    answers = np.array([[1.0] * at + [0.0] * (4 - at) for at in range(5) for _ in range(20)])
    ran = run("calibrate", write(tmp_path / "steps.csv", answers, "a,b,c,d"), "--json")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith(f"coursewright: {tmp_path}/steps.csv: no estimate with 2pl")


def test_a_bad_cell_is_named(run: Run, tmp_path):
    (tmp_path / "bad.csv").write_text("q1,q2\n1,0\n1,x\n")
    ran = run("calibrate", "bad.csv")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("coursewright: bad.csv, line 3, column 2: 'x' below 'q2' must be 1 (right), 0 (wrong)")
    assert run("calibrate", "bad.csv", "--model", "4pl").status == 2
