"""Whatever a learner does to a notebook: the author's cells are the author's, the answers are kept, and it is said."""

import copy
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.notebooknode import NotebookNode

from authoring import cells, nbgrader_api
from authoring.notebook_file import notebook_bytes, read_notebook
from autograder.rebuild import Rebuilt, rebuild
from autograder.salvage.notebook import read_submitted
from tests.autograder import notebooks as make

pytestmark = pytest.mark.integration  # it takes long

MPC = Path(__file__).parents[2] / "courses" / "mpc"
TEMPLATE = make.notebook(
    make.text("# Problem"),
    make.read_only("r_setup", "import math"),
    make.solution("s_one", "# YOUR CODE HERE"),
    make.check("t_one", "assert one() == 1"),
    make.code("one()"),
    make.essay("e_why"),
    make.manual_code("m_show", "# YOUR CODE HERE"),
    make.task("k_task", "Do something"),
    make.solution("s_two", "# YOUR CODE HERE"),
    make.check("t_two", "assert two() == 2"),
)
IDS = tuple(cells.grade_id(cell) for cell in TEMPLATE.cells if cells.grade_id(cell))
LOCKED = tuple(cells.grade_id(cell) for cell in TEMPLATE.cells if cells.is_locked(cell))


def untouched() -> NotebookNode:
    return copy.deepcopy(TEMPLATE)


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    (found,) = [one for one in notebook.cells if cells.grade_id(one) == name]
    return found


def rules(rebuilt: Rebuilt) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.cell) for finding in rebuilt.findings]


# What was done is said -----------------------------------------------------------------------------------------------


def test_an_untouched_notebook_is_left_alone() -> None:
    rebuilt = rebuild(TEMPLATE, untouched())
    assert rebuilt.findings == ()
    assert rebuilt.answered == frozenset()
    assert [(one.cell_type, one.source) for one in rebuilt.notebook.cells] == [
        (one.cell_type, one.source) for one in TEMPLATE.cells
    ]


@pytest.mark.parametrize("path", sorted(MPC.glob("source/*problem-set/*.ipynb")), ids=lambda path: path.parent.name)
def test_what_learners_are_given_is_an_untouched_notebook_though_hidden_tests_were_cut_out_of_it(path: Path) -> None:
    course = nbgrader_api.open_course(MPC)
    template = read_notebook(nbgrader_api.template(course, path).encode(), "template")
    released = read_notebook(nbgrader_api.student_version(course, path).encode(), "released")
    assert notebook_bytes(released) != notebook_bytes(template)
    rebuilt = rebuild(template, released)
    assert rebuilt.findings == ()
    locked = [one.source for one in template.cells if cells.is_locked(one)]
    assert [one.source for one in rebuilt.notebook.cells if cells.is_locked(one)] == locked


def test_answers_are_kept_and_noted_and_pasted_pictures_with_them() -> None:
    submitted = untouched()
    cell(submitted, "s_one")["source"] = "def one(): return 1"
    cell(submitted, "e_why").update(source="![](a.png)", attachments={"a.png": {"image/png": "AAAA"}})
    rebuilt = rebuild(TEMPLATE, submitted)
    assert rebuilt.answered == {"s_one", "e_why"}
    assert cell(rebuilt.notebook, "e_why").attachments == {"a.png": {"image/png": "AAAA"}}
    assert rebuilt.findings == ()


def test_a_changed_space_is_an_answer_as_for_nbgrader() -> None:
    submitted = untouched()
    cell(submitted, "e_why")["source"] += "\n"
    assert rebuild(TEMPLATE, submitted).answered == {"e_why"}


def change(notebook: NotebookNode, name: str, **fields: Any) -> None:
    cell(notebook, name).update(fields)


def flag(notebook: NotebookNode, name: str, key: str, value: object) -> None:
    cell(notebook, name).metadata.nbgrader[key] = value


def double(notebook: NotebookNode, name: str) -> None:
    notebook.cells.append(copy.deepcopy(cell(notebook, name)))


def drop(notebook: NotebookNode, name: str) -> None:
    notebook.cells.remove(cell(notebook, name))


def move_to_the_end(notebook: NotebookNode, name: str) -> None:
    moved = cell(notebook, name)
    notebook.cells.remove(moved)
    notebook.cells.append(moved)


