"""The commonest things that tests said, with what differs from learner to learner left out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.record import CellKind, GradeRecord

_MOST = 10
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`")
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w])")
_PATH = re.compile(r"(?:/[\w.@+-]+){2,}/?")


@dataclass(frozen=True)
class MessageFacts:
    """Messages that are the same but for names, numbers and paths."""

    text: str
    example: str  # the commonest of them as it was said
    learners: int
    cells: tuple[str, ...]


def normalised(message: str) -> str:
    """The message with quoted names, numbers and paths replaced by a mark."""
    for pattern, mark in ((_QUOTED, "\u2018\u2026\u2019"), (_PATH, "\u2026"), (_NUMBER, "#")):
        message = pattern.sub(mark, message)
    return message


def common_messages(records: Iterable[GradeRecord]) -> tuple[MessageFacts, ...]:
    """What tests that did not give full marks said, grouped; the commonest first, at most ten.

    A learner is counted once for each group, however many tests said it.
    """
    found: dict[str, list[tuple[str, str, str]]] = {}
    for record in records:
        for cell in record.cells:
            if cell.kind is CellKind.TEST and cell.message and (cell.score or 0.0) < cell.max_score:
                found.setdefault(normalised(cell.message), []).append((record.learner, cell.grade_id, cell.message))
    groups = [_group(text, said) for text, said in found.items()]
    return tuple(sorted(groups, key=lambda each: (-each.learners, each.text))[:_MOST])


def _group(text: str, said: list[tuple[str, str, str]]) -> MessageFacts:
    messages = [message for _, _, message in said]
    return MessageFacts(
        text=text,
        example=max(sorted(set(messages)), key=messages.count),
        learners=len({learner for learner, _, _ in said}),
        cells=tuple(sorted({cell for _, cell, _ in said})),
    )
