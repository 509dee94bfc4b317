"""An exam's analysis as one HTML file: no script, nothing fetched, every name escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coursewright.report.analysis_plots import (
    histogram,
    information_plots,
    item_curve_plot,
    options_plot,
    wright_map,
)
from coursewright.report.drawing import SHARE, Axis, even_ticks
from coursewright.report.page import environment, style
from exam_bank.statistics.analysis import Analysis
from exam_bank.statistics.classical import Chosen, Estimate, distractors
from exam_bank.statistics.dif import FEW, Dif, ItemDif
from exam_bank.statistics.item_review import Remark, Urgency
from exam_bank.statistics.plots import score_groups
from exam_bank.statistics.variants import Variants

if TYPE_CHECKING:
    import numpy as np
    from markupsafe import Markup
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_GROUPS_FOR_A_CURVE = 7
_FLAT = 0.1  # slope, in logits
_FIRST = 12  # items in the list of what to mend first
_WORDS = {
    Urgency.KEY: "scores may be wrong",
    Urgency.FAIRNESS: "may be unfair",
    Urgency.QUALITY: "could measure better",
    Urgency.NOTE: "good to know",
}


@dataclass(frozen=True)
class ItemView:
    """One item as the page shows it.

    Attributes:
        number: its place in the page, from 1.
        fitted: difficulty and discrimination of the curve with their standard errors, in words.
    """

    number: int
    name: str
    points: float
    pilot: bool
    difficulty: Estimate
    discrimination: Estimate
    remarks: tuple[Remark, ...]
    choices: tuple[Chosen, ...]
    fitted: str
    variants: Variants | None
    curve: "Markup"
    options: "Markup | None"


@dataclass(frozen=True)
class DifRow:
    """An item in a table of groups, its numbers as they are shown."""

    name: str
    number: int
    found: ItemDif
    difference: str
    error: str
    p_value: str
    says: str


def analysis_page(found: Analysis, *, title: str, about: str) -> str:
    """The page.

    Args:
        found: the analysis.
        title: of the exam.
        about: a sentence on where the answers are from.
    """
    items = tuple(_item(found, place) for place in range(len(found.answers.items)))
    first = _first(items)
    return (
        environment()
        .get_template("analysis.html")
        .render(
            found=found,
            title=title,
            about=about,
            items=items,
            first=first[:_FIRST],
            more=len(first) - _FIRST,
            urgency=_WORDS,
            notes=sum(1 for each in items for remark in each.remarks if remark.urgency is Urgency.NOTE),
            difs=[(group, result, _dif_rows(group, result)) for group, result in found.difs.items()],
            plots=_plots(found),
            style=style("report.css", "analysis.css"),
        )
    )


def _first(items: Sequence[ItemView]) -> list[ItemView]:
    """Items with something to mend, the most urgent first."""
    urgent = [each for each in items if each.remarks and each.remarks[0].urgency is not Urgency.NOTE]
    return sorted(urgent, key=lambda each: (each.remarks[0].urgency, each.number))


def _dif_rows(group: str, result: Dif) -> list[DifRow]:
    """The largest class first."""
    order = {"C": 0, "B": 1, "A": 2, "": 3}
    rows = [_dif_row(number, each, result, group) for number, each in enumerate(result.items, 1)]
    return sorted(rows, key=lambda each: (order[each.found.ets_class], each.number))


def _dif_row(number: int, each: ItemDif, result: Dif, group: str) -> DifRow:
    size = each.effect if each.partial_credit else each.delta
    small = each.p_value is not None and each.p_value < 0.001
    if each.why_not:
        says = each.why_not
    elif each.ets_class in {"B", "C"}:
        says = f"{'harder' if each.harder_for_focal else 'easier'} for {group}"
    elif min(result.reference, result.focal) < FEW:
        says = "none seen, but so few learners could not show it"
    else:
        says = "no difference that matters was seen"
    return DifRow(
        name=each.item,
        number=number,
        found=each,
        difference=_fixed(size, 2),
        error=_fixed(each.delta_error, 2),
        p_value="< 0.001" if small else _fixed(each.p_value, 3),
        says=says,
    )


def _fixed(value: float | None, places: int) -> str:
    return "\u2013" if value is None else f"{value:.{places}f}".replace("-", "\u2212")


def _item(found: Analysis, place: int) -> ItemView:
    answers, statistics = found.answers, found.statistics.items[place]
    options = answers.options[place]
    choices: tuple[Chosen, ...] = ()
    if options is not None:
        import numpy as np

        asked = ~np.isnan(answers.points[:, place])
        chosen = [options.names[each] if each >= 0 else None for each in options.chosen[asked]]
        rest = answers.rest(place)[asked].tolist()
        choices = distractors(chosen, rest, {name: k == options.right for k, name in enumerate(options.names)})
    return ItemView(
        number=place + 1,
        name=answers.items[place],
        points=answers.max_points[place],
        pilot=place in answers.pilots,
        difficulty=statistics.difficulty,
        discrimination=statistics.discrimination,
        remarks=tuple(each for each in found.remarks if each.item == place),
        choices=choices,
        fitted=_fitted(found, place),
        variants=found.variants.get(answers.items[place]),
        curve=_safe(_curve(found, place)),
        options=_options(found, place),
    )


def _fitted(found: Analysis, place: int) -> str:
    number = found.scale.places[place]
    if number is None or found.scale.calibration is None:
        return ""
    item = found.scale.calibration.items[number]
    slope = f"{item.a:.2f}" if item.se_a is None else f"{item.a:.2f} (standard error {item.se_a:.2f})"
    return f"difficulty {item.b:.2f} (standard error {item.se_b:.2f}), slope {slope}".replace("-", "\u2212")


def _curve(found: Analysis, place: int) -> str:
    import numpy as np

    answers, number = found.answers, found.scale.places[place]
    share, rest = answers.points[:, place] / answers.max_points[place], answers.rest(place)
    curve: Numbers | None = None
    if number is not None and found.scale.calibration is not None:
        theta = np.linspace(-4, 4, 61)
        curve = np.stack([theta, found.scale.calibration.curves.probability(theta)[number]])
        groups = _by_ability(share, rest, found.scale.abilities)
    else:
        groups = score_groups(share, rest)
    return item_curve_plot(groups, curve, name=f"curve-{place}", title=f"Question {place + 1}")


def _by_ability(share: "Numbers", rest: "Numbers", abilities: "Numbers") -> list[tuple[float, float, int]]:
    """Groups by the score on the rest, so that the item has no part in it, placed at their mean ability."""
    import numpy as np

    use = ~(np.isnan(share) | np.isnan(rest) | np.isnan(abilities))
    shares = score_groups(share[use], rest[use], _GROUPS_FOR_A_CURVE)
    levels = score_groups(abilities[use], rest[use], _GROUPS_FOR_A_CURVE)
    return [(ability, mean, n) for (_, mean, n), (_, ability, _) in zip(shares, levels, strict=True)]


def _options(found: Analysis, place: int) -> "Markup | None":
    """The shares of the options by the score on the rest; nothing where there are not two groups."""
    import numpy as np

    options, rest = found.answers.options[place], found.answers.rest(place)
    if options is None:
        return None
    asked = ~np.isnan(found.answers.points[:, place])
    parts = [
        score_groups(np.where(asked, (options.chosen == number) * 1.0, np.nan), rest)
        for number in range(len(options.names))
    ]
    if len(parts[0]) < 2:
        return None
    shares = np.array([[mean for _, mean, _ in part] for part in parts])
    names = [(name, number == options.right) for number, name in enumerate(options.names)]
    return _safe(options_plot(shares, [level for level, _, _ in parts[0]], names, name=f"options-{place}"))


def _plots(found: Analysis) -> "dict[str, Markup]":
    import numpy as np

    shares = found.answers.shares[~np.isnan(found.answers.shares)]
    axis = Axis("score (% of the points)", 0, 1, SHARE, percent=True)
    points = round(sum(found.answers.max_points)) if found.answers.same_items else 0
    steps = points if 4 <= points <= 40 else 20
    drawn = {"scores": histogram(shares.tolist(), axis, steps=steps, name="scores", title="Scores")}
    scale = found.scale
    if scale.calibration is not None and found.answers.same_items:
        drawn["information"], drawn["sem"] = information_plots(scale.calibration.curves)
    if scale.calibration is not None:
        numbers = [place + 1 for place, each in enumerate(scale.places) if each is not None]
        fitted = zip(numbers, scale.calibration.items, strict=True)
        sound = [(str(number), each.b) for number, each in fitted if each.a > _FLAT]  # else b means nothing
        if sound:
            drawn["wright"] = wright_map(scale.abilities, sound)
    if found.answers.minutes is not None and not np.isnan(found.answers.minutes).all():
        minutes = found.answers.minutes[~np.isnan(found.answers.minutes)]
        ticks = even_ticks(float(minutes.max()), 6)
        axis = Axis("time from opening to handing in (minutes)", 0, ticks[-1], ticks)
        drawn["minutes"] = histogram(minutes.tolist(), axis, steps=20, name="minutes", title="Time used")
    return {name: _safe(picture) for name, picture in drawn.items()}


def _safe(picture: str) -> "Markup":
    from markupsafe import Markup

    return Markup(picture)  # noqa: S704  (drawn by us, every text in it escaped)
