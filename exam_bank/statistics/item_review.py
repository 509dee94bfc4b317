"""What an author should look at first, said of each item in plain sentences.

Nothing is said that chance could easily have made: a sentence needs enough learners and an interval that bears it.
Below 30 learners nothing is said of an item.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from exam_bank.statistics.answers import Answers, Options
from exam_bank.statistics.classical import SMALL, Estimate, wilson_interval
from exam_bank.statistics.dif import Dif, ItemDif
from exam_bank.statistics.variants import Variants

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

WEAK = 0.1  # a correlation with the rest below which an item separates hardly anybody
UNUSED = 0.02  # of the learners: an option that fewer choose distracts nobody
EMPTY = 0.15  # of the learners: so many left it empty that time or wording is to be asked about
UNEQUAL = 0.01  # probability of so unequal variants by chance
SURE = 2.0  # standard errors
FEW_CHOSE = 5  # learners: of fewer nothing is said
ENOUGH = 100
_HARD = "Stronger learners do get it, so the key may well be right: did the course teach what is asked?"


class Urgency(IntEnum):
    """In which order to look at remarks."""

    KEY = 1  # scores may be wrong
    FAIRNESS = 2  # it may be harder for some, or for another reason than it should
    QUALITY = 3  # it could measure better
    NOTE = 4  # good to know


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One sentence about one item.

    Attributes:
        item: its place in the test.
        urgency: how soon to look.
        what: what was seen, with the numbers.
        mend: what to do.
    """

    item: int
    urgency: Urgency
    what: str
    mend: str


def review(
    answers: Answers,
    difficulty: Sequence[Estimate],
    discrimination: Sequence[Estimate],
    difs: Mapping[str, Dif],
    variants: Mapping[str, Variants],
) -> tuple[Remark, ...]:
    """Every remark, the most urgent first.

    Args:
        answers: of the class.
        difficulty: of each item.
        discrimination: of each item.
        difs: by the name of the focal group.
        variants: of items that have some, by the item.
    """
    found: list[Remark] = []
    for place in range(len(answers.items)):
        if difficulty[place].n < SMALL:
            continue
        found += _options(answers, place)
        found += _numbers(answers, place, difficulty[place], discrimination[place])
        for group, result in difs.items():
            found += _fairness(place, group, result.items[place])
        if answers.items[place] in variants:
            found += _unequal(place, variants[answers.items[place]])
    return tuple(sorted(found, key=lambda each: (each.urgency, _strength(difficulty[each.item]), each.item)))


def _strength(difficulty: Estimate) -> float:
    return difficulty.value if difficulty.value is not None else 1.0


def _options(answers: Answers, place: int) -> list[Remark]:
    """Options that stronger learners choose, and options that nobody does."""
    options = answers.options[place]
    if options is None:
        return []
    rest, found = answers.rest(place), []
    key = rest[options.chosen == options.right]
    for number, name in enumerate(options.names):
        if number == options.right:
            continue
        own = rest[options.chosen == number]
        if _stronger(own, key):
            found.append(
                Remark(
                    item=place,
                    urgency=Urgency.KEY,
                    what=f"Option {name} is chosen by stronger learners than the key: the {len(own)} who chose it "
                    f"earn {_percent(own)} of the other points, the {len(key)} who chose the key {_percent(key)}.",
                    mend="Check the key. If it is right, see what makes this option attractive to those who know more.",
                )
            )
    return found + _unused(options, place)


def _stronger(own: "Numbers", key: "Numbers") -> bool:
    """Whether these learners are surely stronger on the rest of the test than those who chose the key."""
    import numpy as np

    own, key = own[~np.isnan(own)], key[~np.isnan(key)]
    if min(len(own), len(key)) < FEW_CHOSE:
        return False
    error = (own.var(ddof=1) / len(own) + key.var(ddof=1) / len(key)) ** 0.5
    return bool(own.mean() - key.mean() > SURE * error and own.mean() - key.mean() > 0.02)


