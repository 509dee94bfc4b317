"""Every data set has a data sheet, and the code in it makes exactly these data."""

import re
from pathlib import Path

import pytest

from tests.courses.conftest import MPC

TABLES = sorted(MPC.glob("source/*/*.csv"))
PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PROGRAMS = {
    sheet: found[1] for sheet in sorted(MPC.glob("source/*/*.md")) if (found := PROGRAM.search(sheet.read_text()))
}


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_a_table_has_a_data_sheet_that_names_its_columns(table: Path) -> None:
    sheet = table.with_suffix(".md").read_text()
    for column in table.read_text().split("\n", 1)[0].split(","):
        assert f"| `{column}` |" in sheet
    assert "**How made.**" in sheet


@pytest.mark.parametrize("sheet", PROGRAMS, ids=lambda path: path.stem)
def test_the_code_of_a_data_sheet_makes_the_tables(
    sheet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(PROGRAMS[sheet], {})
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sheet.with_suffix(".csv").name in made
    assert made == {name: (sheet.parent / name).read_bytes() for name in made}


def test_every_table_is_made_by_some_data_sheet() -> None:
    programs = "\n".join(PROGRAMS.values())
    assert [table.name for table in TABLES if f'"{table.name}"' not in programs] == []
