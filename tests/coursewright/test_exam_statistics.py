"""The commands on exams' statistics, as a person types them."""

import csv
import json
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from coursewright.exam_answers import first_attempts, from_attempts, read_groups
from exam_bank.scoring import Outcome
from exam_bank.sittings.result import SittingState
from exam_bank.variant import ShownOption, SingleChoice
from tests.exam_bank.statistics.an_exam import an_exam, groups_of

pytestmark = pytest.mark.integration  # it copies a course and computes

SAMPLE = Path(__file__).parents[2] / "courses" / "mpc"
EXAM = "final-exam"


@pytest.fixture
def course(tmp_path) -> Path:
    root = tmp_path / "mpc"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return root


def write_answers(path: str, learners: int, *, seed: int = 1, first: int = 0, copied: bool = False) -> None:
    answers = an_exam(np.random.default_rng(seed), learners, items=24)
    letters = np.array([np.array(each.names)[each.chosen] for each in answers.options if each]).T
    if copied:
        weak, strong = np.argsort(np.nansum(answers.points, axis=1))[[learners // 4, 3 * learners // 4]]
        letters[weak] = letters[strong]
    names = [f"q{first + number:02}" for number in range(24)]
    with Path(path).open("w", newline="") as file:
        out = csv.writer(file)
        out.writerows([["learner", *names], ["(key)", *"a" * 24]])
        out.writerows([name, *row] for name, row in zip(answers.learners, letters.tolist(), strict=True))
    lines = [f"{name},{group}" for name, group in groups_of(answers).items()]
    Path("groups.csv").write_text("learner,group\n" + "\n".join(lines) + "\n")


def test_analyse_prints_the_table_and_writes_the_page(course, run) -> None:
    write_answers("answers.csv", 120)
    done = run("exam", "analyse", course, EXAM, "--responses", "answers.csv", "--groups", "groups.csv")
    assert done.status == 0
    assert len([line for line in done.out.splitlines() if line.startswith("q")]) == 24
    assert "final-exam-analysis.html says why" in done.out
    page = Path("final-exam-analysis.html").read_text()
    assert "Option b is chosen by stronger learners than the key" in page
    assert "Fairness between groups" in page
    assert "l0001" not in page  # nobody is named


def test_json_writes_no_page_unless_it_is_named(course, run) -> None:
    write_answers("answers.csv", 40)
    arguments = ("exam", "analyse", course, EXAM, "--responses", "answers.csv", "--json")
    assert run(*arguments).json["n"] == 40
    assert not Path("final-exam-analysis.html").exists()
    assert run(*arguments, "--html", "page.html").json["n"] == 40
    assert Path("page.html").exists()


def test_an_exam_that_nobody_sat_is_said(course, run) -> None:
    refused = run("exam", "analyse", course, EXAM)
    assert refused.status == 1
    assert "no attempt at final-exam is over and wholly marked yet" in refused.err


def test_copying_shows_the_pair_and_accuses_nobody(course, run) -> None:
    write_answers("answers.csv", 200, copied=True)
    done = run("exam", "copying", course, EXAM, "--responses", "answers.csv", "--json").json
    assert done["compared"] == 200 * 199 // 2
    (pair,) = done["pairs"]
    assert pair["found"]["same"] == 24
    named = run("exam", "copying", course, EXAM, "--responses", "answers.csv", "--pair", *pair["learners"])
    assert "1 pair of 200 learners compared; 1 to look at." in named.out
    assert "decided by a person" in named.out
    unknown = run("exam", "copying", course, EXAM, "--responses", "answers.csv", "--pair", "l0001", "nobody")
    assert (unknown.status, "no attempt of 'nobody'" in unknown.err) == (1, True)
    write_answers("few.csv", 20)
    assert "too few" in run("exam", "copying", course, EXAM, "--responses", "few.csv").err


def test_equating_gives_each_new_score_its_worth(run) -> None:
    write_answers("new.csv", 300, seed=2, first=12)
    write_answers("old.csv", 300, seed=3)
    found = run("exam", "equate", "new.csv", "old.csv", "--json").json
    assert found["method"] == "tucker"
    assert found["anchor"] == [f"q{number:02}" for number in range(12, 24)]
    assert [each["new"] for each in found["table"]] == list(range(25))
    assert all(each["standard_error"] > 0 for each in found["table"])
    again = run("exam", "equate", "new.csv", "old.csv", "--json").json
    assert again == found
    assert run("exam", "equate", "new.csv", "old.csv", "--json", "--seed", "2").json != found
    linear = run("exam", "equate", "new.csv", "old.csv", "--method", "linear")
    assert "only if chance decided who took which form" in linear.out
    Path("gaps.csv").write_text("learner,q01\nada,1\nbea,\n")
    assert "different items" in run("exam", "equate", "gaps.csv", "old.csv").err


def test_angoff_reads_a_panels_file_and_says_what_is_wrong_in_it(course, run) -> None:
    rows = [
        (item, judge, 0.5 + 0.04 * place + 0.02 * number, 1)
        for place, item in enumerate(("which-rule", "gauge-study", "two-charts", "second-reading"))
        for number, judge in enumerate(("ann", "ben", "cyd", "dee", "eve"))
    ]
    lines = [f"{item},{judge},{rating:.2f},{number}" for item, judge, rating, number in rows]
    Path("panel.csv").write_text("\n".join(["item,judge,rating,round", *lines]) + "\n")
    found = run("exam", "angoff", course, EXAM, "--ratings", "panel.csv", "--json").json["standard"]
    assert found["items"] == 4
    assert [each["name"] for each in found["judges"]] == ["ann", "ben", "cyd", "dee", "eve"]
    assert found["cut"]["low"] < found["cut"]["value"] < found["cut"]["high"]
    for bad, said in (
        ("which-rule,ann,65,1\n", "from 0 to 1, not '65'"),
        ("which-rule,ann,0.5,1\nwhich-rule,ann,0.6,1\n", "line 3: name a judge who has not rated"),
        ("no-such,ann,0.5,1\n", "'no-such' is no item of the exam"),
        ("which-rule,ann,0.5,zero\n", "a round is a number"),
    ):
        Path("bad.csv").write_text("item,judge,rating,round\n" + bad)
        refused = run("exam", "angoff", course, EXAM, "--ratings", "bad.csv")
        assert (refused.status, said in refused.err) == (1, True)
    Path("bad.csv").write_text("a,b\n1,2\n")
    assert "first line must be" in run("exam", "angoff", course, EXAM, "--ratings", "bad.csv").err
    assert "no item of final-exam has ratings" in run("exam", "angoff", course, EXAM).err


def test_link_moves_the_new_items_and_names_the_anchor_that_drifted(run) -> None:
    b = np.linspace(-2, 2, 12)
    old = [{"item": f"q{k}", "a": 1.0, "b": float(b[k])} for k in range(12)]
    new = [{"item": f"q{k}", "a": 1.25, "b": float((b[k] - 0.5 - (k == 4)) / 1.25)} for k in range(12)]
    new.append({"item": "fresh", "a": 2.5, "b": 0.4, "c": 0.2})
    Path("old.json").write_text(json.dumps({"model": "2pl", "items": old}))
    Path("new.json").write_text(json.dumps({"model": "2pl", "items": new}))
    found = run("exam", "link", "new.json", "old.json", "--json").json
    assert found["removed"] == ["q4"]
    assert (found["link"]["slope"], found["link"]["intercept"]) == pytest.approx((1.25, 0.5), abs=1e-4)
    assert found["items"][-1] == pytest.approx({"item": "fresh", "a": 2.0, "b": 1.0, "c": 0.2}, abs=1e-3)
    assert "Taken out because they drifted: q4." in run("exam", "link", "new.json", "old.json").out
    Path("few.json").write_text(json.dumps({"items": old[:2]}))
    assert "2 items in common" in run("exam", "link", "new.json", "few.json").err
    Path("no.json").write_text("[]")
    assert "not what calibrate --json prints" in run("exam", "link", "no.json", "old.json").err


def test_groups_are_read_strictly(tmp_path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text("learner,group\nada,x\nbea,y\ncyd,\n")
    assert read_groups(path) == {"ada": "x", "bea": "y"}
    for text, said in (
        ("learner,group\nada,x\nada,y\n", "'ada' stands in it twice"),
        ("learner,group\nada,x\n", "two groups at least"),
        ("name,group\nada,x\n", "the first line must be learner,group"),
    ):
        path.write_text(text)
        with pytest.raises(Exception, match=said):
            read_groups(path)


# Attempts, as the exam files give them


def sat(learner: str, chosen: str | None, points: str, *, state=SittingState.VERIFIED, attempt: int = 1):
    shown = {"a": "right", "b": "wrong"} if learner < "c" else {"a": "wrong", "b": "right"}  # labels are shuffled
    options = tuple(
        ShownOption(label=label, source=source, text="", correct=source == "right", feedback="")
        for label, source in shown.items()
    )
    question = SimpleNamespace(variant=SimpleNamespace(ref="t/x", stem="Which?", key=SingleChoice(options=options)))
    label = next((each for each, source in shown.items() if source == chosen), None)
    graded = SimpleNamespace(
        ref="t/x",
        item_version="sha256:1",
        response=label,
        points=Decimal(points),
        max_points=Decimal(2),
        outcome=Outcome.SCORED,
        counts=True,
    )
    result = SimpleNamespace(
        learner=learner,
        attempt=attempt,
        score=Decimal(points),
        opened_at=datetime(2026, 11, 6, 14, tzinfo=UTC),
        submitted_at=datetime(2026, 11, 6, 15, 30, tzinfo=UTC),
    )
    return SimpleNamespace(
        sitting=SimpleNamespace(state=state),
        form=SimpleNamespace(questions=(question,)),
        grade=SimpleNamespace(questions=(graded,), result=result),
    )


def test_answers_of_attempts_have_the_authors_options_whatever_the_labels() -> None:
    rejected = sat("dan", "right", "2", state=SittingState.REJECTED)
    again = sat("ada", "right", "2", attempt=2)
    used = first_attempts([sat("ada", "wrong", "0"), again, sat("cyd", "right", "2"), sat("eve", None, "0"), rejected])
    found = from_attempts(used)
    assert found.learners == ("ada", "cyd", "eve")
    assert found.points.ravel().tolist() == [0, 2, 0]
    assert found.options[0] is not None
    assert [found.options[0].names[each] if each >= 0 else None for each in found.options[0].chosen] == [
        "wrong",
        "right",
        None,
    ]
    assert found.left_empty == (1,)
    assert found.minutes is not None
    assert found.minutes.tolist() == [90, 90, 90]
