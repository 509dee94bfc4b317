"""The report's pictures: SVG that takes the page's colours, so that it can be read by day, by night and on paper."""

import io
import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from coursewright.report.assignment_facts import CellFacts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

# What is drawn in these colours gets the page's own, by name; they occur in nothing else.
INK, PAPER, FAINT = "#010203", "#fefdfc", "#c1c2c3"
FULL, PART, NONE, WAIT, LINE = "#0072b1", "#56b4e8", "#e69f01", "#b1b2b3", "#d55e01"
_THEME = {
    INK: "var(--ink)",
    PAPER: "none",
    FAINT: "var(--faint)",
    FULL: "var(--full)",
    PART: "var(--part)",
    NONE: "var(--none)",
    WAIT: "var(--wait)",
    LINE: "var(--line)",
    # those of exam_bank.statistics.plots
    "#0072b2": "var(--full)",
    "#555555": "var(--soft)",
    "#dddddd": "var(--faint)",
    "#ffffff": "none",
    "#000000": "var(--ink)",
}
_COLOUR = re.compile(r"#[0-9a-f]{6}\b", re.IGNORECASE)
_ID = re.compile(r'\bid="|href="#|url\(#')
_RC: dict[Any, Any] = {
    "svg.hashsalt": "coursewright",
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and copied
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "hatch.linewidth": 0.6,
}


def score_plot(
    scores: Sequence[float], points: float, pass_points: float | None, *, title: str, name: str, unit: str = "points"
) -> str:
    """A histogram of scores in steps of a point, with the median and the pass mark.

    Args:
        scores: one for each learner.
        points: the maximum.
        pass_points: from which score on it is a pass; None where nothing is.
        title: what the scores are of.
        name: a word that is the picture's own in the page.
        unit: of the scores.
    """
    from statistics import median

    import numpy as np

    figure, axes = page_axes(6.4, 2.7)
    width = max(1.0, round(points / 20))
    centres = np.arange(0, points + width / 2, width)
    edges = np.append(centres - width / 2, centres[-1] + width)  # the last column reaches beyond the best score
    mark = 0.0 if pass_points is None else pass_points
    below = np.histogram([score for score in scores if score < mark], edges)[0]
    above = np.histogram([score for score in scores if score >= mark], edges)[0]
    look: dict[str, Any] = {"width": width * 0.92, "edgecolor": INK, "linewidth": 0.4}
    axes.bar(centres, below, color=NONE, hatch="///", **look)
    axes.bar(centres, above, bottom=below, color=FULL, **look)
    top = max(int(max(below + above, default=0)), 1)
    axes.set(xlim=(-0.6 * width, points + 0.6 * width), ylim=(0, top * 1.28))
    middle = median(scores) if scores else mark
    if pass_points is not None:
        _mark(axes, pass_points, f"pass mark {pass_points:g}", "--", left=middle >= pass_points)
    if scores:
        _mark(axes, middle, f"median {middle:g}", "-", left=middle < mark)
    axes.yaxis.set_major_locator(whole_numbers())
    axes.xaxis.set_major_locator(whole_numbers(12))
    axes.set(xlabel=f"score ({unit} of {points:g}, columns {width:g} wide)", ylabel="learners")
    axes.grid(axis="y")
    told = f"{len(scores)} scores. " + (_told_scores(scores, points, pass_points) if scores else "")
    return picture(figure, title, told.strip(), name)


def _mark(axes: "Axes", at: float, label: str, style: str, *, left: bool) -> None:
    """A line across the plot, with its label on the side where the other line's is not."""
    axes.axvline(at, color=LINE if style == "--" else INK, linestyle=style, linewidth=1.4)
    low, high = axes.get_xlim()
    beyond = not left and at > low + 0.86 * (high - low)  # no room at the right: a line higher, at the left
    place = (at, axes.get_ylim()[1] * (0.97 if not beyond else 1.06))
    side = "right" if left or beyond else "left"
    offset = (-4 if side == "right" else 4, 0)
    axes.annotate(label, place, xytext=offset, textcoords="offset points", ha=side, va="top", fontsize=9)


def _told_scores(scores: Sequence[float], points: float, pass_points: float | None) -> str:
    from statistics import median

    told = f"Lowest {min(scores):g}, median {median(scores):g}, highest {max(scores):g} of {points:g}"
    if pass_points is None:
        return f"{told}."
    passed = sum(score >= pass_points for score in scores)
    return f"{told}; {passed} reach the pass mark of {pass_points:g}."


