"""Item files: what is read, and how every mistake is named."""

import re
from decimal import Decimal
from pathlib import Path

import jupytext
import pytest

from exam_bank.item import Code, Item, Numeric, Status, Use
from exam_bank.item_file import parse_item, read_bank, read_item
from exam_bank.strict import SourceError
from tests.exam_bank.conftest import CODE, CODE_SECTIONS, DOCS, FILL_IN, HEADER, NUMERIC, SHORT, SINGLE, item_text


def parse(text: str) -> Item:
    return parse_item(text, topic="basics", item_id="x", file="items/basics/x.md")


def refused(text: str) -> str:
    with pytest.raises(SourceError) as caught:
        parse(text)
    return str(caught.value)


def test_the_documented_example_is_read_as_documented(documented_item: Item) -> None:
    assert documented_item.ref == "charts/upper-limit"
    assert documented_item.status is Status.OPERATIONAL
    assert documented_item.points == Decimal(2)
    assert isinstance(documented_item.question, Numeric)
    assert documented_item.question.tolerance.absolute == Decimal("0.002")
    assert documented_item.variant_code.startswith("n = int(rng.integers(4, 7))")
    assert documented_item.stem.startswith("Samples of {{ n }} shafts")
    assert [sample.score for sample in documented_item.samples] == [2, 2, 0, "malformed"]


def test_an_item_is_secret_unless_it_says_otherwise() -> None:
    assert parse(item_text(NUMERIC)).use is Use.EXAM


def test_an_item_opens_as_a_notebook_and_is_the_same_item_after_saving(documented_item: Item) -> None:
    example = re.search(r"````markdown\n(.*?)\n````", DOCS.read_text(), re.DOTALL)
    assert example is not None
    notebook = jupytext.reads(example[1], fmt="md")
    assert [cell.cell_type for cell in notebook.cells] == ["raw", "markdown", "code", "markdown"]
    assert notebook.cells[2].source == documented_item.variant_code

    notebook.metadata["jupytext"] = {"formats": "md"}
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    saved = jupytext.writes(notebook, fmt="md")

    assert "jupyter:" in saved
    again = parse_item(saved, topic="charts", item_id="upper-limit", file="f")
    assert again == documented_item
    assert again.version == documented_item.version


def test_blank_lines_and_line_ends_are_no_new_version() -> None:
    text = item_text(NUMERIC, stem="One.\n\nTwo.")
    assert parse(text.replace("One.\n\n", "One.\n\n\n").replace("\n", "\r\n")).version == parse(text).version


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (("status: operational", "status: retired"), True),
        (("minutes: 3", "minutes: 5"), True),
        (("points: 2", "points: 3"), False),
        (("answer: 12.5", "answer: 12.6"), False),
        (("What is it?", "What is this?"), False),
        (("Because.", "It is."), False),
    ],
)
def test_the_version_changes_with_what_is_asked_and_scored(change: tuple[str, str], same: bool) -> None:
    text = item_text(NUMERIC)
    assert (parse(text.replace(*change)).version == parse(text).version) is same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("minutes:", "minuts:"), "items/basics/x.md: type numeric: unknown key 'minuts'; did you mean 'minutes'?"),
        (("absolute:", "absolut:"), "items/basics/x.md: tolerance: unknown key 'absolut'; did you mean 'absolute'?"),
        (("points: 2", "points: two"), "items/basics/x.md: points: "),
        (("unit: mm", "unit: 3"), "items/basics/x.md: unit: expected 'str', got 'int'; put the text in quotes"),
        (("answer: 12.5\n", ""), "items/basics/x.md: the key 'answer' is missing"),
        (("points: 2", "points: 2\npoints: 3"), "items/basics/x.md: line 6: "),
        (("points: 2", "points: -1"), "points and minutes must be more than 0"),
        (("operational", "ready"), "items/basics/x.md: status: 'ready' is not one of draft, review, pilot"),
        (("type: numeric", "type: number"), "items/basics/x.md: type: there is no type 'number'; known are single-"),
        (("{absolute: 0.1}", "{absolute: 0.1, relative: 0.1}"), "tolerance: give exactly one of absolute, relative"),
        (("## Solution", "## Solutions"), "items/basics/x.md: ## Solutions: unknown section; known are Solution"),
        (("Because.", ""), "items/basics/x.md: ## Solution: the worked solution is missing"),
        (("What is it?", ""), "items/basics/x.md: the stem is empty"),
        (("What is it?", "It is [[word]]."), "only type fill-in has blanks, and the stem holds '[[word]]'"),
        (("title: A title", "title: [A"), "the front matter is not valid YAML"),
        (("title: A title", "title: !!python/object/apply:os.getcwd []"), "the front matter is not valid YAML"),
        (("minutes: 3", "minutes: 3\nschema: 2"), "schema: schema 2 is newer than this coursewright; update it"),
        (("minutes: 3", "minutes: 3\nenemies: [basics/x]"), "enemies: an item cannot be its own enemy"),
    ],
)
def test_a_mistake_is_named_with_file_place_and_mend(change: tuple[str, str], message: str) -> None:
    text = item_text(NUMERIC)
    assert change[0] in text
    assert message in refused(text.replace(*change, 1))


