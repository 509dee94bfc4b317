"""Marks for answers that wait for a person."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.who import current_user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.marking import Marking
    from autograder.questions import Question


def mark(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")],
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The name of a folder below source/.")],
    question: Annotated[str, typer.Option(metavar="ID", help="Only this question: the cell's grade id.")] = "",
    learner: Annotated[str, typer.Option(metavar="ID", help="Mark this learner's answer, without a dialogue.")] = "",
    points: Annotated[float | None, typer.Option(min=0, help="The points; else those of the items.")] = None,
    rubric: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="An item of the rubric; may be given again.")
    ] = None,
    comment: Annotated[str, typer.Option(help="What the learner reads; the id of a rubric's comment will do.")] = "",
    by: Annotated[str, typer.Option(metavar="NAME", help="Who marks; it is kept.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print what waits, or the mark, as JSON.")] = False,
) -> None:
    """Mark free text: one question at a time, without names."""
    from autograder.marking import open_marking
    from autograder.questions import find_question

    marking = open_marking(course, assignment)
    asked = (find_question(marking.questions, question),) if question else marking.questions
    by = by or current_user()
    if learner:
        _give(marking, asked, learner, points, tuple(rubric or ()), comment, by, as_json)
    elif points is not None or rubric or comment:
        raise CoursewrightError("a mark is for somebody's answer: say --learner and --question with it.")
    elif as_json:
        _print_waiting(marking, asked)
    elif not sys.stdin.isatty():
        raise CoursewrightError(
            "marking asks for keys, and this is no terminal: use one, or --question, --learner and --points."
        )
    else:
        _sit_down(marking, asked, by)


def _give(
    marking: "Marking",
    asked: "Sequence[Question]",
    learner: str,
    points: float | None,
    items: tuple[str, ...],
    comment: str,
    by: str,
    as_json: bool,
) -> None:
    """Give one mark, said in options."""
    from authoring.toml_shape import nearest
    from autograder.manual_marks import Given
    from autograder.marking import Signed, answer_of, give
    from coursewright.output import print_json, say

    if len(asked) != 1:
        known = ", ".join(each.cell for each in asked)
        raise CoursewrightError(f"several questions are marked by a person: say --question with one of {known}.")
    rules = marking.rubric.question(asked[0].notebook, asked[0].cell)
    known_items = [item.id for item in rules.items]
    for item in items:
        if item not in known_items:
            raise CoursewrightError(f'the rubric of {asked[0].cell} has no item "{item}"{nearest(item, known_items)}.')
    if points is None and not items:
        raise CoursewrightError("say how many --points the answer earns, or which items of the --rubric it has.")
    earned = float(rules.points(items, asked[0].max_score)) if points is None else points
    texts = {each.id: each.text for each in (*marking.rubric.comments, *rules.comments)}
    answer = answer_of(marking, asked[0], learner)
    given = Given(earned, texts.get(comment, comment))
    give(marking, answer, given, Signed(by, datetime.now(UTC), items))
    if as_json:
        print_json({"learners": answer.members, "question": asked[0].cell, "points": earned, "comment": given.comment})
    else:
        say(f"{', '.join(sorted(answer.members))}, {asked[0].cell}: {earned:g} of {asked[0].max_score:g} points.")


def _print_waiting(marking: "Marking", asked: "Sequence[Question]") -> None:
    from autograder.marking import answers
    from autograder.questions import answer_text
    from coursewright.output import print_json

    found = [(question, *answers(marking, question)) for question in asked]
    print_json(
        {
            "waiting": [
                {
                    "learner": answer.learner,
                    "learners": answer.members,
                    "notebook": question.notebook,
                    "question": question.cell,
                    "max_score": question.max_score,
                    "answer": answer_text(marking.course, marking.assignment, answer.learner, question),
                }
                for question, waiting, _ in found
                for answer in waiting
            ],
            "summary": [
                {"question": question.name, "waiting": len(waiting), "marked": marked}
                for question, waiting, marked in found
            ],
        }
    )


def _sit_down(marking: "Marking", asked: "Sequence[Question]", by: str) -> None:
    """Go through everything that waits, question by question."""
    from autograder.marking import answers
    from coursewright.keyboard import keyboard
    from coursewright.marking_session import Session
    from coursewright.output import counted, say

    given = 0
    with keyboard() as keys:
        for question in asked:
            waiting, before = answers(marking, question)
            session = Session(marking, question, waiting, before, by)
            going_on = session.run(keys, lambda: datetime.now(UTC))
            given += session.given
            if not going_on:
                break
    left = sum(len(answers(marking, question)[0]) for question in asked)
    say(f"\n{counted(given, 'answer')} marked, {left} to go; every mark is in the gradebook and in the records.")
