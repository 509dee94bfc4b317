"""Item response theory from the command line."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from authoring.errors import CoursewrightError
from coursewright.output import counted, print_json, print_table, say

if TYPE_CHECKING:
    from exam_bank.irt.calibrate import CalibratedItem, Calibration
    from exam_bank.irt.fit import ModelFit
    from exam_bank.irt.item_fit import ItemFit


class ModelChoice(StrEnum):
    """How many parameters an item has."""

    RASCH = "rasch"
    ONE = "1pl"
    TWO = "2pl"
    THREE = "3pl"


def calibrate(
    responses: Annotated[
        Path,
        typer.Argument(
            metavar="RESPONSES", help="A CSV file: items' names, then for each learner 1, 0, or nothing if not asked."
        ),
    ],
    model: Annotated[ModelChoice, typer.Option("--model", help="How many parameters an item has.")] = ModelChoice.TWO,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Estimate how hard items are and how well they tell learners apart, with standard errors."""
    from exam_bank.irt.calibrate import CalibrationError
    from exam_bank.irt.calibrate import calibrate as estimate
    from exam_bank.irt.fit import model_fit
    from exam_bank.irt.item_fit import item_fit
    from exam_bank.irt.response_file import read_responses

    given = read_responses(responses)
    try:
        found = estimate(given.table, model.value, names=given.items)
    except CalibrationError as error:
        raise CoursewrightError(f"{responses}: {error}") from error
    fit, fits = model_fit(found, given.table), item_fit(found, given.table)
    if as_json:
        print_json(_as_json(found, fit, fits))
    else:
        _print(found, fit, fits)


def _as_json(found: "Calibration", fit: "ModelFit", fits: "tuple[ItemFit, ...]") -> dict[str, Any]:
    """What the calibration says, with the keys that its readers rely on."""
    return {
        "model": found.model.value,
        "log_likelihood": found.log_likelihood,
        "n": found.n,
        "aic": found.aic,
        "items": [_item(item, own, found) for item, own in zip(found.items, fits, strict=True)],
        "left_out": found.left_out,
        "fit": fit,
        "advice": found.advice,
    }


def _item(item: "CalibratedItem", fit: "ItemFit", found: "Calibration") -> dict[str, Any]:
    guessing = {"c": item.c, "se_c": item.se_c} if found.priors else {}
    return {
        "item": item.item,
        "n": item.n,
        "a": item.a,
        "b": item.b,
        "se_a": item.se_a,
        "se_b": item.se_b,
        **guessing,
        "fit": fit,
    }


def _print(found: "Calibration", fit: "ModelFit", fits: "tuple[ItemFit, ...]") -> None:
    columns = ["item", "n", "a", "se_a", "b", "se_b", "c", "se_c", "S-X2", "df", "p"]
    rows = [
        (
            each.item,
            each.n,
            *(_rounded(one) for one in (each.a, each.se_a, each.b, each.se_b, each.c, each.se_c, own.s_x2)),
            own.df,
            _rounded(own.p),
        )
        for each, own in zip(found.items, fits, strict=True)
    ]
    print_table(columns, rows, right=columns[1:])
    say(f"{found.model}, {counted(found.n, 'learner')}: log-likelihood {found.log_likelihood:.3f}.")
    if fit.m2 is None:
        say(f"Fit of the model: not known; {fit.why_not}.")
    else:
        interval = f"{fit.rmsea2_low:.3f} to {fit.rmsea2_high:.3f}"
        say(f"M2 {fit.m2:.2f} on {fit.df} df, p {fit.p:.3f}; RMSEA2 {fit.rmsea2:.3f} (90 % interval {interval}).")
    for advice in found.advice:
        say(advice)


def _rounded(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"
