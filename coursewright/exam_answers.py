"""What learners answered in an exam, for statistics: from its attempts or from a CSV file."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from authoring.course import Course
from authoring.errors import CoursewrightError
from coursewright.report.exam_files import Sat, read_exam
from exam_bank.sittings.result import SittingState
from exam_bank.statistics.answers import Answers, Options, read_answers
from exam_bank.statistics.variants import FEWEST, Variants, by_variant
from exam_bank.variant import ShownOption, SingleChoice

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SET_ASIDE = {SittingState.REJECTED, SittingState.NO_SHOW}


@dataclass(frozen=True)
class Found:
    """Answers, a sentence on where they are from, and how the variants of each item did."""

    answers: Answers
    about: str
    variants: Mapping[str, Variants]


def answers_of(root: Path, course: Course, exam: str, file: Path | None = None) -> Found:
    """What learners answered.

    Of the exam's attempts those count that are over, wholly marked and not rejected; the first of each learner.

    Raises:
        CoursewrightError: there is none, or the file is no table of answers.
    """
    if file is not None:
        return Found(read_answers(file), f"{course.title}: answers from {file.name}.", {})
    attempts = first_attempts(read_exam(root, exam))
    if not attempts:
        raise CoursewrightError(
            f"{root}: no attempt at {exam} is over and wholly marked yet; hold the exam first, or name a file of "
            "answers with --responses."
        )
    answers = from_attempts(attempts)
    about = f"{course.title}, run {course.run}: first attempts that are over and wholly marked."
    return Found(answers, about, _variants(answers, attempts))


def first_attempts(sat: Sequence[Sat]) -> list[Sat]:
    """The first attempt of each learner that is over, wholly marked and not rejected."""
    scored = [each for each in sat if each.grade.result.score is not None and each.sitting.state not in _SET_ASIDE]
    return list({each.grade.result.learner: each for each in reversed(scored)}.values())[::-1]


def from_attempts(attempts: Sequence[Sat]) -> Answers:
    """The answers of graded attempts, an item in one column whatever its variants."""
    import numpy as np

    refs = sorted({question.ref for each in attempts for question in each.grade.questions})
    places = {ref: place for place, ref in enumerate(refs)}
    points = np.full((len(attempts), len(refs)), np.nan)
    tops, empty = [0.0] * len(refs), [0] * len(refs)
    pilots: set[int] = set()
    for row, each in enumerate(attempts):
        for question in each.grade.questions:
            place = places[question.ref]
            tops[place] = float(question.max_points)
            empty[place] += question.response is None
            if question.points is not None:
                points[row, place] = float(question.points)
            if not question.counts:
                pilots.add(place)
    return Answers(
        learners=tuple(each.grade.result.learner for each in attempts),
        items=tuple(refs),
        max_points=tuple(tops),
        points=points,
        options=tuple(_options(attempts, ref) for ref in refs),
        left_empty=tuple(empty),
        pilots=frozenset(pilots),
        minutes=np.array([_minutes(each) for each in attempts]),
    )


def _options(attempts: Sequence[Sat], ref: str) -> Options | None:
    """Who chose what, by the author's names, if the item has the same single right option in every variant."""
    import numpy as np

    chosen: list[str | None] = []
    right: dict[str, bool] = {}
    for each in attempts:
        mine: str | None = None
        for question, grade in zip(each.form.questions, each.grade.questions, strict=True):
            key = question.variant.key
            if grade.ref == ref and isinstance(key, SingleChoice):
                mine = _source(key.options, grade.response)
                right |= {one.source: one.correct or right.get(one.source, False) for one in key.options}
        chosen.append(mine)
    if sum(right.values()) != 1:
        return None
    names = tuple(sorted(right))
    numbers: NDArray[np.int64] = np.array([names.index(each) if each in right else -1 for each in chosen])
    return Options(names, next(place for place, name in enumerate(names) if right[name]), numbers)


def _source(options: Sequence[ShownOption], response: object) -> str | None:
    return next((option.source for option in options if option.label == response), None)


def _variants(answers: Answers, attempts: Sequence[Sat]) -> dict[str, Variants]:
    """How the variants did of each item that has two at least which some learners share."""
    stems: dict[str, list[str]] = {ref: [""] * len(attempts) for ref in answers.items}
    for row, each in enumerate(attempts):
        for question in each.form.questions:
            stems[question.variant.ref][row] = question.variant.stem
    found = {}
    for place, ref in enumerate(answers.items):
        shared = [stem for stem, count in Counter(stems[ref]).items() if stem and count >= FEWEST]
        if len(shared) > 1:
            column, top = answers.points[:, place], answers.max_points[place]
            found[ref] = by_variant(column, top, stems[ref], answers.rest(place))
    return found


def _minutes(sat: Sat) -> float:
    result = sat.grade.result
    if result.opened_at is None or result.submitted_at is None:
        return float("nan")
    return (result.submitted_at - result.opened_at).total_seconds() / 60


def read_groups(path: Path) -> dict[str, str]:
    """A group for each learner, from a CSV file with the columns learner and group.

    Raises:
        CoursewrightError: it is no such file, or a learner stands in it twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except OSError as error:
        raise CoursewrightError(f"{path}: it cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CoursewrightError(f"{path}: it is no CSV file in UTF-8 ({error}).") from error
    if not rows or not {"learner", "group"} <= set(rows[0]):
        raise CoursewrightError(f"{path}: the first line must be learner,group, with a row for each learner below.")
    groups: dict[str, str] = {}
    for row in rows:
        learner, group = (row["learner"] or "").strip(), (row["group"] or "").strip()
        if learner in groups:
            raise CoursewrightError(f"{path}: {learner[:40]!r} stands in it twice; keep one row.")
        if group:
            groups[learner] = group
    if len(set(groups.values())) < 2:
        raise CoursewrightError(f"{path}: there must be two groups at least to compare.")
    return groups
