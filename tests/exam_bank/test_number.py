"""Numbers as learners type them."""

import contextlib
from decimal import Decimal
from fractions import Fraction

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


CONVERTED = {"cm": Decimal(10), "in": Decimal("25.4"), "µm": Decimal("0.001")}


@pytest.mark.parametrize(
    ("typed", "in_mm"),
    [
        ("12", "12"),
        ("12 mm", "12"),
        ("1.2 cm", "12"),
        ("0.3in", "7.62"),
        ("1 250 µm", None),
        ("1250 \u03bcm", "1.25"),  # a Greek letter in place of the micro sign
        ("1.1e-1 cm", "1.1"),
        ("-0.1 cm", "-1"),
    ],
)
def test_declared_units_are_converted_exactly(typed: str, in_mm: str | None) -> None:
    if in_mm is None:
        with pytest.raises(NumberError):
            parse_number(typed, unit="mm", accepted_units=CONVERTED)
    else:
        assert parse_number(typed, unit="mm", accepted_units=CONVERTED) == Decimal(in_mm)


def test_an_undeclared_unit_is_told_what_there_is() -> None:
    with pytest.raises(NumberError, match=r"Give the answer in mm \(or in cm, in, µm\); 'm' after the number"):
        parse_number("1 m", unit="mm", accepted_units=CONVERTED)


def test_no_digit_is_lost_in_a_conversion() -> None:
    digits = "0." + "123456789" * 8
    converted = parse_number(f"{digits} in", unit="mm", accepted_units=CONVERTED)
    assert Fraction(converted) == Fraction(digits) * Fraction("25.4")
