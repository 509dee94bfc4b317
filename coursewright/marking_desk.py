"""Marking at a terminal: an answer is shown, keys say what it earns. Nothing here knows where marks are kept.

Lines are only added, never overwritten, so that it works on every terminal, over slow lines and with a screen reader.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from authoring.rubric import Comment
from authoring.rubric import Question as Rules
from autograder.manual_marks import Given
from autograder.questions import Question
from coursewright.output import counted, say
from exam_bank.keywords import marked, summary

QUIT, SKIP, BACK, GIVEN = "quit", "skip", "back", "given"
_ENTER, _HELP = ("\r", "\n"), "?"


class Terminal(Protocol):
    """Where a person sits."""

    def key(self) -> str:
        """The next key."""

    def line(self, prompt: str) -> str:
        """A line that is typed."""


@dataclass(frozen=True)
class Sheet:
    """What lies before the person who marks."""

    question: Question
    rules: Rules
    comments: Sequence[Comment]
    answer: str
    position: str  # such as "12 of 57"


@dataclass
class Draft:
    """A mark that is being made."""

    chosen: list[str] = field(default_factory=list)
    points: float | None = None  # typed; goes before what the items make up
    remarks: list[str] = field(default_factory=list)

    def total(self, sheet: Sheet) -> float | None:
        """The points so far; None if nothing was chosen or typed."""
        if self.points is not None:
            return self.points
        return float(sheet.rules.points(self.chosen, sheet.question.max_score)) if self.chosen else None


def show_question(sheet: Sheet) -> None:
    """The question, and what the person who marks should know about it."""
    question = sheet.question
    say(f"\n== {question.cell} ({question.notebook}), {question.max_score:g} points ==")
    for heading, text in (
        ("The question", question.asked),
        ("For you: a full answer, and how to mark it", question.reference),
        ("For you: notes", sheet.rules.notes),
    ):
        if text.strip():
            say(f"\n-- {heading} --\n{text.strip()}")


def show_answer(sheet: Sheet) -> None:
    """The answer, and the keys."""
    words = sheet.rules.keywords
    hint = f"({summary(sheet.answer, words)})\n" if words else ""
    say(f"\n-- Answer {sheet.position} --\n{marked(sheet.answer, words)}\n{hint}")
    for number, item in enumerate(sheet.rules.items, start=1):
        say(f"  {number}  {item.points:+f}  {item.text}")
    items = f"1-{len(sheet.rules.items)} items, " if sheet.rules.items else ""
    say(f"{items}p points, c comment, Enter give, s skip, b back, q quit, ? the question again")


def mark_one(sheet: Sheet, terminal: Terminal) -> tuple[str, Given, tuple[str, ...]]:
    """Let a person mark an answer.

    Returns:
        What to do (GIVEN, SKIP, BACK or QUIT), the mark, and the ids of the rubric's items in it.
    """
    draft = Draft()
    show_answer(sheet)
    while True:
        key = terminal.key()
        if key in _ENTER:
            total = draft.total(sheet)
            if total is not None:
                return GIVEN, Given(total, "\n".join(draft.remarks)), tuple(draft.chosen)
            say("Nothing was given yet: choose items, type p and the points, or s to skip.")
        elif key in _WAYS_OUT:
            return _WAYS_OUT[key], Given(), ()
        elif key == _HELP:
            show_question(sheet)
            show_answer(sheet)
        else:
            _change(sheet, draft, key, terminal)


_WAYS_OUT = {"s": SKIP, "b": BACK, "q": QUIT, "\x04": QUIT}


def _change(sheet: Sheet, draft: Draft, key: str, terminal: Terminal) -> None:
    numbers = {str(number): item.id for number, item in enumerate(sheet.rules.items, start=1)}
    changes: dict[str, Callable[[], None]] = {
        "p": lambda: _type_points(sheet, draft, terminal),
        "c": lambda: _comment(sheet, draft, terminal),
    }
    if key in numbers:
        draft.points = None
        (draft.chosen.remove if numbers[key] in draft.chosen else draft.chosen.append)(numbers[key])
    elif key in changes:
        changes[key]()
    else:
        return
    _show_draft(sheet, draft)


def _show_draft(sheet: Sheet, draft: Draft) -> None:
    total = draft.total(sheet)
    numbers = [str(number) for number, item in enumerate(sheet.rules.items, start=1) if item.id in draft.chosen]
    points = "no points yet" if total is None else f"{total:g} of {sheet.question.max_score:g} points"
    items = f", items {' '.join(numbers)}" if numbers else ""
    remarks = f", {counted(len(draft.remarks), 'comment')}" if draft.remarks else ""
    say(f"  {points}{items}{remarks}")


def _type_points(sheet: Sheet, draft: Draft, terminal: Terminal) -> None:
    most = sheet.question.max_score
    typed = terminal.line(f"points, 0 to {most:g} (nothing: what the items make up): ").strip()
    if not typed:
        draft.points = None
        return
    try:
        points = float(typed.replace(",", "."))
    except ValueError:
        points = -1.0
    if 0 <= points <= most:
        draft.points = points
    else:
        say(f"  {typed} is no number from 0 to {most:g}; nothing was changed.")


def _comment(sheet: Sheet, draft: Draft, terminal: Terminal) -> None:
    """A comment of the rubric by its number, or a typed one; nothing takes all comments away."""
    for number, comment in enumerate(sheet.comments, start=1):
        say(f"  {number}  {comment.text}")
    hint = f"a number from 1 to {len(sheet.comments)}, or " if sheet.comments else ""
    typed = terminal.line(f"comment ({hint}your own words; nothing: no comment): ").strip()
    known = {str(number): comment.text for number, comment in enumerate(sheet.comments, start=1)}
    if not typed:
        draft.remarks.clear()
    else:
        draft.remarks.append(known.get(typed, typed))