def test_front_matter_is_needed() -> None:
    assert "an item begins with front matter" in refused("# A heading\n")
    assert "no closing line '---'" in refused("---\ntitle: x\n")


def test_blanks_of_stem_and_front_matter_must_agree() -> None:
    front = FILL_IN.replace("SCORING", "number-right")
    assert parse(item_text(front, stem="A [[chart]] and [[code]].")).type == "fill-in"
    assert "the stem has the blanks code, chart; list the same" in refused(item_text(front, stem="[[code]] [[chart]]"))
    assert "the stem has the blanks none" in refused(item_text(front, stem="None."))


def test_a_rubric_adds_up_to_the_points() -> None:
    assert "rubric: its points add up to 2.5, the item has 2" in refused(
        item_text(SHORT.replace("points: 0.5", "points: 1"))
    )


def test_exactly_one_option_of_a_single_choice_is_correct() -> None:
    assert "options: mark exactly one as correct, not 0" in refused(item_text(SINGLE.replace("correct: true, ", "")))
    assert "two options have the same id" in refused(item_text(SINGLE.replace("id: far", "id: near")))


def test_a_code_item_holds_its_programs() -> None:
    question = parse(item_text(CODE, sections=CODE_SECTIONS)).question
    assert isinstance(question, Code)
    assert question.starter == "def limits(x):\n    ..."
    assert question.tests.startswith("## a comment that looks like a heading")
    assert "## Tests: an item of type code needs this section" in refused(
        item_text(CODE, sections=CODE_SECTIONS.split("## Tests")[0])
    )
    assert "belong to type code only" in refused(item_text(NUMERIC, sections=CODE_SECTIONS))


def test_a_section_of_code_holds_one_block_only() -> None:
    prose = "\n## Variant\n\nSome prose.\n\n```python\nn = 1\n```\n"
    two = "\n## Variant\n\n```python\nn = 1\n```\n\n```python\nm = 1\n```\n"
    for sections in (prose, two):
        assert "## Variant: the section must hold one" in refused(item_text(NUMERIC, sections=sections))


def test_a_bank_has_mutual_enemies_and_knows_only_its_own_items(tmp_path: Path) -> None:
    folder = tmp_path / "items" / "basics"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text(item_text("enemies: [basics/b]\n" + NUMERIC))
    (folder / "b.md").write_text(item_text(NUMERIC))
    checkpoints = folder / ".ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / "a-checkpoint.md").write_text("left by Jupyter")
    bank = read_bank(tmp_path)
    assert list(bank.items) == ["basics/a", "basics/b"]
    assert bank.items["basics/b"].enemies == ("basics/a",)

    (folder / "a.md").write_text(item_text("enemies: [basics/c]\n" + NUMERIC))
    with pytest.raises(SourceError, match=r"items/basics/a.md: enemies: there is no item 'basics/c'"):
        read_bank(tmp_path)


def test_the_bank_version_is_that_of_its_items(tmp_path: Path) -> None:
    folder = tmp_path / "items" / "basics"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text(item_text(NUMERIC))
    before = read_bank(tmp_path).version
    (folder / "a.md").write_text(item_text(NUMERIC.replace("12.5", "12.75")))
    assert read_bank(tmp_path).version != before


def test_mending_a_lessons_item_leaves_the_exams_forms_alone(tmp_path: Path) -> None:
    folder = tmp_path / "items" / "basics"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text(item_text(NUMERIC))
    before = read_bank(tmp_path).version
    (folder / "b.md").write_text(item_text("use: lesson\n" + NUMERIC))
    assert read_bank(tmp_path).version == before


def test_an_item_at_the_wrong_depth_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "items" / "a" / "b").mkdir(parents=True)
    (tmp_path / "items" / "a" / "b" / "c.md").write_text(item_text(NUMERIC))
    with pytest.raises(SourceError, match=r"items/a/b/c.md: an item lies in items/<topic>/<id>.md; move the file"):
        read_bank(tmp_path)


def test_what_is_no_text_or_no_name_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "items" / "basics"
    folder.mkdir(parents=True)
    (folder / "a.md").write_bytes(b"---\n\xff\n---\n")
    with pytest.raises(SourceError, match=r"items/basics/a.md: byte 5: the file is not UTF-8"):
        read_item(folder / "a.md", tmp_path)
    (folder / "Some Item.md").write_text(item_text(NUMERIC))
    with pytest.raises(SourceError, match="the name 'Some Item' may hold a-z, 0-9 and hyphens only"):
        read_item(folder / "Some Item.md", tmp_path)


def test_every_key_of_the_common_header_is_documented() -> None:
    documented = DOCS.read_text()
    for line in HEADER.splitlines():
        assert f"| `{line.split(':')[0]}` |" in documented or line.startswith("type")


def test_yaml_words_for_true_are_not_taken_for_text() -> None:
    assert "options[0].id: expected 'str', got 'bool'" in refused(item_text(SINGLE.replace("id: right", "id: on")))
