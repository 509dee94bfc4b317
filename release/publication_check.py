"""Reads published bytes with fresh eyes: nothing in them may be for authors alone, and nothing may be out too early.

It shares no code with what builds student versions, so that one mistake cannot pass both. The rules: only plain files,
none of a kind that holds secrets; no marker of a region that nbgrader should have taken out; no output of the author's;
no key of an item that counts, and no exam item at all; no solution, hidden test or mark scheme of the source.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SECRET_FILE = re.compile(
    r"(^|/)\.|\.(db|sqlite|pem|key|p12|pyc)$|(^|/)(course\.toml|nbgrader_config\.py|gradebook[^/]*)$", re.IGNORECASE
)
_MARKER = re.compile(rb"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
_REGION = re.compile(
    r"^[^\n]*BEGIN (SOLUTION|HIDDEN TESTS|MARK SCHEME)[^\n]*\n(.*?)^[^\n]*END \1", re.DOTALL | re.MULTILINE
)
_KEYS = frozenset({"key", "feedback", "solution", "answer", "accept", "correct", "rubric", "hidden_tests", "samples"})
_SHORTEST_LINE = 8  # shorter ones (`else:`, `return x`) tell nothing
_SHORTEST_SECRET = 20  # letters by which a region can be recognised
_MOST = 0.75  # of a region's lines, in one cell


@dataclass(frozen=True)
class Secret:
    """A region of a source notebook that only authors may see, by the lines that stand nowhere else."""

    what: str
    lines: frozenset[str]

    def stands_in(self, text: str) -> bool:
        """Whether most of it does, commented out or not."""
        return len(self.lines & set(_lines(text))) >= _MOST * len(self.lines)


def secrets_of(source: Path) -> tuple[Secret, ...]:
    """The recognisable secrets of an assignment's source notebooks."""
    texts = [text for path in sorted(source.glob("*.ipynb")) for text in _cell_texts(path.read_bytes())]
    public = {line for text in texts for line in _lines(_REGION.sub("", text))}
    found = (
        Secret(region[1].lower(), frozenset(_lines(region[2])) - public)
        for text in texts
        for region in _REGION.finditer(text)
    )
    return tuple(secret for secret in found if sum(map(len, secret.lines)) >= _SHORTEST_SECRET)


def problems_in(folder: Path, secrets: Sequence[Secret]) -> Iterator[str]:
    """What must not be in a published assignment's folder, one sentence each."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder.parent).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            yield f"{name} is not a plain file"
        elif path.is_file():
            if _SECRET_FILE.search(path.relative_to(folder).as_posix()):
                yield f"{name} is not a file for learners"
            yield from (f"{name}: {problem}" for problem in _problems_of_file(path, secrets))


def _problems_of_file(path: Path, secrets: Sequence[Secret]) -> Iterator[str]:
    data = path.read_bytes()
    if marker := _MARKER.search(data):
        yield f"the marker {marker[0].decode()} is left in it"
    if path.suffix != ".ipynb":
        text = data.decode(errors="replace")
        yield from (f"a {secret.what} of the source is in it" for secret in secrets if secret.stands_in(text))
        return
    try:
        cells = json.loads(data)["cells"]
        for number, cell in enumerate(cells, start=1):
            yield from (f"cell {number}: {problem}" for problem in _problems_of_cell(cell, secrets))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        yield "it is not a notebook that can be read"


def _problems_of_cell(cell: dict[str, Any], secrets: Sequence[Secret]) -> Iterator[str]:
    if cell.get("outputs") or cell.get("execution_count") is not None:
        yield "the author's output is left in it"
    everything = "\n".join(_strings(cell))
    yield from (f"a {secret.what} of the source is in it" for secret in secrets if secret.stands_in(everything))
    item = cell.get("metadata", {}).get("coursewright", {}).get("item")
    if isinstance(item, dict) and item.get("role") != "concept-check":
        if item.get("role") == "exam":
            yield "an exam item is in it"
        yield from (f"the item's {key} is in its metadata" for key in sorted(_KEYS & item.keys()))


def _cell_texts(notebook: bytes) -> list[str]:
    """The sources of a notebook's cells; of what is no notebook, none."""
    try:
        return ["".join(cell["source"]) for cell in json.loads(notebook)["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _strings(value: Any) -> Iterator[str]:
    """Every text in nested JSON; a list of texts is also one text of many lines."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        yield "".join(each for each in value if isinstance(each, str))
        for inner in value:
            yield from _strings(inner)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        bare = " ".join(line.strip().lstrip("#").split())
        if len(bare) >= _SHORTEST_LINE:
            yield bare