def rename(notebook: NotebookNode, name: str) -> None:
    cell(notebook, name).metadata.nbgrader["grade_id"] = "t_mine"


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        (lambda nb: change(nb, "t_one", source="assert True"), [("changed-cell", "t_one")]),
        (lambda nb: change(nb, "r_setup", source="math = None"), [("changed-cell", "r_setup")]),
        (lambda nb: drop(nb, "t_one"), [("missing-cell", "t_one")]),
        (lambda nb: double(nb, "s_one"), [("duplicated-cell", "s_one"), ("moved-cell", "t_one")]),
        (lambda nb: move_to_the_end(nb, "t_one"), [("moved-cell", "e_why")]),
        (lambda nb: change(nb, "t_two", cell_type="markdown"), [("retyped-cell", "t_two")]),
        (lambda nb: flag(nb, "t_two", "points", 100), [("changed-flags", "t_two")]),
        (lambda nb: flag(nb, "t_two", "points", 10**400), [("changed-flags", "t_two")]),
        (lambda nb: flag(nb, "t_two", "solution", True), [("changed-flags", "t_two")]),
        (lambda nb: flag(nb, "s_one", "grade", True), [("changed-flags", "s_one")]),
        (lambda nb: cell(nb, "t_one").metadata.update(tags=["skip-execution"]), [("changed-tags", "t_one")]),
        (lambda nb: rename(nb, "t_two"), [("recognised-cell", "t_two")]),
        (
            lambda nb: (rename(nb, "t_two"), nb.cells[-1].update(id="c99", source="assert False")),
            [("unknown-cell", "t_mine"), ("missing-cell", "t_two")],
        ),
        (lambda nb: flag(nb, "t_two", "points", 1.0), []),
    ],
)
def test_each_departure_is_a_finding(deed: Callable[[NotebookNode], None], found: list[tuple[str, str]]) -> None:
    submitted = untouched()
    deed(submitted)
    assert rules(rebuild(TEMPLATE, submitted)) == found


def test_the_last_of_several_cells_with_one_id_counts_and_the_others_run_as_scratch() -> None:
    submitted = untouched()
    double(submitted, "s_one")
    submitted.cells[2]["source"], submitted.cells[-1]["source"] = "first = 1", "last = 1"
    rebuilt = rebuild(TEMPLATE, submitted).notebook
    assert cell(rebuilt, "s_one").source == "last = 1"
    assert rebuilt.cells[2].source == "first = 1"
    assert rebuilt.cells[2].metadata == {}


def test_a_cell_that_is_gone_comes_back_behind_the_one_that_preceded_it() -> None:
    submitted = untouched()
    for name in ("r_setup", "t_one", "e_why"):
        drop(submitted, name)
    order = [cells.grade_id(one) for one in rebuild(TEMPLATE, submitted).notebook.cells]
    assert [name for name in order if name] == list(IDS)
    assert order.index("t_one") == order.index("s_one") + 1
    assert order[0] == "r_setup"


def test_tags_and_metadata_of_the_learners_own_cells_are_taken_off() -> None:
    submitted = untouched()
    submitted.cells.append(make.code("1"))
    submitted.cells[-1].metadata.update(tags=["skip-execution"], collapsed=True)
    assert rebuild(TEMPLATE, submitted).notebook.cells[-1].metadata == {}


# The laws, for whatever was done -------------------------------------------------------------------------------------

values = [None, True, False, 0, 7, 10**400, float("nan"), "", "1", [], {"a": 1}]
anything = st.sampled_from(values)
names = st.sampled_from([*IDS, "t_new", "", 7, None])
sources = st.sampled_from(["", "x = 1", "%%bash\nls", "assert one() == 1", "é\x00", ["a\n", "b"]])
index = st.integers(0, 15)

Cells = list[dict[str, Any]]
Deed = Callable[[Cells, dict[str, Any]], object]


def on_metadata(act: Callable[[dict[str, Any]], None]) -> Deed:
    return lambda _, one: act(one["metadata"]) if isinstance(one["metadata"], dict) else None


def set_flag(key: str, value: object) -> Deed:
    def act(metadata: dict[str, Any]) -> None:
        if isinstance(metadata.get("nbgrader"), dict):
            metadata["nbgrader"][key] = value

    return on_metadata(act)


def claim(name: object, value: object) -> Deed:
    return on_metadata(lambda metadata: metadata.update(nbgrader={"grade_id": name, "grade": value, "points": value}))


