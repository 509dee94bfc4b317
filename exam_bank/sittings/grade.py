"""A sitting and its form become scores, question by question, and the one result that the release side takes.

* An answer that counts is scored by the key; a person's mark, where there is one, goes before.
* A question that was left empty in an attempt that is over earns no points, and says ``omitted``.
* An answer that cannot be read, a short answer without a mark and code without its marks wait for a person: as long
  as one does, the attempt has no score.
* An attempt that is not over, or never began, has no score either. Missing is never 0.
* A pilot item's points are known here, for the statistics, and have no part in the score; nor does the score wait for
  them.
"""

from decimal import Decimal

import msgspec

from exam_bank.forms.form import Form, Question
from exam_bank.scoring import Outcome, score
from exam_bank.sittings.events import SittingError
from exam_bank.sittings.result import SittingResult
from exam_bank.sittings.sitting import AFTER, Sitting


class QuestionGrade(msgspec.Struct, frozen=True, kw_only=True):
    """The points of one question.

    Attributes:
        question: its id in the form.
        ref: the item.
        item_version: the item's version.
        response: what counts, or None.
        outcome: ``manual`` and ``malformed`` with ``points`` None wait for a person.
        marked_by: who gave the points, or "" if the key did.
        counts: whether the points are part of the score; those of a pilot item are not.
    """

    question: str
    ref: str
    item_version: str
    response: object
    outcome: Outcome
    points: Decimal | None
    max_points: Decimal
    marked_by: str = ""
    message: str = ""
    counts: bool = True


class SittingGrade(msgspec.Struct, frozen=True, kw_only=True):
    """Every question of an attempt, and the result."""

    questions: tuple[QuestionGrade, ...]
    result: SittingResult


def grade_sitting(sitting: Sitting, form: Form) -> SittingGrade:
    """The scores of an attempt so far.

    Raises:
        SittingError: the form is not the one of the attempt.
    """
    if sitting.authorised.form != form.version:
        raise SittingError(sitting.id, "the form is not the one that was authorised; find it by its hash")
    questions = tuple(_question(sitting, question) for question in form.questions)
    counting = [each for each in questions if each.counts]
    waiting = tuple(each.ref for each in counting if each.points is None)
    is_over = sitting.state in AFTER
    first = sitting.authorised
    result = SittingResult(
        learner=first.learner,
        course=first.course,
        exam=first.exam,
        attempt=first.attempt,
        state=sitting.state,
        score=sum((each.points or Decimal(0) for each in counting), Decimal(0)) if is_over and not waiting else None,
        max_score=form.points,
        needs_manual=waiting if is_over else (),
        form=form.version,
        opened_at=sitting.opened[0].opened if sitting.opened else None,
        submitted_at=sitting.submitted_at,
        reviewed_at=sitting.reviewed_at,
    )
    return SittingGrade(questions=questions, result=result)


def _question(sitting: Sitting, question: Question) -> QuestionGrade:
    variant, response = question.variant, sitting.responses.get(question.id)
    scored = score(variant, response)
    points, by = scored.points, ""
    if scored.outcome is Outcome.OMITTED and sitting.state in AFTER:
        points = Decimal(0)
    if mark := sitting.marks.get(question.id):
        points, by = mark.points, mark.by
    return QuestionGrade(
        question=question.id,
        ref=variant.ref,
        item_version=variant.version,
        response=response,
        outcome=scored.outcome,
        points=points,
        max_points=variant.points,
        marked_by=by,
        message=scored.message,
        counts=not question.pilot,
    )
