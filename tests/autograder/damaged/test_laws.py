"""Laws that hold whatever happens to a submission: random damage to the sample course's and to a small notebook.

1. Reading and preparing never raise.
2. Every notebook of the assignment is rebuilt, broken with a reason, or missing.
3. What was mended, and what is broken, is in the findings.
4. A rebuilt notebook is valid, and has the template's cells once each, the locked ones as the author made them.
5. An answer that nobody touched keeps its text.
6. Damage that touches neither texts nor grade ids changes nothing of the code that runs.
"""

import copy
import json
import random
from functools import cache
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.notebooknode import NotebookNode

from authoring import cells, nbgrader_api
from authoring.notebook_file import notebook_bytes
from autograder import batch
from autograder.cell_roles import cells_to_run
from autograder.preparing import Prepared, prepare
from autograder.source import Source, load_source
from autograder.submission import Submission
from tests.autograder.damaged.course import Json, good, source, write_course
from tests.autograder.damaged.kinds import old_format

pytestmark = pytest.mark.integration  # it takes long

MPC = Path(__file__).parents[3] / "courses" / "mpc"
SAMPLES = ["", "week01-problem-set", "week02-problem-set"]  # the small one, and two of the sample course

samples = st.sampled_from(SAMPLES)
places = st.integers(0, 10**6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@cache
def author(sample: str) -> Source:
    return load_source(nbgrader_api.open_course(MPC), MPC / "source" / sample) if sample else source()


@cache
def submitted(sample: str) -> tuple[str, bytes]:
    """A whole submission: its file's name, and what Jupyter saved."""
    if not sample:
        return "ps.ipynb", json.dumps(good(), indent=1, ensure_ascii=False).encode()
    (stem,) = author(sample).reference
    course = nbgrader_api.open_course(MPC)
    released = json.loads(nbgrader_api.student_version(course, MPC / "source" / sample / f"{stem}.ipynb"))
    solved = {cells.grade_id(cell): cell.source for cell in author(sample).reference[stem].cells}
    for cell in released["cells"]:
        if cells.is_solution(cell):
            cell["source"] = solved[cells.grade_id(cell)].splitlines(keepends=True)
    return f"{stem}.ipynb", notebook_bytes(nbformat.from_dict(released))


def notebook(sample: str) -> Json:
    made: Json = json.loads(submitted(sample)[1])
    return made


def as_prepared(sample: str, data: bytes | Json) -> Prepared:
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return prepare(author(sample), Submission("ada", {submitted(sample)[0]: content}, None))


def rules(prepared: Prepared) -> set[str]:
    return {finding.rule for finding in prepared.findings}


def check_laws(sample: str, prepared: Prepared) -> None:
    stems = set(author(sample).notebooks)
    assert {*prepared.notebooks, *prepared.broken, *prepared.missing} == stems
    assert ("unreadable-notebook" in rules(prepared)) == bool(prepared.broken)
    assert all(finding.message.strip() for finding in prepared.findings)
    for stem, rebuilt in prepared.notebooks.items():
        nbformat.validate(rebuilt.notebook)
        notebook_bytes(rebuilt.notebook).decode()
        names = [name for cell in rebuilt.notebook.cells if (name := cells.grade_id(cell))]
        originals = {name: cell for cell in author(sample).notebooks[stem].cells if (name := cells.grade_id(cell))}
        assert sorted(names) == sorted(originals)
        for cell in rebuilt.notebook.cells:
            if name := cells.grade_id(cell):
                assert (cell.cell_type, cell.metadata) == (originals[name].cell_type, originals[name].metadata)
                assert cell.source == originals[name].source or not cells.is_locked(cell)


def answers(found: NotebookNode) -> dict[str, str]:
    return {name: cell.source for cell in found.cells if (name := cells.grade_id(cell)) and not cells.is_locked(cell)}


def code(sample: str, prepared: Prepared) -> list[tuple[str, str]]:
    (stem,) = prepared.notebooks
    one = author(sample)
    ran = cells_to_run(one.notebooks[stem], prepared.notebooks[stem].notebook, one.released[stem], frozenset())
    return [(cell.role.name, cell.source) for cell in ran]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_whole_submission_is_left_alone(sample: str) -> None:
    prepared = as_prepared(sample, submitted(sample)[1])
    check_laws(sample, prepared)
    assert prepared.findings == ()
    assert len(prepared.notebooks) == 1


# Bytes ---------------------------------------------------------------------------------------------------------------


@given(samples, st.lists(st.tuples(places, st.integers(1, 255)), min_size=1, max_size=8))
def test_flipped_bits(sample: str, flips: list[tuple[int, int]]) -> None:
    data = bytearray(submitted(sample)[1])
    for place, bits in flips:
        data[place % len(data)] ^= bits
    check_laws(sample, as_prepared(sample, bytes(data)))


@given(samples, places)
def test_a_file_that_was_cut_off_is_never_graded_without_its_cells(sample: str, place: int) -> None:
    data = submitted(sample)[1]
    prepared = as_prepared(sample, data[: place % len(data)])
    check_laws(sample, prepared)
    for rebuilt in prepared.notebooks.values():  # then only what stands behind the cells was lost
        assert not rebuilt.put_back
        assert answers(rebuilt.notebook) == answers(nbformat.from_dict(notebook(sample) | {"cells": _joined(sample)}))


def _joined(sample: str) -> list[Json]:
    return [cell | {"source": "".join(cell["source"])} for cell in notebook(sample)["cells"]]


@given(samples, places, places, st.binary(max_size=20))
def test_a_piece_replaced_by_other_bytes(sample: str, start: int, length: int, other: bytes) -> None:
    data = submitted(sample)[1]
    start %= len(data)
    check_laws(sample, as_prepared(sample, data[:start] + other + data[start + length % 200 :]))


@given(st.binary(max_size=300))
def test_any_bytes_at_all(data: bytes) -> None:
    prepared = as_prepared("", data)
    check_laws("", prepared)
    assert prepared.broken


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_another_encoding_changes_nothing_and_is_said(sample: str, encoding: str) -> None:
    data = submitted(sample)[1]
    prepared = as_prepared(sample, data.decode().encode(encoding))
    check_laws(sample, prepared)
    assert rules(prepared) == {"mended-notebook"}
    assert code(sample, prepared) == code(sample, as_prepared(sample, data))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_letters_of_western_languages_are_read_in_their_old_encodings(encoding: str) -> None:
    data = submitted("")[1]
    prepared = as_prepared("", data.decode().encode(encoding))
    assert code("", prepared) == code("", as_prepared("", data))
    assert "Größe" in str(code("", prepared))


# The tree ------------------------------------------------------------------------------------------------------------


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


def holder(value: Json, path: tuple[str | int, ...]) -> Json:
    for key in path[:-1]:
        value = value[key]  # type: ignore[index]
    return value


@given(samples, st.lists(st.tuples(places, json_values), min_size=1, max_size=3))
def test_other_values_anywhere_in_the_tree(sample: str, changes: list[tuple[int, object]]) -> None:
    made = notebook(sample)
    for place, value in changes:
        there = paths(made)
        path = there[place % len(there)]
        holder(made, path)[path[-1]] = copy.deepcopy(value)  # type: ignore[index]
    check_laws(sample, as_prepared(sample, made))


odd_values = json_values | st.sampled_from([10**400, 10**12, -1, "heading", {"cells": []}, [{"cell_type": "heading"}]])


@given(st.sampled_from([2, 3]), st.lists(st.tuples(places, odd_values), min_size=1, max_size=3))
def test_other_values_anywhere_in_a_notebook_of_an_old_format(major: int, changes: list[tuple[int, object]]) -> None:
    made = json.loads(old_format(major))
    for place, value in changes:
        there = paths(made)
        path = there[place % len(there)]
        holder(made, path)[path[-1]] = copy.deepcopy(value)  # type: ignore[index]
    check_laws("", as_prepared("", made))


@pytest.mark.parametrize("level", [10**12, 10**400, -1, None, "1", 2.5])
def test_a_heading_of_an_absurd_level_takes_no_memory(level: object) -> None:
    made = json.loads(old_format(3))
    made["worksheets"][0]["cells"][0] = {"cell_type": "heading", "level": level, "source": "x", "metadata": {}}
    prepared = as_prepared("", made)
    check_laws("", prepared)
    assert len(prepared.notebooks["ps"].notebook.cells[0].source) < 10


@given(samples, st.lists(places, min_size=1, max_size=4))
def test_keys_and_items_that_are_gone(sample: str, gone: list[int]) -> None:
    made = notebook(sample)
    for place in gone:
        if there := paths(made):
            path = there[place % len(there)]
            del holder(made, path)[path[-1]]  # type: ignore[arg-type]
    check_laws(sample, as_prepared(sample, made))


@given(samples, st.randoms(use_true_random=False), st.lists(st.tuples(places, places), max_size=5))
def test_cells_that_were_copied_and_moved_keep_their_answers(
    sample: str, chance: random.Random, copies: list[tuple[int, int]]
) -> None:
    made = notebook(sample)
    for which, where in copies:
        made["cells"].insert(where % len(made["cells"]), copy.deepcopy(made["cells"][which % len(made["cells"])]))
    chance.shuffle(made["cells"])
    prepared = as_prepared(sample, made)
    check_laws(sample, prepared)
    (rebuilt,) = prepared.notebooks.values()
    (whole,) = as_prepared(sample, submitted(sample)[1]).notebooks.values()
    assert answers(rebuilt.notebook) == answers(whole.notebook)
    assert len(rebuilt.notebook.cells) == len(made["cells"])


@given(samples, st.sets(places, min_size=1, max_size=4))
def test_a_cell_that_is_gone_is_said_and_the_other_answers_are_kept(sample: str, gone: set[int]) -> None:
    made = notebook(sample)
    numbers = {place % len(made["cells"]) for place in gone}
    lost = {name for number in numbers if (name := cells.grade_id(made["cells"][number]))}
    made["cells"] = [cell for number, cell in enumerate(made["cells"]) if number not in numbers]
    prepared = as_prepared(sample, made)
    check_laws(sample, prepared)
    (whole,) = as_prepared(sample, submitted(sample)[1]).notebooks.values()
    for rebuilt in prepared.notebooks.values():
        assert {finding.cell for finding in prepared.findings if finding.rule == "missing-cell"} == lost
        kept = answers(whole.notebook)
        assert {name: text for name, text in answers(rebuilt.notebook).items() if name not in lost} == {
            name: text for name, text in kept.items() if name not in lost
        }


NO_MATTER = ("outputs", "execution_count", "id", "attachments")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    samples,
    st.dictionaries(st.text(max_size=4), json_values, max_size=3),
    st.lists(st.tuples(places, st.sampled_from(NO_MATTER), json_values), max_size=4),
    st.lists(st.tuples(places, st.text(max_size=4).filter(lambda key: key not in {"nbgrader", "tags"}), json_values)),
)
def test_what_is_neither_text_nor_grade_id_changes_no_code(
    sample: str,
    metadata: Json,
    fields: list[tuple[int, str, object]],
    cell_metadata: list[tuple[int, str, object]],
) -> None:
    made = notebook(sample) | {"metadata": metadata}
    for place, key, value in fields:
        made["cells"][place % len(made["cells"])][key] = value
    for place, key, value in cell_metadata:
        made["cells"][place % len(made["cells"])]["metadata"][key] = value
    prepared = as_prepared(sample, made)
    check_laws(sample, prepared)
    assert code(sample, prepared) == code(sample, as_prepared(sample, submitted(sample)[1]))
    assert rules(prepared) <= {"mended-notebook", "other-kernel"}


