"""The author's side: what is hashed, what is imported, what is graded."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring import nbgrader_api
from authoring.errors import CoursewrightError
from autograder.source import Source, content_hash, load_source
from tests.autograder import notebooks as make

BODY = "import math\nfrom scipy import stats\ndef f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
HIDDEN = "assert f()\n### BEGIN HIDDEN TESTS\nassert f() == 1\n### END HIDDEN TESTS"


def write_source(root: Path, body: str = BODY, hidden: str = HIDDEN) -> Source:
    notebook = make.notebook(
        make.code("%matplotlib inline\nimport pandas"),
        make.code("import helper\nimport numpy.linalg as la\nimport data.tools"),
        make.solution("s", body),
        make.check("t", hidden, 2.5),
        make.essay("e", points=3),
        make.task("k", "", points=4),
    )
    make.write(root / "source/ps/nb.ipynb", notebook)
    for name in ("helper.py", "data/tools.py", "notes.txt"):
        (root / "source/ps" / name).parent.mkdir(exist_ok=True)
        (root / "source/ps" / name).write_text(name)
    return load_source(nbgrader_api.open_course(root), root / "source/ps")


def test_the_template_has_hidden_tests_and_no_solutions(tmp_path: Path) -> None:
    source = write_source(tmp_path)
    cells = make.by_id(source.notebooks["nb"])
    assert "BEGIN HIDDEN TESTS" in cells["t"].source
    assert "return 1" not in cells["s"].source
    assert "return 1" in make.by_id(source.reference["nb"])["s"].source
    assert source.max_score == 9.5
    assert source.files.keys() == {"helper.py", "data/tools.py", "notes.txt"}


def test_what_is_imported_beforehand_is_what_the_author_imports_and_did_not_write(tmp_path: Path) -> None:
    assert write_source(tmp_path).imports == ("math", "numpy.linalg", "pandas", "scipy", "scipy.stats")


def test_loading_a_source_leaves_no_trace_and_gives_the_same_hash(tmp_path: Path) -> None:
    first = write_source(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert load_source(nbgrader_api.open_course(tmp_path), tmp_path / "source/ps").hash == first.hash
    assert sorted(tmp_path.rglob("*")) == before
    assert write_source(tmp_path / "elsewhere").hash == first.hash


def test_the_hash_speaks_of_all_that_decides_a_grade_and_of_nothing_else(tmp_path: Path) -> None:
    hashes = [
        write_source(tmp_path / "a").hash,
        write_source(tmp_path / "b", hidden=HIDDEN.replace("== 1", "== 2")).hash,
        write_source(tmp_path / "c", body=BODY.replace("import math", "import cmath")).hash,
    ]
    assert len(set(hashes)) == 3
    assert write_source(tmp_path / "d", body=BODY.replace("return 1", "return 2 - 1")).hash == hashes[0]
    (tmp_path / "a/source/ps/notes.txt").write_text("changed")
    assert load_source(nbgrader_api.open_course(tmp_path / "a"), tmp_path / "a/source/ps").hash not in hashes


def test_a_folder_without_a_notebook_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "source/ps").mkdir(parents=True)
    with pytest.raises(CoursewrightError, match="holds no notebook"):
        load_source(nbgrader_api.open_course(tmp_path), tmp_path / "source/ps")


files = st.dictionaries(st.text(max_size=4), st.binary(max_size=4), max_size=4)


@given(files, files)
def test_a_content_hash_is_equal_exactly_for_equal_files(first: dict[str, bytes], second: dict[str, bytes]) -> None:
    assert (content_hash(first) == content_hash(dict(reversed(second.items())))) == (first == second)
