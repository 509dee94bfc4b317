"""From graded attempts to statistics: who earned what on which item, although learners' forms differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exam_bank.forms.form import Form
from exam_bank.scoring import Outcome
from exam_bank.sittings.grade import QuestionGrade, SittingGrade
from exam_bank.statistics.classical import Chosen, ExamStatistics, distractors, item_statistics
from exam_bank.statistics.plots import item_plot, score_groups
from exam_bank.variant import MultipleChoice, SingleChoice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class ScoreTable:
    """Points of learners on items.

    Attributes:
        learners: the rows.
        items: the columns, by reference; two versions of an item are two columns.
        max_points: the points of each column.
        points: NaN where a learner was not asked, or the answer waits for a person.
        pilots: the columns of items that were on trial, which are in nobody's total.
    """

    learners: tuple[str, ...]
    items: tuple[str, ...]
    max_points: tuple[float, ...]
    points: "NDArray[np.float64]"
    pilots: tuple[int, ...] = ()

    def statistics(self) -> ExamStatistics:
        """Difficulty, corrected item-total correlation and alpha."""
        return item_statistics(self.points, self.max_points, self.items, pilots=self.pilots)

    def rest(self, item: int) -> "NDArray[np.float64]":
        """For each learner the fraction of points earned on what they were asked besides ``item``; NaN for nothing."""
        import numpy as np

        out = sorted({item, *self.pilots})
        others, top = np.delete(self.points, out, axis=1), np.delete(np.asarray(self.max_points), out)
        possible = (~np.isnan(others) * top).sum(axis=1)
        earned = np.nansum(others, axis=1)
        fractions: NDArray[np.float64] = np.full(len(others), np.nan)
        np.divide(earned, possible, out=fractions, where=possible > 0)
        return fractions

    def plot(self, item: int, *, title: str = "") -> str:
        """The item's plot as an SVG string: points earned by groups of the score on the rest."""
        groups = score_groups(self.points[:, item] / self.max_points[item], self.rest(item))
        return item_plot(groups, title=title or self.items[item])


def score_table(grades: Sequence[SittingGrade]) -> ScoreTable:
    """The points of graded attempts, one row for each. Attempts that are not over, or never began, are left out."""
    import numpy as np

    over = [grade for grade in grades if grade.result.score is not None or grade.result.needs_manual]
    columns = sorted({_column(question) for grade in over for question in grade.questions})
    refs = [ref for ref, _ in columns]
    tops = {_column(question): float(question.max_points) for grade in over for question in grade.questions}
    trial = {_column(question) for grade in over for question in grade.questions if not question.counts}
    points = np.full((len(over), len(columns)), np.nan)
    for row, grade in enumerate(over):
        for question in grade.questions:
            if question.points is not None:
                points[row, columns.index(_column(question))] = float(question.points)
    return ScoreTable(
        learners=tuple(grade.result.learner for grade in over),
        items=tuple(ref if refs.count(ref) == 1 else f"{ref} ({version[7:15]})" for ref, version in columns),
        max_points=tuple(tops[column] for column in columns),
        points=points,
        pilots=tuple(place for place, column in enumerate(columns) if column in trial),
    )


def distractor_table(ref: str, attempts: Sequence[tuple[Form, SittingGrade]]) -> tuple[Chosen, ...]:
    """How often each option of a choice item was chosen, by the author's ids although labels differ between forms.

    For a multiple choice every tick is counted, and the shares are shares of all ticks.

    Args:
        ref: the item.
        attempts: graded attempts with their forms; those that were not asked the item do not count.

    Raises:
        ValueError: the item is no choice item.
    """
    choices: list[str | None] = []
    totals: list[float] = []
    options: dict[str, bool] = {}
    for form, grade in attempts:
        for question, asked in zip(grade.questions, form.questions, strict=True):
            if question.ref != ref:
                continue
            key = asked.variant.key
            if not isinstance(key, SingleChoice | MultipleChoice):
                raise ValueError(f"item {ref} is {asked.variant.type}, which has no options")
            names = {option.label: option.source for option in key.options}
            options |= {option.source: option.correct for option in sorted(key.options, key=lambda each: each.source)}
            chosen = _chosen(question, names) or (None,)
            choices += chosen
            totals += [_rest_of(grade, question)] * len(chosen)
    return distractors(choices, totals, options)


def _column(question: QuestionGrade) -> tuple[str, str]:
    return question.ref, question.item_version


def _chosen(question: QuestionGrade, names: dict[str, str]) -> tuple[str | None, ...]:
    if question.outcome is not Outcome.SCORED:
        return ()
    labels = question.response if isinstance(question.response, list) else [question.response]
    return tuple(names[str(label)] for label in labels)


def _rest_of(grade: SittingGrade, question: QuestionGrade) -> float:
    others = [each for each in grade.questions if each is not question and each.counts and each.points is not None]
    possible = sum(float(each.max_points) for each in others)
    return sum(float(each.points or 0) for each in others) / possible if possible else 0.0
