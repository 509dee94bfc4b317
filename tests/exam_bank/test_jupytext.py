"""Each type of item opens as a notebook in Jupyter, through Jupytext itself, and keeps its meaning when it is saved."""

import asyncio
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupytext.async_contentsmanager import build_async_jupytext_contents_manager_class

from exam_bank.item import Item
from exam_bank.item_file import parse_item, read_item

pytestmark = pytest.mark.integration  # it starts Jupyter's file manager

REPOSITORY = Path(__file__).parents[2]
TEMPLATES = sorted((REPOSITORY / "authoring/templates/items").glob("*.md"))
SAMPLES = sorted((REPOSITORY / "courses/mpc/items").glob("*/*.md"))


def text_of(path: Path) -> str:
    return path.read_text().replace("<<title>>", "A title")


def item_of(text: str) -> Item:
    return parse_item(text, topic="basics", item_id="x", file="items/basics/x.md")


class Jupyter:
    """What JupyterLab does with a file: open it as a notebook, save the notebook."""

    def __init__(self, root: Path) -> None:
        self._manager = build_async_jupytext_contents_manager_class(AsyncLargeFileManager)(root_dir=str(root))

    def open(self, path: str) -> Any:
        return self._now(self._manager.get(path, type="notebook", content=True))

    def save(self, path: str, content: Any) -> None:
        self._now(self._manager.save({"type": "notebook", "format": "json", "content": content}, path))

    def _now(self, result: Any) -> Any:
        return asyncio.run(result)


def test_there_is_an_example_of_every_type() -> None:
    assert {item_of(text_of(path)).type for path in TEMPLATES} == {path.stem for path in TEMPLATES}
    assert len({item_of(text_of(path)).type for path in SAMPLES}) == len(TEMPLATES) == 8


@pytest.mark.parametrize("metadata_kept", [False, True], ids=["as it comes", "with metadata"])
@pytest.mark.parametrize("path", [*TEMPLATES, *SAMPLES], ids=lambda path: path.stem)
def test_saving_an_item_from_jupyter_changes_nothing(path: Path, metadata_kept: bool, tmp_path: Path) -> None:
    """Jupytext writes a notebook's metadata into the file if the author wants it ("Include Metadata" in its menu)."""
    before = item_of(text_of(path))
    (tmp_path / "x.md").write_text(text_of(path))
    jupyter = Jupyter(tmp_path)

    model = jupyter.open("x.md")
    assert model["type"] == "notebook"
    nbformat.validate(nbformat.from_dict(model["content"]))
    content = model["content"]
    content["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content["metadata"]["language_info"] = {"name": "python", "version": "3.11"}
    if metadata_kept:
        content["metadata"]["jupytext"] = {"notebook_metadata_filter": "all"}
    for cell in content["cells"]:
        if cell["cell_type"] == "code":  # it was run
            cell["execution_count"] = 1
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "printed\n"}]
    jupyter.save("x.md", content)

    saved = (tmp_path / "x.md").read_text()
    assert ("jupyter:" in saved) is metadata_kept
    assert "printed" not in saved
    assert item_of(saved) == before
    assert item_of(saved).version == before.version


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_programs_are_code_cells_and_can_be_edited_there(path: Path, tmp_path: Path) -> None:
    item = item_of(text_of(path))
    (tmp_path / "x.md").write_text(text_of(path))
    jupyter = Jupyter(tmp_path)
    content = jupyter.open("x.md")["content"]
    cells = content["cells"]
    programs = [
        item.variant_code,
        item.check_code,
        *(getattr(item.question, name, "") for name in ("starter", "tests")),
    ]
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert all(program in sources for program in programs if program)

    last = next(cell for cell in reversed(cells) if cell["cell_type"] == "markdown")
    last["source"] += "\n\nOne sentence more, with $x < y$."
    for cell in cells:
        if cell["cell_type"] == "code" and cell["source"] == item.variant_code:
            cell["source"] += "\nmore = 1"
    jupyter.save("x.md", content)
    after = item_of((tmp_path / "x.md").read_text())
    assert after.solution.endswith("One sentence more, with $x < y$.")
    assert after.variant_code == (item.variant_code + "\nmore = 1" if item.variant_code else "")
    assert after.question == item.question


def test_jupytext_finds_no_difference_on_its_own_round_trip(tmp_path: Path) -> None:
    for path in SAMPLES:
        notebook = jupytext.read(path)
        jupytext.write(notebook, tmp_path / "items.ipynb")
        copy = tmp_path / "items" / path.parent.name / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        jupytext.write(jupytext.read(tmp_path / "items.ipynb"), copy)
        assert read_item(copy, tmp_path) == read_item(path, REPOSITORY / "courses/mpc"), path.name
