"""One question, marked over all learners: which answer comes next, and back again."""

from collections.abc import Callable, Sequence
from datetime import datetime

from autograder.manual_marks import Given
from autograder.marking import Answer, Marking, Signed, give
from autograder.questions import Question, answer_text
from coursewright.marking_desk import BACK, GIVEN, QUIT, Sheet, Terminal, mark_one, show_question
from coursewright.output import say


class Session:
    """The answers to one question in a row; it remembers what it marked, so that one can go back."""

    def __init__(self, marking: Marking, question: Question, waiting: Sequence[Answer], marked: int, by: str) -> None:
        self._marking, self._question, self._by = marking, question, by
        self._waiting, self._marked = waiting, marked
        self._before: dict[int, Given] = {}  # by place in the row: what was there before the mark

    @property
    def given(self) -> int:
        """How many answers were marked."""
        return len(self._before)

    def run(self, terminal: Terminal, clock: Callable[[], datetime]) -> bool:
        """Mark until the row is done.

        Returns:
            Whether to go on with the next question.
        """
        if self._waiting:
            show_question(self._sheet(0))
        at = 0
        while at < len(self._waiting):
            what, given, items = mark_one(self._sheet(at), terminal)
            if what == QUIT:
                return False
            if what == GIVEN:
                self._before[at] = self._give(at, given, Signed(self._by, clock(), items))
            at = self._back(at, clock) if what == BACK else at + 1
        return True

    def _sheet(self, at: int) -> Sheet:
        question, rubric = self._question, self._marking.rubric
        rules = rubric.question(question.notebook, question.cell)
        text = answer_text(self._marking.course, self._marking.assignment, self._waiting[at].learner, question)
        number, total = self._marked + len(self._before) + 1, self._marked + len(self._waiting)
        return Sheet(question, rules, (*rules.comments, *rubric.comments), text, f"{number} of {total}")

    def _give(self, at: int, given: Given, signed: Signed) -> Given:
        return give(self._marking, self._waiting[at], given, signed)

    def _back(self, at: int, clock: Callable[[], datetime]) -> int:
        """The place before, with its mark taken back."""
        if at == 0:
            say("This is the first answer of the question.")
            return 0
        if at - 1 in self._before:
            self._give(at - 1, self._before.pop(at - 1), Signed(self._by, clock()))
            say("The last mark was taken back.")
        return at - 1
