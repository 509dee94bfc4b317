"""Items' parameters: read strictly, bound to the version that was calibrated, and never guessed."""

import json
import math
from pathlib import Path

import pytest

from exam_bank.forms.blueprint import Difficulty, Information
from exam_bank.forms.parameters import ItemParameters, ParameterError, information, read_parameters, require_parameters
from tests.exam_bank.forms.made import bank_of, blueprint, item, parameters_for


def curve(each: ItemParameters, theta: float) -> float:
    return each.c + (1 - each.c) / (1 + math.exp(-each.a * (theta - each.b)))


@pytest.mark.parametrize("theta", [-3.0, -0.4, 0.0, 1.3, 4.0])
@pytest.mark.parametrize("figures", [(1.0, 0.0, 0.0), (0.6, -1.2, 0.0), (1.7, 0.8, 0.25)])
def test_information_is_the_squared_slope_over_the_variance(theta, figures):
    """Lord (1980), equation 5-1, with the slope taken numerically."""
    each = ItemParameters(item="x", a=figures[0], b=figures[1], c=figures[2])
    step = 1e-6
    slope = (curve(each, theta + step) - curve(each, theta - step)) / (2 * step)
    right = curve(each, theta)
    assert information(each, theta) == pytest.approx(slope**2 / (right * (1 - right)), rel=1e-6)


def test_information_is_largest_where_birnbaum_says():
    """Lord (1980), equation 10-4: at ``b + ln((1 + sqrt(1 + 8 c)) / 2) / a``; without guessing ``a^2 / 4`` at b."""
    each = ItemParameters(item="x", a=1.3, b=-0.5, c=0.2)
    best = each.b + math.log((1 + math.sqrt(1 + 8 * each.c)) / 2) / each.a
    assert information(each, best) > max(information(each, best - 0.01), information(each, best + 0.01))
    assert information(ItemParameters(item="x", a=1.3, b=-0.5, c=0.0), -0.5) == pytest.approx(1.3**2 / 4)
    assert information(each, -1e6) == pytest.approx(0, abs=1e-12)


def written(folder: Path, *items: object, model: str = "2pl") -> Path:
    path = folder / "parameters.json"
    path.write_text(json.dumps({"model": model, "log_likelihood": -1.5, "items": items}))
    return path


def test_what_a_calibration_prints_is_read(tmp_path):
    read = read_parameters(
        written(tmp_path, {"item": "one/x", "version": "sha256:1", "a": 1.1, "b": -0.4, "se_a": 0.1})
    )
    assert read.items["one/x"] == ItemParameters(item="one/x", version="sha256:1", a=1.1, b=-0.4, c=0.0)
    assert read.version.startswith("sha256:")
    rasch = read_parameters(written(tmp_path, {"item": "one/x", "b": 1}, model="rasch"))
    assert (rasch.items["one/x"].a, rasch.items["one/x"].c) == (1.0, 0.0)
    assert read_parameters(written(tmp_path, {"item": "one/x", "a": 1, "b": 1}, model="3pl")).items["one/x"].c is None


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{"item": "x", "a": 0.0}], "its a is 0 and must be more than 0"),
        ([{"item": "x", "difficulty": 62}], "its difficulty is 62 and must be between 0 and 1"),
        ([{"item": "x", "c": 1.0}], "its c is 1 and must be at least 0"),
        ([{"item": "x"}, {"item": "x"}], "x stands there twice"),
        ([{"b": 1.0}], "no file of item parameters"),
        ([{"item": "x", "b": "0.5"}], "no file of item parameters"),
    ],
)
def test_what_cannot_be_is_an_error_that_names_it(tmp_path, entries, words):
    with pytest.raises(ParameterError, match=r"parameters\.json") as caught:
        read_parameters(written(tmp_path, *entries))
    assert words in str(caught.value)


def test_a_file_that_is_not_there_or_is_no_json_says_so(tmp_path):
    with pytest.raises(ParameterError, match="cannot be read"):
        read_parameters(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ParameterError, match="no file of item parameters"):
        read_parameters(tmp_path / "bad.json")


BANK = bank_of([item("a"), item("b")])
HARD = blueprint(parameters="p.json", difficulty=Difficulty(mean=0.5, tolerance=0.1))
SHARP = blueprint(parameters="p.json", information=(Information(theta=0, value=1, tolerance=0.1),))


@pytest.mark.parametrize(
    ("plan", "figures", "words"),
    [
        (HARD, {"difficulty": None}, "one/a lacks difficulty; one/b lacks difficulty"),
        (SHARP, {"difficulty": 0.5, "a": 1.0}, "one/a lacks b and c"),
    ],
)
def test_an_item_without_a_needed_figure_is_named(plan, figures, words):
    with pytest.raises(ParameterError, match=words) as caught:
        require_parameters(plan, BANK.items.values(), parameters_for(BANK, **figures))
    assert caught.value.items == ("one/a", "one/b")


def test_parameters_of_another_version_do_not_count():
    old = parameters_for(bank_of([item("a", stem="An older question?"), item("b")]), difficulty=0.5)
    with pytest.raises(ParameterError, match="one/a was changed after its calibration; calibrate"):
        require_parameters(HARD, BANK.items.values(), old)
    with pytest.raises(ParameterError, match="one/a has no parameters"):
        require_parameters(HARD, BANK.items.values(), parameters_for(bank_of([item("b")]), difficulty=0.5))


def test_without_targets_nothing_is_needed():
    nothing = parameters_for(BANK)
    require_parameters(blueprint(), BANK.items.values(), nothing)  # raises if something is
    with pytest.raises(ParameterError):
        require_parameters(HARD, BANK.items.values(), nothing)
