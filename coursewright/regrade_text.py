"""What a regrade would change, told: for programs, and for people with counts and a histogram."""

import math
from collections.abc import Mapping, Sequence

from autograder.record import CellGrade, GradeRecord
from autograder.regrade import Change, Preview
from coursewright.output import counted, print_table, say

_DUST = 1e-9
_ROWS = 12  # of a histogram
_WIDTH = 40  # of its longest bar, in characters


def net(record: GradeRecord) -> float | None:
    """The points after the late penalty; None where there is no score."""
    return None if record.score is None else round(max(record.score - record.late_penalty, 0.0), 6)


def difference(change: Change) -> float | None:
    """The points that a learner gains, or None where one of the two scores is not known."""
    before, after = net(change.before), net(change.after)
    return None if before is None or after is None else round(after - before, 6)


def as_data(found: Preview, *, applied: bool) -> dict[str, object]:
    """Everything, for ``--json``."""
    return {
        "assignment": found.assignment,
        "applied": applied,
        "learners": [_learner_data(change) for change in found.changes],
        "cells": [_cell_data(name, pairs) for name, pairs in by_cell(found.changes).items()],
        "histogram": [
            {"from": low, "to": high, "learners": number} for low, high, number in histogram(_differences(found))
        ],
        "skipped": [{"learner": learner, "why": why} for learner, why in found.skipped],
        "summary": summary(found.changes),
    }


def summary(changes: Sequence[Change]) -> dict[str, int]:
    """How many gain, lose, stay, or get or lose a score at all."""
    known = [one for one in map(difference, changes) if one is not None]
    return {
        "compared": len(changes),
        "gain": sum(one > _DUST for one in known),
        "lose": sum(one < -_DUST for one in known),
        "same": sum(abs(one) <= _DUST for one in known) + sum(_both_unknown(change) for change in changes),
        "other": sum(difference(change) is None and not _both_unknown(change) for change in changes),
    }


def _both_unknown(change: Change) -> bool:
    return net(change.before) is None and net(change.after) is None


def _learner_data(change: Change) -> dict[str, object]:
    return {
        "learner": change.before.learner,
        "before": _side(change.before),
        "after": _side(change.after),
        "difference": difference(change),
        "cells": [
            {
                "notebook": before.notebook,
                "cell": before.grade_id,
                "before": before.score,
                "after": after.score,
                "outcome_before": before.outcome,
                "outcome_after": after.outcome,
                "message": after.message,
            }
            for before, after in changed_cells(change)
        ],
    }


def _side(record: GradeRecord) -> dict[str, object]:
    return {
        "outcome": record.outcome,
        "score": record.score,
        "late_penalty": record.late_penalty,
        "max_score": record.max_score,
    }


def changed_cells(change: Change) -> list[tuple[CellGrade, CellGrade]]:
    """The cells whose points, maximum or outcome change."""
    after = {(cell.notebook, cell.grade_id): cell for cell in change.after.cells}
    pairs = [(cell, after[cell.notebook, cell.grade_id]) for cell in change.before.cells if _key(cell) in after]
    return [(one, other) for one, other in pairs if _what(one) != _what(other)]


def _key(cell: CellGrade) -> tuple[str, str]:
    return cell.notebook, cell.grade_id


def _what(cell: CellGrade) -> tuple[object, ...]:
    return cell.score, cell.max_score, cell.outcome


Pairs = list[tuple[CellGrade, CellGrade]]


def by_cell(changes: Sequence[Change]) -> Mapping[tuple[str, str], Pairs]:
    """Every cell before and after, over all learners."""
    found: dict[tuple[str, str], Pairs] = {}
    for change in changes:
        after = {_key(cell): cell for cell in change.after.cells}
        for cell in change.before.cells:
            if _key(cell) in after:
                found.setdefault(_key(cell), []).append((cell, after[_key(cell)]))
    return found


