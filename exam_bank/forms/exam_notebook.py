"""A form as a notebook: what the learner gets, and what comes back from it. No key is in it."""

from collections.abc import Mapping
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from exam_bank.forms.form import Form, Question
from exam_bank.forms.form_text import number_of, opening, section_opening
from exam_bank.item import Role
from exam_bank.render import exam_metadata, markdown
from exam_bank.strict import SourceError
from exam_bank.variant import Code

_LOCKED = {"editable": False, "deletable": False}


def form_notebook(form: Form, *, section: str | None = None) -> NotebookNode:
    """The notebook of a form, or of one section of it, for the kernel ``python3``.

    A question is a locked Markdown cell with its data in ``metadata.coursewright.item``; the response belongs into
    ``metadata.coursewright.response`` of the same cell. A question of type code is followed by a cell to answer in, and
    one with the visible tests.

    Args:
        form: the questions.
        section: only this section (a learner must not see one that is not open yet); None: all.
    """
    version = form.version
    sections = [each for each in form.sections if section in {None, each.id}]
    cells = [_cell(f"# {form.title}\n\n{opening(form)}", "title", {})]
    for each in sections:
        cells.append(_cell(f"## {each.title}\n\n{section_opening(each)}", f"section-{each.id}", {}))
        for question in each.questions:
            cells += _question(question, version)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "coursewright": {"form": version}}
    notebook: NotebookNode = new_notebook(cells=cells, metadata=metadata)
    notebook["nbformat_minor"] = 5
    return notebook


def read_responses(notebook: NotebookNode, form: Form) -> dict[str, Any]:
    """The responses by question id in a notebook that came back; nothing about it is trusted.

    Questions without a response are left out. What a response is worth is for
    :func:`exam_bank.scoring.score` to say.

    Raises:
        SourceError: the notebook is that of another form, or answers a question twice.
    """
    mine = _coursewright(notebook)
    if mine.get("form") != form.version:
        raise SourceError("the notebook", "", "it does not belong to this form; ask for the learner's own notebook")
    responses: dict[str, Any] = {}
    types = {question.id: question.variant.type for question in form.questions}
    cells = notebook.get("cells")
    for cell in cells if isinstance(cells, list) else ():
        name, response = _response(cell, types)
        if response is None:
            continue
        if name in responses:
            raise SourceError("the notebook", name, "the question is answered twice; delete one of the cells")
        responses[name] = response
    return responses


def with_responses(notebook: NotebookNode, responses: Mapping[str, Any]) -> NotebookNode:
    """The notebook of a form with what the learner has answered so far, by question id, put into its cells."""
    for cell in notebook["cells"]:
        data = _coursewright(cell)
        if "answers" in data and data["answers"] in responses:
            cell["source"] = str(responses[data["answers"]])
        elif "item" in data and data["item"]["id"] in responses:
            data["response"] = responses[data["item"]["id"]]
    return notebook


def _response(cell: Any, types: Mapping[str, str]) -> tuple[str, Any]:
    """The question that a cell answers and the response, or None. Code is answered in a cell of its own."""
    data = _coursewright(cell)
    if not data:
        return "", None
    is_code = cell.get("cell_type") == "code"
    item = data.get("item")
    name = data.get("answers") if is_code else item.get("id") if isinstance(item, dict) else None
    if not isinstance(name, str) or name not in types or (types[name] == "code") is not is_code:
        return "", None
    return name, str(cell.get("source", "")) if is_code else data.get("response")


def _cell(text: str, name: str, metadata: dict[str, Any]) -> NotebookNode:
    """A locked Markdown cell."""
    cell: NotebookNode = new_markdown_cell(text, id=name, metadata={**_LOCKED, **metadata})
    return cell


def _question(question: Question, version: str) -> list[NotebookNode]:
    variant = question.variant
    item = exam_metadata(variant, question=question.id, form=version)
    text = markdown(variant, Role.EXAM, heading=f"Question {number_of(question)}")
    cells = [_cell(text, question.id, {"coursewright": {"item": item}})]
    if isinstance(variant.key, Code):
        answer = {"deletable": False, "coursewright": {"answers": question.id}}
        cells.append(new_code_cell(variant.key.starter, id=f"{question.id}-answer", metadata=answer))
        cells.append(new_code_cell(variant.key.tests, id=f"{question.id}-tests", metadata=_LOCKED))
    return cells


def _coursewright(node: Any) -> dict[str, Any]:
    metadata = node.get("metadata") if isinstance(node, dict) else None
    mine = metadata.get("coursewright") if isinstance(metadata, dict) else None
    return mine if isinstance(mine, dict) else {}
