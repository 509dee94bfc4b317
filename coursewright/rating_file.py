"""Reads a panel's Angoff ratings from CSV: a row for each judge, item and round."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from authoring.errors import CoursewrightError


def read_ratings(path: Path, refs: Sequence[str]) -> Mapping[str, tuple[Mapping[str, float], ...]]:
    """For each rated item its rounds, in each a probability for each judge.

    Args:
        path: with the columns ``item``, ``judge``, ``rating`` (0 to 1) and perhaps ``round`` (from 1).
        refs: the items that may be rated, as ``<topic>/<id>``; the file may leave the topic out.

    Raises:
        CoursewrightError: it is no such file, or a row names no item of the exam, no rating, or the same again.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise CoursewrightError(f"{path}: it cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CoursewrightError(f"{path}: it is no CSV file in UTF-8 ({error}).") from error
    if not rows or not {"item", "judge", "rating"} <= set(rows[0][1]):
        raise CoursewrightError(f"{path}: the first line must be item,judge,rating or item,judge,rating,round.")
    found: dict[str, dict[int, dict[str, float]]] = {}
    for line, row in rows:
        ref = _ref(path, line, (row["item"] or "").strip(), refs)
        judge, number = (row["judge"] or "").strip(), _round(path, line, row.get("round"))
        judges = found.setdefault(ref, {}).setdefault(number, {})
        if not judge or judge in judges:
            raise CoursewrightError(f"{path}, line {line}: name a judge who has not rated this item in this round.")
        judges[judge] = _rating(path, line, row["rating"])
    return {ref: tuple(rounds[number] for number in sorted(rounds)) for ref, rounds in found.items()}


def _ref(path: Path, line: int, name: str, refs: Sequence[str]) -> str:
    fitting = [ref for ref in refs if name in {ref, ref.rpartition("/")[2]}]
    if len(fitting) != 1:
        problem = "is no item of the exam" if not fitting else "fits two items; write its topic before it"
        raise CoursewrightError(f"{path}, line {line}: {name[:60]!r} {problem}.")
    return fitting[0]


def _round(path: Path, line: int, cell: str | None) -> int:
    text = (cell or "1").strip()
    if not text.isdecimal() or not 1 <= int(text) <= 99:
        raise CoursewrightError(f"{path}, line {line}: a round is a number from 1, not {text[:20]!r}.")
    return int(text)


def _rating(path: Path, line: int, cell: str | None) -> float:
    try:
        value = float(cell or "")
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        shown = (cell or "").strip()[:20]
        raise CoursewrightError(f"{path}, line {line}: a rating is a probability from 0 to 1, not {shown!r}.")
    return value
