"""The answers of an exam that a person marks, with what helps to mark them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from coursewright.output import counted, print_json, say

if TYPE_CHECKING:
    from coursewright.report.exam_files import Sat


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that waits for a mark.

    Attributes:
        learner: whose it is.
        attempt: which attempt of theirs.
        question: its id in the learner's form.
        item: the item.
        version: its version.
        max_points: what a full answer earns.
        asked: the question as the learner saw it, Markdown.
        rubric: what earns points: points and text.
        keywords: which the author expects, and where each stands in the answer.
        answer: what the learner wrote, or sent.
        why: why a key could not score it, if it could have.
    """

    learner: str
    attempt: int
    question: str
    item: str
    version: str
    max_points: str
    asked: str
    rubric: tuple[tuple[str, str], ...]
    keywords: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    answer: str
    why: str


def answers(
    course: Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")],
    exam: Annotated[str, typer.Argument(metavar="EXAM", help="The exam's id in course.toml.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the answers that wait for a person, question by question, with rubric and keywords."""
    from coursewright.report.exam_files import read_exam

    found = sorted(
        (each for sat in read_exam(course, exam) for each in _waiting(sat)),
        key=lambda each: (each.item, each.version, each.learner, each.attempt),
    )
    if as_json:
        print_json({"waiting": found})
        return
    item = ""
    for each in found:
        if each.item != item:
            _say_question(each)
            item = each.item
        _say_answer(each)
    say(f"{counted(len(found), 'answer')} waiting; give points with `coursewright exam mark`.")


def _waiting(sat: "Sat") -> Iterator[Waiting]:
    """An attempt that is not over waits for its learner, not for a mark."""
    from exam_bank.keywords import keyword_hints
    from exam_bank.render import stem
    from exam_bank.variant import ShortAnswer

    result = sat.grade.result
    if not result.needs_manual:
        return
    for question, graded in zip(sat.form.questions, sat.grade.questions, strict=True):
        if graded.points is not None:
            continue
        key = question.variant.key
        rules = key if isinstance(key, ShortAnswer) else None
        answer = graded.response if isinstance(graded.response, str) else repr(graded.response)
        yield Waiting(
            learner=result.learner,
            attempt=result.attempt,
            question=graded.question,
            item=graded.ref,
            version=graded.item_version,
            max_points=f"{graded.max_points:f}",
            asked=stem(question.variant),
            rubric=tuple((f"{each.points:f}", each.text) for each in rules.rubric) if rules else (),
            keywords=tuple((hint.keyword, hint.places) for hint in keyword_hints(answer, rules.keywords))
            if rules
            else (),
            answer=answer,
            why=graded.message,
        )


def _say_question(each: Waiting) -> None:
    say(f"\n== {each.item}, {each.max_points} points ==\n{each.asked}")
    if each.rubric:
        say("\n-- For you: what earns points --")
        for points, text in each.rubric:
            say(f"  {points}  {text}")


def _say_answer(each: Waiting) -> None:
    from exam_bank.keywords import marked, summary

    words = [keyword for keyword, _ in each.keywords]
    say(f"\n-- {each.learner}, attempt {each.attempt}, {each.question} --\n{marked(each.answer, words)}")
    for line in (summary(each.answer, words), each.why):
        if line:
            say(f"({line})")
