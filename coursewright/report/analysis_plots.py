"""The pictures of an exam's analysis."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from coursewright.report.drawing import SHARE, Axis, Plot, even_ticks, text
from exam_bank.statistics.classical import wilson_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from exam_bank.irt.models import Curves

    Numbers = NDArray[np.float64]

Group = tuple[float, float, int]  # mean of what learners are grouped by, mean of the item, learners

_REST = Axis("score on the other questions (% of their points)", 0, 1, SHARE, percent=True)
_EARNED = Axis("earned on this one (% of its points)", 0, 1, SHARE, percent=True)
_CHOSE = Axis("learners who chose the option (%)", 0, 1, SHARE, percent=True)
_ABILITY = Axis("ability (SD from the class's mean)", -4, 4, (-4, -2, 0, 2, 4))
_OPTION_STYLES = (
    'stroke="var(--line)" stroke-width="1.6" stroke-dasharray="7 3"',
    'stroke="var(--soft)" stroke-width="1.6" stroke-dasharray="2 3"',
    'stroke="var(--none)" stroke-width="1.8" stroke-dasharray="9 3 2 3"',
    'stroke="var(--good)" stroke-width="1.6" stroke-dasharray="4 4"',
)


def item_curve_plot(groups: Sequence[Group], curve: "Numbers | None", *, name: str, title: str) -> str:
    """How many earn the item's points at each level, with 95 % intervals; and the fitted curve, if there is one.

    Args:
        groups: of learners; by ability if there is a curve, else by the score on the rest.
        curve: abilities and probabilities, in two rows.
        name: a word that is the picture's own in the page.
        title: of the picture.
    """
    plot = Plot(_REST if curve is None else _ABILITY, _EARNED)
    inside = []
    if curve is not None:
        inside.append(plot.line(zip(*curve.tolist(), strict=True), 'stroke="var(--line)" stroke-width="2"'))
    else:
        inside.append(plot.line([group[:2] for group in groups], 'stroke="var(--full)" stroke-width="1.2"'))
    for level, mean, n in groups:
        x, y = plot.at(level, mean)
        inside.append(plot.interval(level, *wilson_interval(mean, n)))
        inside.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="var(--full)"/>')
    return plot.picture(inside, name=name, title=title, told=_told_groups(groups, curve is not None))


def _told_groups(groups: Sequence[Group], by_ability: bool) -> str:
    if not groups:
        return "No answers yet."
    of = "an ability of" if by_ability else "a score of"
    shown = [f"{level:.1f}" if by_ability else f"{level:.0%} on the rest" for level, _, _ in groups]
    parts = [
        f"{mean:.0%} of the points at {of} {level} ({n} learners)"
        for level, (_, mean, n) in zip(shown, groups, strict=True)
    ]
    return "; ".join(parts) + "."


def options_plot(shares: "Numbers", levels: Sequence[float], options: Sequence[tuple[str, bool]], *, name: str) -> str:
    """Which option learners of each level choose; the key is the thick line.

    Args:
        shares: options by groups.
        levels: the mean score on the rest of each group.
        options: each one's name, and whether it is the key.
        name: a word that is the picture's own in the page.
    """
    plot = Plot(_REST, _CHOSE, right=74)
    inside, told, others = [], [], iter(_OPTION_STYLES * 7)
    for (option, right), row in zip(options, shares.tolist(), strict=True):
        style = 'stroke="var(--full)" stroke-width="3.2"' if right else next(others)
        inside.append(plot.line(zip(levels, row, strict=True), style))
        told.append(f"{option}{' (key)' if right else ''}: " + ", ".join(f"{each:.0%}" for each in row))
    ends = [plot.at(levels[-1], float(row[-1])) for row in shares]
    for (option, right), (x, _), y in zip(options, ends, _apart([y for _, y in ends]), strict=True):
        words = f"{option[:8]}{' (key)' if right else ''}"
        inside.append(text(x + 6, y + 4, words, more='font-weight="700"' if right else ""))
    told_words = f"Shares from the weakest group to the strongest. {'; '.join(told)}."
    return plot.picture(inside, name=name, title="Who chose which option", told=told_words)


_LOWEST = 230.0  # px: labels stay above the axis


def _apart(places: Sequence[float], least: float = 13) -> list[float]:
    """The same places, moved so far apart that labels there do not overlap."""
    order = sorted(range(len(places)), key=lambda each: places[each])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + least)
    below = _LOWEST
    for place in reversed(order):
        moved[place] = min(moved[place], below)
        below = moved[place] - least
    return moved


def information_plots(curves: "Curves") -> tuple[str, str]:
    """The test's information at each ability, and the standard error of an ability there."""
    import numpy as np

    from exam_bank.irt.information import total_information

    theta = np.linspace(-4, 4, 121)
    information = total_information(curves, theta)
    error = 1 / np.sqrt(np.maximum(information, 1e-6))
    best = float(theta[np.argmax(information)])
    ticks = even_ticks(float(information.max()) * 1.05)
    first = Plot(_ABILITY, Axis("information (per squared SD)", 0, ticks[-1], ticks))
    style = 'stroke="var(--full)" stroke-width="2.4"'
    told = f"It is highest, {information.max():.1f}, at {best:.1f}."
    one = first.picture(
        [first.line(zip(theta.tolist(), information.tolist(), strict=True), style)],
        name="information",
        title="Where the test measures",
        told=told,
    )
    second = Plot(_ABILITY, Axis("standard error (SD of ability)", 0, 2, (0, 0.5, 1, 1.5, 2)))
    told = f"It is smallest, {error.min():.2f}, at {best:.1f}; values above 2 are drawn at 2."
    line = second.line(zip(theta.tolist(), error.tolist(), strict=True), style)
    return one, second.picture([line], name="sem", title="How precisely", told=told)


