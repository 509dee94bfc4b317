"""Numbers as learners type them."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_bank.number import NumberError, parse_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", "12"),
        (" -0.5 ", "-0.5"),
        ("\u22123", "-3"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.5e-3", "0.0015"),
        ("1.5 x 10^-3", "0.0015"),
        ("1.5\u00d710\u207b\u00b3 mm", "0.0015"),
        ("2*10**5", "200000"),
        ("12.5 mm", "12.5"),
        ("12.5mm", "12.5"),
        ("12.5 millimetre", "12.5"),
        (7, "7"),
        (0.1, "0.1"),
    ],
)
def test_a_number_is_read(typed: object, number: str) -> None:
    assert parse_number(typed, unit="mm", accepted_units=["millimetre"]) == Decimal(number)


@pytest.mark.parametrize(
    "typed",
    ["", "-", "about 10", "1,5", "1,234.5", "1 234", "12 kg", "12 MM", "2*105", "nan", "inf", "1e9999", "9" * 200],
)
def test_what_is_no_number_is_refused_with_advice(typed: str) -> None:
    with pytest.raises(NumberError):
        parse_number(typed, unit="mm")


def test_data_of_another_kind_is_refused() -> None:
    for value in (True, None, [1], float("nan"), float("inf"), 10**200, 10**5000):
        with pytest.raises(NumberError):
            parse_number(value, unit="mm")


def test_the_two_spellings_of_micro_are_one() -> None:
    assert parse_number("3 \u00b5m", unit="\u03bcm") == 3


def test_a_number_without_unit_has_none() -> None:
    with pytest.raises(NumberError, match="Give a number without a unit; 'mm' after the number cannot be read"):
        parse_number("3 mm")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_back(number: float) -> None:
    assert float(parse_number(repr(number))) == number


@given(st.text(max_size=120))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    with contextlib.suppress(NumberError):
        assert parse_number(text, unit="mm").is_finite()


def test_a_comma_is_explained() -> None:
    with pytest.raises(NumberError, match="without commas, with a point before the decimals"):
        parse_number("1,5", unit="mm")