def _unused(options: Options, place: int) -> list[Remark]:
    total = int((options.chosen >= 0).sum())
    if total < ENOUGH:
        return []
    counts = {name: int((options.chosen == number).sum()) for number, name in enumerate(options.names)}
    idle = [
        name for number, name in enumerate(options.names) if number != options.right if counts[name] < UNUSED * total
    ]
    if not idle:
        return []
    words = f"Option {idle[0]} is" if len(idle) == 1 else f"Options {', '.join(idle)} are"
    return [
        Remark(
            item=place,
            urgency=Urgency.NOTE,
            what=f"{words} chosen by fewer than {UNUSED:.0%} of {total} learners.",
            mend="Replace what tempts nobody by a mistake that learners really make.",
        )
    ]


def _numbers(answers: Answers, place: int, difficulty: Estimate, discrimination: Estimate) -> list[Remark]:
    found = []
    options = answers.options[place]
    if options is not None and difficulty.high is not None and difficulty.high < 1 / len(options.names):
        sound = discrimination.low is not None and discrimination.low > 0
        found.append(
            Remark(
                item=place,
                urgency=Urgency.QUALITY if sound else Urgency.KEY,
                what=f"Fewer are right ({difficulty.value:.0%}) than by guessing among {len(options.names)} options.",
                mend=_HARD if sound else "Check the key, then whether the course taught what is asked.",
            )
        )
    if discrimination.high is not None and discrimination.high < 0:
        found.append(
            Remark(
                item=place,
                urgency=Urgency.KEY,
                what="Learners who do well on the rest of the test do worse on this one "
                f"(correlation {_signed(discrimination.value)}).",
                mend="Check the key first, then whether the wording punishes those who know more.",
            )
        )
    elif discrimination.high is not None and discrimination.n >= ENOUGH and discrimination.high < WEAK + 0.1:
        found.append(
            Remark(
                item=place,
                urgency=Urgency.QUALITY,
                what=f"It hardly tells stronger from weaker learners (correlation {_signed(discrimination.value)}).",
                mend="Ask a colleague to answer it aloud: is it about the same subject, and is there one right answer?",
            )
        )
    return found + _extremes(answers, place, difficulty)


def _extremes(answers: Answers, place: int, difficulty: Estimate) -> list[Remark]:
    found = []
    if difficulty.low is not None and difficulty.low > 0.95:
        found.append(
            Remark(
                item=place,
                urgency=Urgency.NOTE,
                what=f"Nearly everybody gets it ({difficulty.value:.0%}), so it says little about anybody.",
                mend="Keep it as an opener, or make it harder.",
            )
        )
    empty = answers.left_empty[place]
    if empty and wilson_interval(empty / difficulty.n, difficulty.n)[0] > EMPTY:
        found.append(
            Remark(
                item=place,
                urgency=Urgency.FAIRNESS,
                what=f"{empty} of {difficulty.n} learners left it empty.",
                mend="See whether it came last and time ran out, or whether it was not understood.",
            )
        )
    return found


def _fairness(place: int, group: str, found: ItemDif) -> list[Remark]:
    if found.ets_class not in {"B", "C"}:
        return []
    way = "harder" if found.harder_for_focal else "easier"
    size = "much" if found.ets_class == "C" else "somewhat"
    return [
        Remark(
            item=place,
            urgency=Urgency.FAIRNESS if found.ets_class == "C" else Urgency.QUALITY,
            what=f"It is {size} {way} for the group {group} than for learners of the same score elsewhere "
            f"(class {found.ets_class}).",
            mend="Have two people read it who know the group: is the difference part of what the exam is to measure?",
        )
    ]


def _unequal(place: int, variants: Variants) -> list[Remark]:
    p = variants.homogeneity.p
    if p is None or p >= UNEQUAL:
        return []
    return [
        Remark(
            item=place,
            urgency=Urgency.FAIRNESS,
            what=f"Its {variants.homogeneity.variants} variants are not equally hard: by chance they would differ so "
            f"much in fewer than 1 of {int(1 / max(p, 1e-9)):,} exams.",
            mend="Compare the easiest variant with the hardest, and narrow the numbers that are drawn.",
        )
    ]


def _percent(shares: "Numbers") -> str:
    import numpy as np

    return f"{float(np.nanmean(shares)):.0%}" if len(shares) and not np.isnan(shares).all() else "nothing known"


def _signed(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}".replace("-", "\u2212")
