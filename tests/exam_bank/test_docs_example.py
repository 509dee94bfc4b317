"""The example of docs/exams.md does what it says, on the sample course."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exam_bank.sittings.result import SittingResult, SittingState

pytestmark = pytest.mark.integration  # the whole chain on the sample course

ROOT = Path(__file__).parents[2]


def ticking() -> Iterator[datetime]:
    now = datetime(2026, 11, 6, 14, 0, tzinfo=UTC)
    while True:
        now += timedelta(minutes=5)
        yield now


def test_the_example_runs_as_it_stands(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    example = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "exams.md").read_text(), re.DOTALL)
    assert example is not None
    times = ticking()
    names: dict[str, Any] = {"course": ROOT / "courses" / "mpc", "secret": bytes(32), "clock": lambda: next(times)}
    exec(example[1], names)
    names["store"].close()
    result: SittingResult = names["result"]
    assert result.state is SittingState.VERIFIED
    assert result.max_score == Decimal(21)
    assert (tmp_path / "sittings.db").exists()


def test_every_rule_and_type_is_documented() -> None:
    from exam_bank.item import Scoring, Status, Use

    text = (ROOT / "docs" / "items.md").read_text()
    for word in [*Scoring, *Status, *Use]:
        assert f"`{word.value}`" in text, word
    types = {path.read_text().split("type: ")[1].split("\n")[0] for path in (ROOT / "courses").rglob("items/*/*.md")}
    assert len(types) == 8
    for word in types:
        assert f"`{word}`" in text, word
