"""Graded attempts as a table of answers, with forms that differ between learners.

An item stands in one column whatever its variants; each of its versions has a column of its own, since what was
answered to an earlier version says nothing certain about a later one.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from exam_bank.forms.form import Form
from exam_bank.sittings.grade import QuestionGrade, SittingGrade
from exam_bank.sittings.result import SittingResult
from exam_bank.statistics.answers import Answers, Options
from exam_bank.statistics.variants import FEWEST, Variants, by_variant
from exam_bank.variant import ShownOption, SingleChoice

if TYPE_CHECKING:
    from numpy.typing import NDArray

Attempt = tuple[Form, SittingGrade]
Column = tuple[str, str]  # an item's reference and version


def answers_of_attempts(attempts: Sequence[Attempt]) -> Answers:
    """The answers of graded attempts. Points are NaN where an item was not asked, or an answer waits for a person.

    A column is named by its item's reference; where there are several versions, an @ and the version's first digits
    follow.
    """
    import numpy as np

    columns = _columns(attempts)
    places = {column: place for place, column in enumerate(columns)}
    points = np.full((len(attempts), len(columns)), np.nan)
    tops, empty = [0.0] * len(columns), [0] * len(columns)
    pilots: set[int] = set()
    for row, (_, grade) in enumerate(attempts):
        for question in grade.questions:
            place = places[_column(question)]
            tops[place] = float(question.max_points)
            empty[place] += question.response is None
            if question.points is not None:
                points[row, place] = float(question.points)
            if not question.counts:
                pilots.add(place)
    return Answers(
        learners=tuple(grade.result.learner for _, grade in attempts),
        items=tuple(_names(columns)),
        max_points=tuple(tops),
        points=points,
        options=tuple(_options(attempts, column) for column in columns),
        left_empty=tuple(empty),
        pilots=frozenset(pilots),
        minutes=np.array([_minutes(grade.result) for _, grade in attempts]),
    )


def ref_of(name: str) -> str:
    """The reference of the item that a column of that name is of."""
    return name.partition("@")[0]


def variants_of_attempts(answers: Answers, attempts: Sequence[Attempt]) -> dict[str, Variants]:
    """How the variants did of each column that has two at least which some learners share.

    Whose question reads the same has the same variant, however different their seeds are.
    """
    places = {column: place for place, column in enumerate(_columns(attempts))}
    stems = [[""] * len(attempts) for _ in places]
    for row, (form, grade) in enumerate(attempts):
        for asked, question in zip(form.questions, grade.questions, strict=True):
            stems[places[_column(question)]][row] = asked.variant.stem
    found = {}
    for place, mine in enumerate(stems):
        shared = [stem for stem, count in Counter(mine).items() if stem and count >= FEWEST]
        if len(shared) > 1:
            column, top = answers.points[:, place], answers.max_points[place]
            found[answers.items[place]] = by_variant(column, top, mine, answers.rest(place))
    return found


def _columns(attempts: Sequence[Attempt]) -> list[Column]:
    return sorted({_column(question) for _, grade in attempts for question in grade.questions})


def _column(question: QuestionGrade) -> Column:
    return question.ref, question.item_version


def _names(columns: Sequence[Column]) -> list[str]:
    refs = Counter(ref for ref, _ in columns)
    return [ref if refs[ref] == 1 else f"{ref}@{version[7:15]}" for ref, version in columns]


def _options(attempts: Sequence[Attempt], column: Column) -> Options | None:
    """Who chose what, by the author's names, if the item has the same single right option in every variant."""
    import numpy as np

    chosen: list[str | None] = []
    right: dict[str, bool] = {}
    for form, grade in attempts:
        mine: str | None = None
        for asked, question in zip(form.questions, grade.questions, strict=True):
            key = asked.variant.key
            if _column(question) == column and isinstance(key, SingleChoice):
                mine = _source(key.options, question.response)
                right |= {one.source: one.correct or right.get(one.source, False) for one in key.options}
        chosen.append(mine)
    if sum(right.values()) != 1:
        return None
    names = tuple(sorted(right))
    numbers: NDArray[np.int64] = np.array([names.index(each) if each in right else -1 for each in chosen])
    return Options(names, next(place for place, name in enumerate(names) if right[name]), numbers)


def _source(options: Sequence[ShownOption], response: object) -> str | None:
    return next((option.source for option in options if option.label == response), None)


def _minutes(result: SittingResult) -> float:
    if result.opened_at is None or result.submitted_at is None:
        return float("nan")
    return (result.submitted_at - result.opened_at).total_seconds() / 60
