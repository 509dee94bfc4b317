"""What a testing programme asks of its exams: agreement of answers, cut scores, equal scores on other forms."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import counted, print_json, print_table, say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from exam_bank.item import Item
    from exam_bank.statistics.answers import Answers
    from exam_bank.statistics.classical import Estimate
    from exam_bank.statistics.copying.indices import Pair
    from exam_bank.statistics.drift import Drift
    from exam_bank.statistics.equating.equate import Equating, Group
    from exam_bank.statistics.linking import Parameters
    from exam_bank.statistics.standard_setting import Standard

CourseArgument = Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")]
ExamArgument = Annotated[str, typer.Argument(metavar="EXAM", help="The exam's id in course.toml.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class MethodChoice(StrEnum):
    """How to equate."""

    MEAN = "mean"
    LINEAR = "linear"
    EQUIPERCENTILE = "equipercentile"
    TUCKER = "tucker"
    LEVINE = "levine"
    CHAINED = "chained-equipercentile"


class LinkChoice(StrEnum):
    """How to link."""

    MEAN_MEAN = "mean/mean"
    MEAN_SIGMA = "mean/sigma"
    HAEBARA = "haebara"
    STOCKING_LORD = "stocking-lord"


def copying(
    course: CourseArgument,
    exam: ExamArgument,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option("--pair", metavar="ID ID", help="Only these two, whom somebody named for another reason."),
    ] = None,
    responses: Annotated[
        Path | None,
        typer.Option("--responses", metavar="FILE", help="A CSV file of answers, in place of the exam's attempts."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show pairs of learners whose answers agree more than expected; a person decides what it means."""
    from authoring.course_file import load_course
    from coursewright.exam_answers import answers_of
    from exam_bank.statistics.copying.indices import compare_all

    answers = answers_of(course, load_course(course), exam, responses).answers
    choices, options, right = _chosen(answers)
    only = None if pair is None else [_places(answers, pair)]
    try:
        found = compare_all(choices, options, right, only=only)
    except ValueError as error:
        raise CoursewrightError(f"{course}, {exam}: {error}.") from error
    names = [" and ".join(answers.learners[each] for each in one.learners) for one in found.pairs]
    if as_json:
        pairs = [{"learners": [answers.learners[each] for each in one.learners], "found": one} for one in found.pairs]
        print_json({"compared": found.compared, "pairs": pairs, "advice": found.advice})
        return
    if names:
        _print_pairs(names, found.pairs)
    say(f"{counted(found.compared, 'pair')} of {counted(found.learners, 'learner')} compared; {len(names)} to look at.")
    for line in found.advice:
        say(line)


def _print_pairs(names: Sequence[str], pairs: "Sequence[Pair]") -> None:
    columns = ["learners", "questions", "same", "wrong", "expected", "omega", "p omega", "p GBT", "p adjusted"]
    rows = [
        (
            name,
            each.items,
            each.same,
            each.same_wrong,
            f"{each.expected:.1f}",
            f"{each.omega:.2f}",
            *(f"{p:.2g}" for p in (each.omega_p, each.gbt_p, each.adjusted_p)),
        )
        for name, each in zip(names, pairs, strict=True)
    ]
    print_table(columns, rows, right=columns[1:])


def _chosen(answers: "Answers") -> "tuple[NDArray[np.int64], list[int], list[int]]":
    """Every right-or-wrong question: by its options where they are known, else right and wrong as options 1 and 0."""
    import numpy as np

    columns, options, right = [], [], []
    for place in np.flatnonzero(answers.right_or_wrong):
        known = answers.options[place]
        if known is not None:
            columns.append(known.chosen)
            options.append(len(known.names))
            right.append(known.right)
        else:
            share = answers.points[:, place] / answers.max_points[place]
            columns.append(np.where(np.isnan(share), -1, np.nan_to_num(share).round()).astype(np.int64))
            options.append(2)
            right.append(1)
    if not columns:
        raise CoursewrightError("no question is simply right or wrong, so answers cannot be compared this way.")
    return np.stack(columns, axis=1), options, right


def _places(answers: "Answers", pair: tuple[str, str]) -> tuple[int, int]:
    for name in pair:
        if name not in answers.learners:
            raise CoursewrightError(f"there is no attempt of {name!r} that is over and wholly marked.")
    if pair[0] == pair[1]:
        raise CoursewrightError("a pair is two different learners.")
    return answers.learners.index(pair[0]), answers.learners.index(pair[1])