def _cell_data(name: tuple[str, str], pairs: Pairs) -> dict[str, object]:
    known = [(one.score, other.score) for one, other in pairs if one.score is not None and other.score is not None]
    return {
        "notebook": name[0],
        "cell": name[1],
        "points_before": pairs[0][0].max_score,
        "points_after": pairs[0][1].max_score,
        "gain": sum(after > before + _DUST for before, after in known),
        "lose": sum(after < before - _DUST for before, after in known),
        "same": sum(abs(after - before) <= _DUST for before, after in known),
        "mean_before": _mean([before for before, _ in known]),
        "mean_after": _mean([after for _, after in known]),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None


def _differences(found: Preview) -> list[float]:
    return [one for one in map(difference, found.changes) if one is not None]


def histogram(differences: Sequence[float]) -> list[tuple[float, float, int]]:
    """How many differences there are of each size: from, to (without it, unless both are one), and the number."""
    values = sorted(set(differences))
    if len(values) <= _ROWS:
        return [(value, value, list(differences).count(value)) for value in values]
    width = _nice((values[-1] - values[0]) / (_ROWS - 2))
    first, last = math.floor(values[0] / width), math.floor(values[-1] / width)
    return [
        (
            round(step * width, 6),
            round((step + 1) * width, 6),
            sum(math.floor(value / width) == step for value in differences),
        )
        for step in range(first, last + 1)
    ]


def _nice(width: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= width)


def tell(found: Preview, *, applied: bool) -> None:
    """Everything, for people."""
    moved = [change for change in found.changes if difference(change) or changed_cells(change)]
    if moved:
        _tell_learners(moved)
        say()
        _tell_cells(found.changes)
        say()
        _tell_histogram(_differences(found))
        say()
    numbers = summary(found.changes)
    other = f", {numbers['other']} get or lose a score altogether" if numbers["other"] else ""
    say(
        f"{counted(numbers['compared'], 'submission')} compared: {numbers['gain']} gain points, {numbers['lose']} lose "
        f"points, {numbers['same']} keep their score{other}."
    )
    for learner, why in found.skipped:
        say(f"Not compared: {learner}: {why}.")
    if applied:
        say("The new grades are kept. Earlier records are in superseded/, the reason in regrades/.")
    elif moved:
        say("Nothing was kept. To keep exactly this: the same command with --apply --reason WHY.")
    else:
        say("Nothing would change.")


def _tell_learners(changes: Sequence[Change]) -> None:
    print_table(
        ["learner", "before", "after", "change", "cells"],
        [
            (
                change.before.learner,
                net(change.before),
                net(change.after),
                _signed(difference(change)),
                "; ".join(_cell_text(one, other) for one, other in changed_cells(change)),
            )
            for change in sorted(changes, key=lambda change: (difference(change) or 0.0, change.before.learner))
        ],
        right=("before", "after", "change"),
    )


def _cell_text(before: CellGrade, after: CellGrade) -> str:
    points = f"{before.grade_id} {_points(before.score)} to {_points(after.score)}"
    if before.max_score != after.max_score:
        points += f" of {after.max_score:g}"
    return f"{points} ({after.message[:60]})" if after.message and (after.score or 0) < after.max_score else points


def _points(score: float | None) -> str:
    return "none yet" if score is None else f"{score:g}"


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+g}"


def _tell_cells(changes: Sequence[Change]) -> None:
    data = [_cell_data(name, pairs) for name, pairs in by_cell(changes).items()]
    print_table(
        ["cell", "of", "gain", "lose", "same", "mean before", "mean after"],
        [
            (
                f"{row['notebook']}: {row['cell']}",
                f"{row['points_after']:g}",
                row["gain"],
                row["lose"],
                row["same"],
                _rounded(row["mean_before"]),
                _rounded(row["mean_after"]),
            )
            for row in data
        ],
        right=("of", "gain", "lose", "same", "mean before", "mean after"),
    )


def _rounded(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else ""


def _tell_histogram(differences: Sequence[float]) -> None:
    rows = histogram(differences)
    most = max((number for *_, number in rows), default=1)
    names = [_signed(low) if low == high else f"{_signed(low)} to {_signed(high)}" for low, high, _ in rows]
    width = max((len(name) for name in names), default=0)
    say("change in points, and how many learners")
    for name, (_, _, number) in zip(names, rows, strict=True):
        bar = "#" * math.ceil(number / most * _WIDTH)
        say(f"  {name:>{width}}  {bar} {number}" if number else f"  {name:>{width}}  0")
