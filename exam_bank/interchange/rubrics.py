"""Rubrics as what a peer tells its graders, and back."""

import re
from decimal import Decimal

from exam_bank.interchange.exchanged import decimal_of
from exam_bank.interchange.from_html import from_html
from exam_bank.interchange.to_html import to_inline_html
from exam_bank.item import Criterion, ShortAnswer

_LINE = re.compile(r"-\s+(?:\\?)([0-9.]+)\\? points?:\s+(.+)", re.DOTALL)


def rubric_from(html: str, points: Decimal) -> ShortAnswer:
    """The criteria, if they are a list such as ours whose points add up; else one criterion for all points."""
    text = from_html(html)
    criteria = [_LINE.fullmatch(part.strip()) for part in re.split(r"\n(?=- )", text)] if text else []
    if criteria and all(criteria):
        parts = [(decimal_of(match[1]), " ".join(match[2].split())) for match in criteria if match]
        if sum(each or Decimal(0) for each, _ in parts) == points:
            return ShortAnswer(rubric=tuple(Criterion(points=each, text=said) for each, said in parts if each))
    return ShortAnswer(rubric=(Criterion(points=points, text=text or "A full answer."),))


def rubric_text(question: ShortAnswer) -> str:
    """The rubric as an HTML list that reads back."""
    lines = [f"<li>{plain_points(each.points)}: {to_inline_html(each.text)}</li>" for each in question.rubric]
    return f"<ul>{''.join(lines)}</ul>"


def plain_points(points: Decimal) -> str:
    """``1 point``, ``1.5 points``."""
    return f"{points.normalize():f} {'point' if points == 1 else 'points'}"
