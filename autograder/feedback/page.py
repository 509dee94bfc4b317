"""A graded notebook as a page of its own: no script, nothing to fetch, readable on a phone, at night and by ear."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from autograder.feedback.clean import DEEPEST
from autograder.feedback.results import Result, Total

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass(frozen=True)
class ShownCell:
    """A cell of the page; whatever is HTML in it has been cleaned."""

    anchor: str = ""
    title: str = ""  # of cells that carry points, and of answers with a comment
    kind: str = "code"
    body: str = ""  # HTML
    outputs: tuple[str, ...] = ()  # HTML
    result: Result | None = None
    message: str = ""
    failed_line: str = ""
    hidden: bool = False  # whether a part of the test is not shown
    hints: tuple[str, ...] = ()
    comment: str = ""  # HTML


@dataclass(frozen=True)
class Page:
    """Everything on one page."""

    course: str
    assignment: str
    notebook: str
    learner: str
    results: tuple[Result, ...]
    total: Total
    whole: Total | None  # of the assignment, when it has several notebooks
    others: tuple[str, ...] = ()  # the stems of its other notebooks
    notices: tuple[str, ...] = ()  # what was mended, or why there is nothing
    cells: Sequence[ShownCell] = field(default_factory=tuple)


def to_html(page: Page) -> str:
    """The page."""
    from markupsafe import Markup

    return _template().render(
        page=page,
        anchors={cell.result.grade_id: cell.anchor for cell in page.cells if cell.result},
        style=Markup(_style()),  # noqa: S704  # our own file
        policy=_policy(),
        number=_number,
    )


def _number(points: float) -> str:
    return f"{round(points, 4):g}"


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_file("feedback.html"))


@cache
def _style() -> str:
    depths = "".join(f".d{step}{{vertical-align:{-step / 20:g}em}}" for step in range(1, DEEPEST + 1))
    text = _file("feedback.css").strip() + "\n" + depths
    if "</" in text:
        raise RuntimeError("feedback.css cannot stand within a page: it holds the end of an element")
    return text


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _file(name: str) -> str:
    return files("autograder").joinpath("feedback", name).read_text("utf-8")
