"""Sample answers are read strictly and put into the student notebook without touching the rest."""

from pathlib import Path

import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from authoring.errors import CoursewrightError
from authoring.samples import SampleAnswer, answered, answers_for, load_samples

GOOD = """
schema = 1

[[answers]]
cell = "within_sd"
name = "right"
source = '''
def within_sd(groups):
    return groups.std(axis=1, ddof=1).mean()
'''
marks = { t_within_sd = 2, t_hidden = 1.5 }

[[answers]]
cell = "within_sd"
name = "divides-by-n"
about = "NumPy's default divides by n; learners forget ddof."
source = "pass"
[answers.marks]
t_within_sd = 0
"""


def written(root: Path, text: str) -> Path:
    (root / "samples").mkdir()
    (root / "samples" / "ps1.toml").write_text(text)
    return root


def notebook() -> NotebookNode:
    answer = {"nbgrader": {"solution": True, "grade": False, "grade_id": "within_sd"}}
    locked = {"nbgrader": {"solution": False, "grade": True, "grade_id": "t_within_sd", "points": 2}}
    return new_notebook(
        cells=[
            new_markdown_cell("Read this", id="a"),
            new_code_cell("raise NotImplementedError()", id="b", metadata=answer),
            new_code_cell("assert within_sd", id="c", metadata=locked),
        ]
    )


def test_samples_are_read_in_order_with_their_marks(tmp_path: Path) -> None:
    right, mistake = load_samples(written(tmp_path, GOOD), "ps1")
    assert right.source == "def within_sd(groups):\n    return groups.std(axis=1, ddof=1).mean()"
    assert right.marks == {"t_within_sd": 2.0, "t_hidden": 1.5}
    assert (mistake.name, mistake.marks) == ("divides-by-n", {"t_within_sd": 0.0})


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "schema = 1",
            "schema = 2",
            "samples/ps1.toml: `schema`: the file has format 2, which is newer than 1; update",
        ),
        (
            'name = "divides-by-n"',
            'name = "right"',
            'samples/ps1.toml: `answers[cell = "within_sd", name = "right"]`: the cell has an answer of this name',
        ),
        ('name = "divides-by-n"', 'name = "Divides by n"', "a name is made of small letters"),
        ("about =", "abuot =", 'name = "divides-by-n"].abuot`: there is no such key (did you mean `about`?)'),
        (
            "t_within_sd = 0",
            "t_within_sd = -1",
            '"divides-by-n"].marks.t_within_sd`: a number of at least 0 was expected, and -1 was found',
        ),
        (
            'source = "pass"',
            "",
            'name = "divides-by-n"].source`: the key is missing; text was expected',
        ),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in GOOD
    with pytest.raises(CoursewrightError) as caught:
        load_samples(written(tmp_path, GOOD.replace(before, after)), "ps1")
    assert message in str(caught.value)


def test_blank_lines_and_indentation_of_an_answer_stay(tmp_path: Path) -> None:
    text = GOOD.replace('source = "pass"', 'source = "\\n    x = 1\\n\\n"')
    assert load_samples(written(tmp_path, text), "ps1")[1].source == "\n    x = 1\n"


def test_no_file_is_an_error_and_never_no_samples(tmp_path: Path) -> None:
    with pytest.raises(CoursewrightError, match=r"^samples/ps1\.toml: the file cannot be read"):
        load_samples(tmp_path, "ps1")


@pytest.mark.parametrize("assignment_id", ["../ps1", "", "/etc/passwd", "PS1", ".ps1"])
def test_an_id_cannot_lead_out_of_the_folder(tmp_path: Path, assignment_id: str) -> None:
    with pytest.raises(CoursewrightError, match="is not made of small letters"):
        load_samples(tmp_path, assignment_id)


def test_answers_replace_the_sources_of_their_cells_and_nothing_else() -> None:
    before = notebook()
    after = answered(before, [SampleAnswer(cell="within_sd", name="right", source="x = 1")])
    assert [cell.source for cell in after.cells] == ["Read this", "x = 1", "assert within_sd"]
    after.cells[1].source = before.cells[1].source
    assert after == before == notebook()


def test_only_answer_cells_can_be_answered() -> None:
    with pytest.raises(CoursewrightError, match="no cell to answer with the grade id t_within_sd"):
        answered(notebook(), [SampleAnswer(cell="t_within_sd", name="right", source="")])


def test_one_cell_takes_one_answer() -> None:
    two = [SampleAnswer(cell="within_sd", name=name, source="") for name in ("right", "empty")]
    with pytest.raises(CoursewrightError, match="cell within_sd is given two answers, right and empty"):
        answered(notebook(), two)


def test_the_answers_for_one_of_several_notebooks_can_be_picked() -> None:
    here = SampleAnswer(cell="within_sd", name="right", source="")
    elsewhere = SampleAnswer(cell="eoq", name="right", source="")
    assert answers_for(notebook(), [elsewhere, here]) == (here,)
