"""Reads the attacks: one small file each, below ``cases/<group>/``.

A file starts with a header, TOML in comments between ``# /// attack`` and ``# ///``:

    tries      what the attack does, in a sentence
    marks      the points of tests that differ from those of the wrong answer, as a table (an attack may lose points)
    outcome    of the record, "graded" if not given
    findings   the rules of the record's findings, none if not given
    shows      a text that its outputs or its record's messages must hold, so that we know it was carried out
    cell       by grade id: what is laid over the submitted cell (``cell.t_mean.metadata.tags = ["x"]``)
    notebook   what is laid over the submitted notebook
    delete     grade ids of cells that are taken out
    build      a function of ``builders.py`` that changes the submission's folder in ways that no text can
    harms      why it is never run on plain nbgrader, if so

The rest are parts, each below a line that starts with ``# %%``:

    # %% answer s_mean      the answer to an exercise; the others are answered wrongly
    # %% before t_mean      a cell of the learner's own, placed before (or ``after``) an existing one
    # %% copy t_mean        the same, but with the metadata of the one that it is placed before (or ``copy-after``)
    # %% file numpy.py      a file beside the notebook

``{{NAME}}`` stands for something that the attacker is granted to know: see ``Scene.known``.
"""

import copy
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode

from tests.autograder.notebooks import by_id, code

CASES = Path(__file__).parent / "cases"
GROUPS = ("tampering", "escaping", "exhausting", "lying")
WRONG = {
    "s_mean": "def mean(values):\n    return 0",
    "s_primes": "def primes(limit):\n    return []",
    "s_total": "def total(path):\n    return 0.0",
    "s_clip": "def clip(values, low, high):\n    return []",
}
WRONG_MARKS = {"t_mean": 0.0, "t_primes": 1.0, "t_total": 0.0, "t_clip": 0.0}
FULL_MARKS = {"t_mean": 2.0, "t_primes": 3.0, "t_total": 2.0, "t_clip": 2.0}

_HEADER = re.compile(r"\A# /// attack\n(?P<toml>(?:#.*\n)+?)# ///\n")
_PART = re.compile(r"^# %% (?P<place>answer|before|after|copy|copy-after|file) (?P<name>\S+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Attack:
    """One attack, and what must become of it."""

    name: str
    group: str
    tries: str
    parts: Sequence[tuple[str, str, str]]  # where, at what, the text
    marks: Mapping[str, float] = field(default_factory=dict)
    outcome: str = "graded"
    findings: Sequence[str] = ()
    shows: str = ""
    cell: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notebook: Mapping[str, Any] = field(default_factory=dict)
    delete: Sequence[str] = ()
    build: str = ""
    harms: str = ""

    @property
    def expected(self) -> dict[str, float]:
        """The points of each test."""
        return {**WRONG_MARKS, **self.marks}

    def files(self, known: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
        """The files beside the notebook."""
        for place, name, text in self.parts:
            if place == "file":
                yield name, _filled(text, known).encode()

    def hand_in(self, student: NotebookNode, known: Mapping[str, str]) -> NotebookNode:
        """The student version as this attack hands it in."""
        made: NotebookNode = copy.deepcopy(student)
        cells = by_id(made)
        for name, source in WRONG.items():
            cells[name]["source"] = source
        for place, name, text in self.parts:
            if place == "answer":
                cells[name]["source"] = _filled(text, known)
            elif place != "file":
                position = made.cells.index(cells[name]) + place.endswith("after")
                added = code(_filled(text, known))
                added["id"] = f"added-{len(made.cells)}"
                if place.startswith("copy"):
                    added["metadata"] = copy.deepcopy(cells[name]["metadata"])
                made.cells.insert(position, added)
        for name, changes in self.cell.items():
            _lay_over(cells[name], changes)
        _lay_over(made, self.notebook)
        made["cells"] = [cell for cell in made.cells if not any(cell is cells[name] for name in self.delete)]
        return made


def load_attacks() -> list[Attack]:
    """Every attack, in the order of groups and names."""
    return [load(path) for group in GROUPS for path in sorted((CASES / group).glob("*.txt"))]


def load(path: Path) -> Attack:
    """The attack in a file."""
    text = path.read_text()
    header = _HEADER.match(text)
    assert header, f"{path}: the file does not start with a header"
    lines = [line.removeprefix("#").removeprefix(" ") for line in header["toml"].splitlines()]
    about = tomllib.loads("\n".join(lines))
    pieces = _PART.split(text[header.end() :])
    assert not pieces[0].strip(), f"{path}: something stands before the first part"
    parts = [
        (place, name, source.strip("\n"))
        for place, name, source in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True)
    ]
    return Attack(name=path.stem, group=path.parent.name, parts=parts, **about)


def _filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: known[found[1]], text)


def _lay_over(under: Any, over: Mapping[str, Any]) -> None:
    """Write the values of one table into another, table by table."""
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(under.get(key), Mapping):
            _lay_over(under[key], value)
        else:
            under[key] = value
