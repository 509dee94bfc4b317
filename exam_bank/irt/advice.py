"""What a careful person would not conclude from a calibration, in plain words.

The numbers of learners are rules of thumb, which standard errors overrule: 1 logit of certainty for a Rasch difficulty
needs some 30 learners and half a logit 100 (Linacre, *Rasch Measurement Transactions* 7:4, 1994, 328); 2PL some 500
and 3PL some 1,000 (Hulin, Lissak and Drasgow, *Applied Psychological Measurement* 6, 1982, 249-260).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exam_bank.irt.models import Model

if TYPE_CHECKING:
    from exam_bank.irt.calibrate import CalibratedItem, LeftOut

Z95 = 1.959963984540054
ENOUGH = {Model.RASCH: 100, Model.ONE: 100, Model.TWO: 500, Model.THREE: 1000}
ROUGH = 0.5  # standard deviations of ability: a difficulty less certain than this orders few items


def advice(model: Model, items: Sequence["CalibratedItem"], left_out: Sequence["LeftOut"]) -> tuple[str, ...]:
    """Sentences about what was left out, too few learners, and items that do not measure what the others do."""
    found = [f"{each.item} is left out: {each.why}." for each in left_out]
    few = [each.item for each in items if each.n < ENOUGH[model]]
    if few:
        whom = "Every item was" if len(few) == len(items) else f"{_listed(few)} were"
        found.append(
            f"{whom} asked of fewer than {ENOUGH[model]} learners, which is few for {model}: "
            "go by the standard errors, and do not rank items or learners that they do not separate."
        )
    negative = [each.item for each in items if each.se_a is not None and each.a + Z95 * each.se_a < 0]
    if negative:
        found.append(f"{_listed(negative)}: better learners miss it more often; look for a wrong key first.")
    flat = [each.item for each in items if each.se_a is not None and abs(each.a) <= Z95 * each.se_a]
    if flat:
        found.append(f"{_listed(flat)}: a cannot be told from 0, so its b means nothing.")
    rough = [each.item for each in items if each.se_b > ROUGH and each.item not in flat]
    if rough:
        found.append(f"{_listed(rough)}: b is uncertain by more than {ROUGH:g} standard deviations of ability.")
    return tuple(found)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"
