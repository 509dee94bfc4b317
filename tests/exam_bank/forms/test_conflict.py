"""A blueprint that cannot be met says which rows are in each other's way, and by how much."""

import pytest

from exam_bank.forms.assembly import assemble
from exam_bank.forms.blueprint import Row
from exam_bank.forms.conflict import AssemblyError
from tests.exam_bank.forms.made import SEED, bank_of, blueprint, item, section

pytestmark = pytest.mark.integration  # slow: it solves again and again

CHARTS = [item(f"control-charts/c{n}") for n in range(3)]
GAUGES = [item(f"gauges/g{n}", "single-choice") for n in range(6)]
BANK = bank_of([*CHARTS, *GAUGES])


def refused(*sections, bank=BANK) -> AssemblyError:
    with pytest.raises(AssemblyError) as caught:
        assemble(bank, blueprint(*sections), seed=SEED, learner="ada")
    return caught.value


def test_a_row_that_asks_for_more_than_there_is():
    error = refused(section(Row(topic="control-charts", count=5), count=6, points=12))
    assert error.rows == ("section 'main', row 1: topic control-charts (3 in the bank): exactly 5",)
    assert error.nearest == ("at most 3",)
    assert str(error) == (
        "the blueprint 'Test' cannot be met: section 'main', row 1: topic control-charts (3 in the bank): exactly 5 "
        "[at most 3]; in brackets: what could be had while the others stay; add operational items with `use: exam` or "
        "ask for less"
    )


def test_rows_that_leave_each_other_no_room():
    error = refused(section(Row(topic="control-charts", at_least=2), Row(topic="gauges", at_least=3)))
    assert dict(zip(error.rows, error.nearest, strict=True)) == {
        "section 'main' has 4 items": "at least 5",
        "section 'main', row 1: topic control-charts (3 in the bank): at least 2": "at most 1",
        "section 'main', row 2: topic gauges (6 in the bank): at least 3": "at most 2",
    } | {"section 'main' has 4 items": ""}  # five items have ten points, which the row of points forbids


def test_two_sections_that_want_the_same_items():
    parts = [section(Row(topic="control-charts", count=2), name=name, count=3, points=6) for name in ("one", "two")]
    error = refused(*parts)
    assert error.rows == (
        "section 'one', row 1: topic control-charts (3 in the bank): exactly 2",
        "section 'two', row 1: topic control-charts (3 in the bank): exactly 2",
        "no item is asked in two sections",
    )
    assert error.nearest == ("at most 1", "at most 1", "")


def test_two_conflicts_at_once_are_told_together():
    """Nothing of the first helps while the second stands, so the error says what has to give in all."""
    row = Row(topic="control-charts", count=4)
    error = refused(section(row, Row(topic="none", count=1), count=5, points=10))
    assert len(error.rows) == 1
    assert "the least that has to give" in str(error)
    assert "topic control-charts (3 in the bank): exactly 4: at most 3" in str(error)
    assert "topic none (0 in the bank): exactly 1: at most 0" in str(error)


def test_a_large_blueprint_is_explained_too():
    items = [item(f"t{n % 8}/i{n:03}", enemies=(f"t{(n - 8) % 8}/i{n - 8:03}",) if n >= 8 else ()) for n in range(160)]
    rows = [Row(topic=f"t{n}", count=4) for n in range(8)]
    parts = [section(*rows, name=name, count=32, points=64, minutes=120) for name in ("one", "two")]
    error = refused(*parts, section(Row(topic="t3", count=5), name="three", count=5, points=10), bank=bank_of(items))
    assert "section 'three', row 1: topic t3 (20 in the bank): exactly 5" in error.rows
    assert len([row for row in error.rows if "are enemies" in row]) == 10  # the pairs that leave room for ten items
    assert "at most 2" in error.nearest


def test_a_bank_without_exam_items():
    error = refused(section(), bank=bank_of([]))
    assert error.rows == ("the bank has no item that an exam may ask",)