@given(samples, st.sets(places))
def test_grade_ids_that_were_lost_change_no_code(sample: str, lost: set[int]) -> None:
    made = notebook(sample)
    for place in lost or range(len(made["cells"])):
        made["cells"][place % len(made["cells"])]["metadata"].pop("nbgrader", None)
    prepared = as_prepared(sample, made)
    check_laws(sample, prepared)
    assert [source for _, source in code(sample, prepared)] == [
        source for _, source in code(sample, as_prepared(sample, submitted(sample)[1]))
    ]
    assert rules(prepared) <= {"recognised-cell"}


# Files ---------------------------------------------------------------------------------------------------------------

file_names = st.sampled_from(
    [
        *("ps.ipynb", "PS.IPYNB", "ps (1).ipynb", "Copy of ps.ipynb", "a/ps.ipynb", "a\\ps.ipynb", "..\\ps.ipynb"),
        *("ps.ipynb.txt", "ps.py", "ps.md", "other.ipynb", "data.csv", "a", "a/b", "a\\b", "C:\\x", "\\", "\\\\", "ps"),
    ]
) | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: not name.startswith("/") and name not in {".", ".."}
)
contents = st.sampled_from([b"", b"{}", b"[1]", b"# %%\n1", b"---\njupyter:\n---\n", submitted("")[1]]) | st.binary(
    max_size=9
)