def angoff(
    course: CourseArgument,
    exam: ExamArgument,
    ratings: Annotated[
        Path | None,
        typer.Option("--ratings", metavar="FILE", help="A CSV file of ratings; by default those in the items."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compute the cut score of a panel's ratings, with its error."""
    from authoring.course_file import load_course
    from coursewright.rating_file import read_ratings
    from exam_bank.statistics.standard_setting import angoff as cut_score
    from exam_bank.statistics.standard_setting import angoff_rounds

    load_course(course)
    items = _asked_items(course, exam)
    if ratings:
        rounds = read_ratings(ratings, [each.ref for each in items])
    else:
        rounds = {each.ref: angoff_rounds(each) for each in items if angoff_rounds(each)}
    if not rounds:
        raise CoursewrightError(
            f"{course}: no item of {exam} has ratings; write them as angoff in the items' files, or name a "
            "file of them with --ratings."
        )
    rated, shares = [each for each in items if each.ref in rounds], _difficulties(course, exam)
    found = cut_score(
        [rounds[each.ref] for each in rated],
        [float(each.points) for each in rated],
        [shares.get(each.ref) for each in rated],
    )
    if as_json:
        print_json({"exam": exam, "standard": found})
        return
    _print_standard(found, len(items))


def _asked_items(course: Path, exam: str) -> list["Item"]:
    """The items of the exam's forms; before there are forms, every item that an exam may ask."""
    from coursewright.report.exam_files import read_forms
    from exam_bank.item import Status, Use
    from exam_bank.item_file import read_bank

    bank = read_bank(course).items
    asked = {question.variant.ref for form in read_forms(course, exam).values() for question in form.questions}
    if asked:
        return [bank[ref] for ref in sorted(asked) if ref in bank]
    return [each for each in bank.values() if each.status is Status.OPERATIONAL and each.use is Use.EXAM]


def _difficulties(course: Path, exam: str) -> dict[str, float | None]:
    from coursewright.exam_answers import first_attempts, from_attempts
    from coursewright.report.exam_files import read_exam
    from exam_bank.statistics.classical import SMALL, difficulty

    attempts = first_attempts(read_exam(course, exam))
    if len(attempts) < SMALL:
        return {}
    answers = from_attempts(attempts)
    columns = zip(answers.items, answers.points.T, answers.max_points, strict=True)
    return {ref: difficulty(points, top).value for ref, points, top in columns}


def _print_standard(found: "Standard", asked: int) -> None:
    rows = [
        (
            each.name,
            _rounded(each.cut),
            f"{each.severity:+.2f}",
            _rounded(each.with_panel.value),
            _rounded(each.with_learners.value),
        )
        for each in found.judges
    ]
    columns = ["judge", "cut", "severity", "with the panel", "with learners"]
    print_table(columns, rows, right=columns[1:])
    for number, round_cut in enumerate(found.rounds, 1):
        spread = "unknown" if round_cut.spread is None else f"{round_cut.spread:.2f}"
        say(f"Round {number}: {round_cut.cut:.2f} points, judges' standard deviation {spread}.")
    cut = found.cut.value or 0.0
    share = f"{cut / found.points:.1%}"
    say(f"Cut score: {cut:.2f} of {found.points:g} points ({share}), from {found.items} of {asked} items.")
    _say_error("other judges", found.cut)
    _say_error("other judges and other items", found.over_items)
    for line in found.advice:
        say(line)


def _say_error(over: str, found: "Estimate") -> None:
    if found.standard_error is None:
        say(f"Error over {over}: unknown; {found.why_not}.")
    else:
        interval = f"{found.low:.2f} to {found.high:.2f}"
        say(f"Error over {over}: {found.standard_error:.2f} points; 95 % interval {interval}.")


def equate(
    new: Annotated[Path, typer.Argument(metavar="NEW", help="A CSV file of the new form's answers.")],
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The same of the form whose scale is kept.")],
    method: Annotated[
        MethodChoice | None,
        typer.Option("--method", help="By default tucker if the forms have items in common, else linear."),
    ] = None,
    moments: Annotated[
        int, typer.Option("--smooth", metavar="MOMENTS", min=0, max=10, help="Smooth scores first, keeping so many.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Of the chance by which standard errors are found.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Say which score on an old form a score on a new one is worth."""
    import numpy as np

    from exam_bank.statistics.answers import read_answers
    from exam_bank.statistics.equating.equate import Design, Method
    from exam_bank.statistics.equating.equate import equate as equated

    one, other = read_answers(new), read_answers(old)
    common = [each for each in one.items if each in other.items]
    used = Method(method.value) if method else (Method.TUCKER if common else Method.LINEAR)
    step = _step(one, other)
    try:
        x, y = _group(new, one, common), _group(old, other, common)
        found = equated(x, y, used, Design(step=step, moments=moments), rng=np.random.default_rng(seed))
    except ValueError as error:
        raise CoursewrightError(f"{new} and {old}: {error}.") from error
    if as_json:
        print_json(_conversion(found, common))
        return
    print_table(
        ["new", "old", "standard error"],
        [
            (f"{score:g}", f"{worth:.2f}", f"{error:.2f}")
            for score, worth, error in zip(found.scores, found.equivalents, found.errors, strict=True)
        ],
        right=("new", "old", "standard error"),
    )
    anchor = f", with {counted(len(common), 'common item')}" if used.with_anchor else ""
    say(f"{used.value}: {found.n[0]} learners took the new form, {found.n[1]} the old one{anchor}.")
    for line in found.advice:
        say(line)


def _step(*forms: "Answers") -> float:
    """Whole points, or halves or quarters where learners have them."""
    import numpy as np

    points = np.concatenate([form.points[~np.isnan(form.points)] for form in forms])
    for step in (1.0, 0.5, 0.25):
        if np.abs(points / step - np.round(points / step)).max(initial=0.0) < 1e-9:
            return step
    raise CoursewrightError("points must be multiples of a quarter to be equated; round them first.")


def _group(path: Path, answers: "Answers", common: list[str]) -> "Group":
    import numpy as np

    from exam_bank.statistics.equating.equate import Group

    if not answers.same_items:
        raise CoursewrightError(f"{path}: learners were asked different items; equate whole forms.")
    places = [answers.items.index(each) for each in common]
    anchor = answers.points[:, places].sum(axis=1) if common else None
    most = float(np.asarray(answers.max_points)[places].sum())
    return Group(answers.points.sum(axis=1), sum(answers.max_points), anchor, most)


def _conversion(found: "Equating", common: list[str]) -> dict[str, object]:
    return {
        "method": found.method.value,
        "n": found.n,
        "anchor": common if found.method.with_anchor else [],
        "slope": found.slope,
        "intercept": found.intercept,
        "table": [
            {"new": score, "old": worth, "standard_error": error}
            for score, worth, error in zip(
                found.scores.tolist(), found.equivalents.tolist(), found.errors.tolist(), strict=True
            )
        ],
        "advice": found.advice,
    }


def link(
    new: Annotated[Path, typer.Argument(metavar="NEW", help="What calibrate --json printed for the new form.")],
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The same for the form whose scale is kept.")],
    method: Annotated[LinkChoice, typer.Option("--method", help="How to find the link.")] = LinkChoice.STOCKING_LORD,
    as_json: JsonOption = False,
) -> None:
    """Put a new calibration on the scale of an old one, without the anchors that drifted."""
    from exam_bank.statistics.drift import find_drift
    from exam_bank.statistics.linking import LinkMethod

    one, other = _read_calibration(new), _read_calibration(old)
    common = [name for name in one if name in other]
    try:
        found = find_drift(_parameters(one, common), _parameters(other, common), common, LinkMethod(method.value))
    except ValueError as error:
        raise CoursewrightError(f"{new} and {old} have {counted(len(common), 'item')} in common: {error}.") from error
    moved = found.link.applied(_parameters(one, list(one)))
    items = [
        {"item": name, "a": float(moved.a[place]), "b": float(moved.b[place]), "c": float(moved.c[place])}
        for place, name in enumerate(one)
    ]
    if as_json:
        print_json({"link": found.link, "anchors": found.anchors, "removed": found.removed, "items": items})
    else:
        _print_link(found)


def _print_link(found: "Drift") -> None:
    columns = ["anchor", "shift", "robust z", "z of slope", "distance", "in the link"]
    rows = [
        (
            each.item,
            *(f"{value:.2f}" for value in (each.shift, each.robust_z, each.slope_z)),
            f"{each.distance:.3f}",
            "no" if each.removed else "yes",
        )
        for each in found.anchors
    ]
    print_table(columns, rows, right=columns[1:5])
    say(f"old = {found.link.slope:.4f} new {found.link.intercept:+.4f}, from {len(rows) - len(found.removed)} anchors.")
    if found.removed:
        say(f"Taken out because they drifted: {', '.join(found.removed)}. Find out why: leaked, taught, or changed?")
    if found.exhausted:
        say("More anchors stand apart, but fewer than half would be left: this link is not to be trusted.")


def _read_calibration(path: Path) -> dict[str, tuple[float, float, float]]:
    import msgspec

    class _Item(msgspec.Struct):
        item: str
        a: float
        b: float
        c: float | None = None

    class _Calibration(msgspec.Struct):
        items: list[_Item]

    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Calibration)
    except OSError as error:
        raise CoursewrightError(f"{path}: it cannot be read ({error.strerror}).") from error
    except msgspec.DecodeError as error:
        raise CoursewrightError(f"{path}: this is not what calibrate --json prints ({error}).") from error
    return {each.item: (each.a, each.b, each.c or 0.0) for each in found.items}


def _parameters(items: dict[str, tuple[float, float, float]], names: list[str]) -> "Parameters":
    import numpy as np

    from exam_bank.statistics.linking import Parameters

    table = np.array([items[name] for name in names], float).reshape(-1, 3)
    return Parameters(table[:, 0], table[:, 1], table[:, 2])


def _rounded(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"