deeds = st.one_of(
    st.just(lambda listed, one: listed.remove(one)),
    st.builds(lambda to: lambda listed, one: listed.insert(to, copy.deepcopy(one)), index),
    st.builds(lambda to: lambda listed, one: listed.insert(to, listed.pop(listed.index(one))), index),
    st.builds(lambda kind: lambda _, one: one.update(cell_type=kind), st.sampled_from(["code", "markdown", "raw"])),
    st.builds(lambda source: lambda _, one: one.update(source=source), sources),
    st.builds(lambda value: lambda _, one: one.update(id=value), anything),
    st.just(lambda _, one: one.update(attachments={"a.png": {"image/png": "AAAA"}})),
    st.builds(
        lambda to, source: lambda listed, _: listed.insert(to, {"cell_type": "code", "metadata": {}, "source": source}),
        index,
        sources,
    ),
    st.builds(claim, names, anything),
    st.builds(set_flag, st.sampled_from(["grade", "solution", "locked", "task", "points", "schema_version"]), anything),
    st.builds(
        lambda key, value: on_metadata(lambda metadata: metadata.update({key: value})),
        st.sampled_from(["nbgrader", "tags", "collapsed"]),
        anything,
    ),
)


@st.composite
def submissions(draw: st.DrawFn) -> NotebookNode:
    """A submitted notebook, read as the grader reads it."""
    notebook = json.loads(json.dumps(TEMPLATE))
    for at, act in draw(st.lists(st.tuples(index, deeds), max_size=12)):
        if listed := notebook["cells"]:
            act(listed, listed[at % len(listed)])
    notebook["signature"] = draw(anything)
    return read_submitted(json.dumps(notebook).encode(), "submitted").notebook


@given(submissions())
def test_every_cell_of_the_author_is_there_once_and_as_the_author_made_it(submitted: NotebookNode) -> None:
    rebuilt = rebuild(TEMPLATE, submitted).notebook
    assert sorted(filter(None, map(cells.grade_id, rebuilt.cells))) == sorted(IDS)
    for original in TEMPLATE.cells:
        if name := cells.grade_id(original):
            mended = cell(rebuilt, name)
            assert (mended.cell_type, mended.metadata) == (original.cell_type, original.metadata)
            if name in LOCKED:
                assert mended.source == original.source
    assert all(not one.metadata for one in rebuilt.cells if not cells.grade_id(one))


@given(submissions())
def test_answers_and_scratch_cells_are_kept_in_their_order(submitted: NotebookNode) -> None:
    rebuilt = rebuild(TEMPLATE, submitted)
    merged = {name for rule, name in rules(rebuilt) if rule == "merged-cell"}
    for index, name in rebuilt.places.items():
        if name not in LOCKED:
            assert cell(rebuilt.notebook, name).source == submitted.cells[index].source
    for name in rebuilt.put_back:
        original = cell(TEMPLATE, name)
        empty = original.cell_type == "code" and name not in LOCKED
        assert cell(rebuilt.notebook, name).source == ("" if empty else original.source)
    assert {*rebuilt.places.values(), *rebuilt.put_back, *merged} == set(IDS)
    mine = [one.source for index, one in enumerate(submitted.cells) if index not in rebuilt.places]
    assert [one.source for one in rebuilt.notebook.cells if not cells.grade_id(one)] == mine


@given(submissions())
def test_what_was_lost_doubled_or_claimed_is_said(submitted: NotebookNode) -> None:
    rebuilt = rebuild(TEMPLATE, submitted)
    claims = {index: name for index, one in enumerate(submitted.cells) if (name := cells.grade_id(one))}
    said = {rule: {cell for found, cell in rules(rebuilt) if found == rule} for rule, _ in rules(rebuilt)}
    there = Counter(claims.values())
    recognised = {index for index, name in rebuilt.places.items() if claims.get(index) != name}
    assert said.get("missing-cell", set()) == rebuilt.put_back
    assert said.get("duplicated-cell", set()) == {name for name in IDS if there[name] > 1}
    assert said.get("unknown-cell", set()) == {
        name for index, name in claims.items() if name not in IDS and index not in rebuilt.places
    }
    assert ("recognised-cell" in said) == bool(recognised)
    last = {name: submitted.cells[index] for index, name in rebuilt.places.items()}
    changed = {
        name
        for index, name in rebuilt.places.items()
        if name in LOCKED
        and index not in recognised
        and last[name].source.strip() != cell(TEMPLATE, name).source.strip()
    }
    assert said.get("changed-cell", set()) == changed
    retyped = {name for name in last if last[name].cell_type != cell(TEMPLATE, name).cell_type}
    assert said.get("retyped-cell", set()) == retyped


@given(submissions())
def test_the_result_is_a_valid_notebook_and_needs_no_more_mending(submitted: NotebookNode) -> None:
    once = rebuild(TEMPLATE, submitted)
    nbformat.validate(once.notebook)
    twice = rebuild(TEMPLATE, once.notebook)
    assert {rule for rule, _ in rules(twice)} <= {"moved-cell"}
    assert twice.answered | once.put_back == once.answered | once.put_back
    assert notebook_bytes(twice.notebook) == notebook_bytes(once.notebook)
