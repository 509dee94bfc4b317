"""From an exam that was held to the parameters of its items, each with the version that was asked."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from authoring.errors import CoursewrightError
from exam_bank.sittings.result import SittingState

if TYPE_CHECKING:
    from coursewright.report.exam_files import Sat
    from exam_bank.item_file import Bank

FEW = 30  # learners; below it a mean share is rough


@dataclass(frozen=True)
class Kept:
    """What was written.

    Attributes:
        items: how many items the file has now.
        measured: the items whose difficulty this exam gave, with the number of learners.
        calibrated: those whose a, b and c the calibration gave.
        changed: measured items that the bank has in another version by now.
    """

    items: int
    measured: Mapping[str, int]
    calibrated: tuple[str, ...]
    changed: tuple[str, ...]


def keep_parameters(path: Path, sat: "Iterable[Sat]", bank: "Bank", calibration: Path | None) -> Kept:
    """Write what an exam told of its items into the file, beside what it has of other items.

    Args:
        path: the file; it may not be there yet.
        sat: the exam's attempts; the first of each learner that is wholly scored counts.
        bank: the items as they are now.
        calibration: what ``coursewright calibrate --json`` printed for this exam, with the items' references as names.

    Raises:
        CoursewrightError: a file cannot be read, or the calibration names an item that the exam did not ask.
    """
    measured = _by_item(_shares(sat))
    if not measured:
        raise CoursewrightError(
            "no attempt is over and wholly marked, so nothing is known of the items; mark them first."
        )
    entries = {ref: _entry(ref, versions, bank) for ref, versions in sorted(measured.items())}
    model, found = _calibrated(calibration, set(entries)) if calibration else ("", {})
    for ref, figures in found.items():
        entries[ref] |= figures
    old_model, old = _old(path)
    if model and old_model not in {"", model} and set(old) - set(entries):
        raise CoursewrightError(f"{path}: it holds items of the model {old_model!r}, these are {model!r}; take one.")
    whole = old | {ref: _merged(old.get(ref, {}), entry) for ref, entry in entries.items()}
    _write(path, model or old_model, whole)
    now = {ref: item.version for ref, item in bank.items.items()}
    changed = tuple(ref for ref, entry in entries.items() if now.get(ref) != entry["version"])
    return Kept(len(whole), {ref: entry["n"] for ref, entry in entries.items()}, tuple(found), changed)


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of an item; of another version nothing stays."""
    return {**old, **new} if old.get("version") == new["version"] else dict(new)


def _shares(sat: "Iterable[Sat]") -> dict[tuple[str, str], list[float]]:
    """For each item and version the shares of its points that learners earned."""
    known = [each for each in sat if each.grade.result.score is not None and _counts(each.grade.result.state)]
    first = {each.grade.result.learner: each for each in reversed(known)}
    shares: dict[tuple[str, str], list[float]] = {}
    for each in first.values():
        for question in each.grade.questions:
            if question.points is not None:
                earned = float(question.points / question.max_points)
                shares.setdefault((question.ref, question.item_version), []).append(earned)
    return shares


def _counts(state: SittingState) -> bool:
    """Whether what was answered is the learner's own, as far as one knows."""
    return state is not SittingState.REJECTED


def _by_item(shares: Mapping[tuple[str, str], list[float]]) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {}
    for (ref, version), earned in shares.items():
        found.setdefault(ref, {})[version] = earned
    return found


def _entry(ref: str, versions: Mapping[str, list[float]], bank: "Bank") -> dict[str, Any]:
    """The version that the bank has, if it was asked; else the one that most learners had."""
    now = bank.items[ref].version if ref in bank.items else ""
    version = now if now in versions else max(sorted(versions), key=lambda each: len(versions[each]))
    earned = versions[version]
    return {"item": ref, "version": version, "difficulty": round(sum(earned) / len(earned), 6), "n": len(earned)}


def _calibrated(path: Path, asked: set[str]) -> tuple[str, dict[str, dict[str, float]]]:
    from exam_bank.forms.parameters import read_parameters

    known = read_parameters(path)
    if strange := sorted(set(known.items) - asked):
        mend = "name the columns of the responses by the items' references"
        raise CoursewrightError(f"{path}: {strange[0]} is no item that the exam asked; {mend}.")
    model = json.loads(path.read_bytes()).get("model", "")
    figures = {
        ref: {name: value for name in ("a", "b", "c") if (value := getattr(each, name)) is not None}
        for ref, each in known.items.items()
    }
    return model, figures


def _old(path: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    from exam_bank.forms.parameters import read_parameters

    if not path.exists():
        return "", {}
    read_parameters(path)  # for what is wrong with it
    data = json.loads(path.read_bytes())
    return data.get("model", ""), {each["item"]: each for each in data["items"]}


def _write(path: Path, model: str, entries: Mapping[str, dict[str, Any]]) -> None:
    """One item a line, in order, so that a change can be read."""
    lines = ",\n".join("  " + json.dumps(entries[ref], sort_keys=True) for ref in sorted(entries))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(f'{{"model": {json.dumps(model)}, "items": [\n{lines}\n]}}\n', encoding="utf-8")
    temporary.replace(path)