@given(st.dictionaries(file_names, contents, max_size=5))
def test_any_files_at_all(files: dict[str, bytes]) -> None:
    prepared = prepare(author(""), Submission("ada", files, None))
    check_laws("", prepared)
    if files.get("ps.ipynb") == submitted("")[1]:
        assert prepared.notebooks.keys() == {"ps"}
    for name in prepared.files:
        assert not name.startswith(("/", "../"))
        assert not any(str(parent) in prepared.files for parent in Path(name).parents)


# The whole way -------------------------------------------------------------------------------------------------------


@pytest.mark.integration
def test_a_class_of_randomly_damaged_submissions_is_graded_to_the_last(tmp_path: Path) -> None:
    write_course(tmp_path)
    whole = submitted("")[1]
    for number in range(40):
        chance = random.Random(number)
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            start = chance.randrange(len(data))
            data[start : start + chance.choice([0, 1, 30])] = chance.choice(
                [b"", b"\0", b'"', b"\xff", b"{", b"]", b",", b"while True: pass", data[: chance.randrange(300)]]
            )
        folder = tmp_path / "submitted" / f"learner{number}" / "ps"
        folder.mkdir(parents=True)
        (folder / "ps.ipynb").write_bytes(data)
    records = [result.record for result in batch.run(batch.plan(tmp_path, "ps"), workers=2)]
    assert len(records) == 40
    for record in records:
        assert (record.score is None) == (record.outcome.value == "failed")
    assert {record.outcome.value for record in records} == {"failed", "needs_manual"}