def wright_map(abilities: "Numbers", difficulties: Sequence[tuple[str, float]]) -> str:
    """Learners and items on one scale: how many learners at the left, items at the right by number, or as dots."""
    import numpy as np

    known = abilities[~np.isnan(abilities)]
    edges = np.linspace(-4, 4, 33)
    counts = np.histogram(np.clip(known, -4, 4), edges)[0]
    across = Axis("learners (share of the largest bar)   |   questions, by their number", -1, 1, ())
    scale = Axis("ability and difficulty (standard deviations)", -4, 4, (-4, -3, -2, -1, 0, 1, 2, 3, 4))
    plot = Plot(across, scale, width=640, height=480)
    inside = [
        plot.bar((-count / max(counts.max(), 1), 0), (low, high), 'fill="var(--full)" stroke="var(--paper)"')
        for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]
    inside.append(plot.line([(0, -4), (0, 4)], 'stroke="var(--ink)" stroke-width="1"'))
    taken: dict[int, int] = {}
    step = 30 if len(difficulties) <= 80 else 7
    for label, b in sorted(difficulties, key=lambda each: each[1]):
        row = round(np.clip(b, -4, 4) * 4)
        x, y = plot.at(0, row / 4)
        x += 10 + step * taken.get(row, 0)
        taken[row] = taken.get(row, 0) + 1
        if step == 30:
            inside.append(text(x, y + 4, label))
        else:
            inside.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="var(--line)"/>')
    values = [b for _, b in difficulties]
    told = (
        f"{len(known)} learners, middle half from {np.quantile(known, 0.25):.1f} to {np.quantile(known, 0.75):.1f}; "
        f"{len(values)} questions, from {min(values):.1f} to {max(values):.1f}."
    )
    return plot.picture(inside, name="wright", title="Learners and questions on one scale", told=told)


def histogram(values: Sequence[float], x: Axis, *, steps: int, name: str, title: str) -> str:
    """How many learners have which value, counted around the ends of ``steps`` equal steps of the axis."""
    import numpy as np

    half, noun = (x.high - x.low) / steps / 2, "learners"
    edges = np.linspace(x.low - half, x.high + half, steps + 2)
    counts = np.histogram(np.clip(values, x.low, x.high), edges)[0].tolist()
    ticks = tuple(each for each in even_ticks(max(counts, default=1)) if each == int(each))
    room = max(ticks[-1], 1) * 1.15  # for the word above the line
    plot = Plot(x, Axis(noun, 0, room, ticks), width=560, height=240)
    inside = [
        plot.bar((low, high), (0, count), 'fill="var(--full)" stroke="var(--paper)"')
        for low, high, count in zip(edges[:-1].tolist(), edges[1:].tolist(), counts, strict=True)
    ]
    middle = f"Median {x.text(float(np.median(values)))}, " if len(values) else ""
    told = f"{middle}{len(values)} {noun}." if len(values) else f"No {noun}."
    if len(values):
        at = float(np.median(values))
        inside.append(plot.line([(at, 0), (at, plot.y.high)], 'stroke="var(--line)" stroke-width="2"'))
        left = x.share(at) > 0.7
        inside.append(
            plot.label(at, plot.y.high, "median", dx=-5 if left else 5, dy=10, anchor="end" if left else "start")
        )
    return plot.picture(inside, name=name, title=title, told=told)
