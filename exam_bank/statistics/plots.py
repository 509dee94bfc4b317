"""Item plots for reports: SVG that stands in a page by itself, readable without colour."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from exam_bank.statistics.classical import wilson_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GROUPS = 5
_BLUE = "#0072B2"  # Okabe and Ito's palette, which colour-blind readers can tell apart
_GREY = "#555555"


def score_groups(
    item: "NDArray[np.float64]", total: "NDArray[np.float64]", groups: int = GROUPS
) -> list[tuple[float, float, int]]:
    """The mean of ``item`` for learners grouped by ``total``, lowest first.

    Learners with the same total are never separated, so groups differ in size and there may be fewer of them.

    Args:
        item: fraction of the item's points, one for each learner; NaN where it was not asked.
        total: fraction of the points on the rest of the test, one for each learner.
        groups: how many at most.

    Returns:
        For each group the mean total, the mean of the item, and the number of learners.
    """
    import numpy as np

    asked = ~(np.isnan(item) | np.isnan(total))
    item, total = item[asked], total[asked]
    if not len(item):
        return []
    levels = np.unique(total)
    few = len(levels) <= groups
    edges = levels[:-1] if few else np.unique(np.quantile(total, np.linspace(0, 1, groups + 1)[1:-1]))
    place = np.searchsorted(edges, total, side="left")
    found = [(total[place == each], item[place == each]) for each in np.unique(place)]
    return [(float(totals.mean()), float(items.mean()), len(items)) for totals, items in found]


def item_plot(groups: Sequence[tuple[float, float, int]], *, title: str, heading: bool = True) -> str:
    """An SVG string: the fraction of an item's points earned against the score on the rest of the test.

    Args:
        groups: as :func:`score_groups` gives them.
        title: the item's name; it is also the alternative text's beginning. Bars are 95 % intervals (Wilson's).
        heading: write the title above the plot; without, where the page has it there already.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2, 3.0), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    totals, means = [each[0] for each in groups], [each[1] for each in groups]
    intervals = [wilson_interval(mean, n) for _, mean, n in groups]
    low = [mean - below for mean, (below, _) in zip(means, intervals, strict=True)]
    high = [above - mean for mean, (_, above) in zip(means, intervals, strict=True)]
    axes.errorbar(totals, means, yerr=[low, high], color=_BLUE, ecolor=_GREY, marker="o", capsize=3, linewidth=1.5)
    for total, mean, n in groups:
        at_right = total > 0.8
        offset, side = ((-6, 7), "right") if at_right else ((6, -11), "left")
        axes.annotate(f"n = {n}", (total, mean), xytext=offset, textcoords="offset points", ha=side, fontsize=7)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.05, 1.05), title=title if heading else "")
    axes.set_xlabel("score on the other questions (fraction of points)")
    axes.set_ylabel("earned on this one (fraction)")
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    return _svg(figure, _alternative(title, groups))


def _alternative(title: str, groups: Sequence[tuple[float, float, int]]) -> str:
    if not groups:
        return f"{title}: no answers yet."
    told = ", ".join(f"{mean:.0%} of the points at a score of {total:.0%} (n = {n})" for total, mean, n in groups)
    return f"{title}: {told}."


def _svg(figure: object, alternative: str) -> str:
    """The figure as SVG text, with an accessible name and neither date nor random ids in it."""
    from html import escape

    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "coursewright", "svg.fonttype": "path", "font.size": 9}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})  # type: ignore[attr-defined]
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    label = escape(alternative, quote=True)
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
