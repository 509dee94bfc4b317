"""What goes to standard output."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from coursewright.output import print_json, print_json_stream, print_table, say


class Result(msgspec.Struct):
    score: Decimal
    at: datetime


def test_json_is_one_line_with_sorted_keys_and_exact_decimals(capsysbinary):
    print_json({"b": Result(Decimal("8.50"), datetime(2026, 3, 1, 12, tzinfo=UTC)), "a": "é"})
    assert capsysbinary.readouterr().out == '{"a":"é","b":{"at":"2026-03-01T12:00:00Z","score":"8.50"}}\n'.encode()


@pytest.mark.parametrize("values", [[], [1], [{"b": 1, "a": "é"}, {"c": None}]])
def test_a_long_list_is_printed_as_if_it_had_been_in_memory(capsysbinary, values):
    print_json({"records": values, "summary": {"n": 2, "m": 1}})
    expected = capsysbinary.readouterr().out
    print_json_stream("records", iter(values), {"summary": {"n": 2, "m": 1}})
    assert capsysbinary.readouterr().out == expected


def test_columns_line_up_and_numbers_stand_to_the_right(capsys):
    print_table(["learner", "score"], [["ada", 9.5], ["名前", 10]], right=["score"])
    assert capsys.readouterr().out == "learner  score\nada        9.5\n名前        10\n"


def test_a_missing_value_is_an_empty_place_and_not_a_zero(capsys):
    print_table(["learner", "score", "outcome"], [["ada", None, "missing"]])
    assert capsys.readouterr().out.splitlines()[1].split() == ["ada", "missing"]


def test_a_pipe_gets_long_text_in_full(capsys):
    print_table(["why"], [["word " * 100]])
    assert capsys.readouterr().out.splitlines()[1] == ("word " * 100).strip()


def test_what_looks_like_markup_is_only_text(capsys):
    print_table(["learner"], [["[red]x[/red]"]])
    assert capsys.readouterr().out.splitlines()[1] == "[red]x[/red]"


def test_what_a_learner_wrote_cannot_drive_the_terminal(capsys):
    say("\x1b[2J gone")
    print_table(["learner"], [["a\x1b[2J\nb"]])
    assert capsys.readouterr().out == "\\x1b[2J gone\nlearner\na\\x1b[2J b\n"