def seconds_plot(seconds: Sequence[float], *, title: str, name: str) -> str:
    """A histogram of the computing that submissions took."""
    from statistics import median

    import numpy as np

    figure, axes = page_axes(6.4, 1.8)
    edges = np.linspace(0, max(max(seconds, default=0.0), 0.001), 21)
    numbers = np.histogram(seconds, edges)[0]
    axes.bar(edges[:-1], numbers, width=edges[1], align="edge", color=FULL, edgecolor=INK, linewidth=0.4)
    axes.yaxis.set_major_locator(whole_numbers())
    axes.set(xlabel="computing time of a submission (s)", ylabel="submissions", xlim=(0, edges[-1]))
    axes.grid(axis="y")
    told = (
        f"{len(seconds)} submissions, median {median(seconds):.2g} s, longest {max(seconds):.2g} s." if seconds else ""
    )
    return picture(figure, title, told, name)


def cells_plot(cells: Sequence[CellFacts], *, title: str, name: str) -> str:
    """For each question a bar: how many got all of its points, some, and none, the hardest at the top."""
    hardest = sorted(cells, key=lambda each: (each.pass_rate, each.grade_id), reverse=True)
    figure, axes = page_axes(6.4, 0.9 + 0.32 * max(len(hardest), 1))
    names = [f"{each.grade_id} ({each.points:g} p.)" for each in hardest]
    begin = [0] * len(hardest)
    for label, colour, hatch, numbers in (
        ("all points", FULL, None, [each.full for each in hardest]),
        ("some", PART, "...", [each.partial for each in hardest]),
        ("none", NONE, "///", [each.none for each in hardest]),
        ("waits for a mark", WAIT, None, [each.waiting for each in hardest]),
    ):
        axes.barh(
            names,
            numbers,
            left=begin,
            color=colour,
            hatch=hatch,
            edgecolor=INK,
            linewidth=0.4,
            label=label,
            height=0.72,
        )
        begin = [one + other for one, other in zip(begin, numbers, strict=True)]
    axes.set(xlabel="submissions", xlim=(0, max([*begin, 1]) * 1.01))
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.legend(
        ncols=4,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        frameon=False,
        fontsize=8.5,
        columnspacing=1.2,
        handlelength=1.4,
    )
    told = "; ".join(
        f"{each.grade_id}: {each.full} all, {each.partial} some, {each.none} none" for each in reversed(hardest)
    )
    return picture(figure, title, f"{told}.", name)


def reasons_plot(reasons: Sequence[tuple[str, int]], *, title: str, name: str) -> str:
    """For each reason a bar: how many learners it concerns."""
    figure, axes = page_axes(6.4, 0.6 + 0.34 * max(len(reasons), 1))
    shown = list(reversed(reasons))
    bars = axes.barh(
        [reason for reason, _ in shown],
        [number for _, number in shown],
        color=NONE,
        edgecolor=INK,
        linewidth=0.4,
        height=0.7,
        hatch="///",
    )
    axes.bar_label(bars, padding=4, fontsize=9.5)
    axes.set(xlabel="learners", xlim=(0, max([number for _, number in shown] or [1]) * 1.1))
    axes.xaxis.set_major_locator(whole_numbers())
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    return picture(figure, title, "; ".join(f"{reason}: {number}" for reason, number in reasons) + ".", name)


def whole_numbers(at_most: int = 6) -> "MaxNLocator":
    """Ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True, nbins=at_most, steps=[1, 2, 3, 5, 10])


def page_axes(width: float, height: float) -> "tuple[Figure, Axes]":
    """An empty plot in the page's colours; sizes are in inches."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(_RC):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        return figure, figure.add_subplot()


def picture(figure: "Figure", title: str, told: str, name: str) -> str:
    """The finished plot as SVG, with a title and, for those who do not see it, what it shows in words."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context(_RC):
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = buffer.getvalue()
    begin, body = text[text.index("<svg") :].split(">", 1)
    heading = f'<title id="title">{escape(title)}</title><desc id="desc">{escape(told)}</desc>'
    return themed(f'{begin} role="img" aria-labelledby="{name}-title {name}-desc">{heading}{body}', name)


def themed(svg: str, name: str) -> str:
    """The picture in the page's colours, with ids that no other picture of the page has."""
    coloured = _COLOUR.sub(lambda found: _THEME.get(found.group().lower(), found.group()), svg)
    return _ID.sub(lambda found: f"{found.group()}{name}-", coloured)
