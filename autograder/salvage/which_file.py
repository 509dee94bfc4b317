"""Which of the submitted files is which notebook of the assignment.

1. A file of the right name in the right place is the notebook, as in nbgrader.
2. A file of another name is, when its cells are those of that notebook and of no other, or when nothing of them can be
   recognised and its name differs only as browsers, operating systems and people change names.
3. A notebook that Jupytext wrote as a script or as Markdown is, when it has the name.
4. A lone file of another name that cannot be read is taken for the one notebook that is not there.

Where two different files could be the same notebook, the notebook has no score until a person has looked.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from nbformat import NotebookNode

from authoring import cells
from authoring.notebook_file import NotebookError
from autograder.record import RecordFinding
from autograder.salvage.identify import grade_ids
from autograder.salvage.jupytext_file import is_jupytext, read_jupytext
from autograder.salvage.notebook import Salvaged, read_submitted

_ENDINGS = re.compile(r"(?:\.(?:ipynb|json|txt|py|md|rmd|qmd))+$")
_NOTEBOOK = re.compile(r"\.ipynb(?:\.(?:txt|json))?$", re.IGNORECASE)
_TEXT = re.compile(r"\.(?:py|md|rmd|qmd)$", re.IGNORECASE)
_COPY = re.compile(r"^(?:copy of|kopie von|copie de|copia de)\b|\(\d+\)|\bcheckpoint$|\b(?:copy|kopie|copie)\s*\d*$")
_ODD = re.compile(r"[\s_+-]+")
_MAX_STRANGERS = 20  # files of other names that are looked into
_MIN_TEXT = 20  # characters of a cell's text that say something about where it is from


@dataclass
class HandedIn:
    """What became of each notebook of an assignment."""

    read: dict[str, Salvaged] = field(default_factory=dict)  # by file stem
    names: dict[str, str] = field(default_factory=dict)  # of the submitted files, by file stem
    broken: dict[str, str] = field(default_factory=dict)  # file stems, with why it cannot be read
    findings: list[RecordFinding] = field(default_factory=list)


def is_notebook(name: str) -> bool:
    """Whether a file's name says that it is a notebook."""
    return _NOTEBOOK.search(name) is not None


def plain_name(name: str) -> str:
    """A file's name without its folder and without what is often added to names: comparable, not for reading."""
    base = unquote(name).replace("\\", "/").rpartition("/")[2]
    base = _ENDINGS.sub("", unicodedata.normalize("NFKC", base).casefold())
    while (shorter := _COPY.sub("", _ODD.sub(" ", base).strip()).strip()) != base and shorter:
        base = shorter
    return base


def find_notebooks(
    templates: Mapping[str, NotebookNode], files: Mapping[str, bytes], unread: Mapping[str, str]
) -> HandedIn:
    """Find and read the assignment's notebooks among the submitted files.

    Args:
        templates: the assignment's notebooks by file stem.
        files: the submitted files by path.
        unread: notebooks that are there and were not read, with the reason.
    """
    found = HandedIn()
    for stem in templates:
        if f"{stem}.ipynb" in files:
            _read(found, stem, f"{stem}.ipynb", files)
    strangers = [name for name in files if is_notebook(name) and name not in found.names.values()]
    wanted = [stem for stem in templates if stem not in found.names]
    if wanted:
        _find_elsewhere(found, wanted, templates, files, strangers)
        _note_unread(found, wanted, unread)
    used = set(found.names.values())
    for name in strangers:
        if name not in used:
            message = f"{_shown(name)} is not part of the assignment and was not graded"
            found.findings.append(RecordFinding(rule="extra-notebook", message=message))
    return found


def _read(found: HandedIn, stem: str, name: str, files: Mapping[str, bytes]) -> None:
    found.names[stem] = name
    try:
        found.read[stem] = read_submitted(files[name], _shown(name))
    except NotebookError as error:
        found.broken[stem] = str(error)


def _find_elsewhere(
    found: HandedIn,
    wanted: Sequence[str],
    templates: Mapping[str, NotebookNode],
    files: Mapping[str, bytes],
    strangers: Sequence[str],
) -> None:
    owners = {name: _owner(name, files[name], templates) for name in strangers[:_MAX_STRANGERS]}
    for stem in wanted:
        names = [name for name, owner in owners.items() if owner == stem]
        if len({files[name] for name in names}) > 1:
            found.names[stem] = names[0]
            found.broken[stem] = _unclear(stem, names)
        elif names:
            _take(found, stem, names[0], files)
        elif script := _script(stem, files):
            _convert(found, stem, script, files)
    left = [stem for stem in wanted if stem not in found.names]
    unknown = [name for name, owner in owners.items() if owner is None]
    if len(left) == len(unknown) == 1 and not _is_readable(unknown[0], files):
        _take(found, left[0], unknown[0], files)


def _take(found: HandedIn, stem: str, name: str, files: Mapping[str, bytes]) -> None:
    message = f"{_shown(name)} was taken for {stem}.ipynb, which was not handed in; see whether that is right"
    found.findings.append(RecordFinding(rule="renamed-notebook", message=message))
    _read(found, stem, name, files)


def _unclear(stem: str, names: Sequence[str]) -> str:
    listed = ", ".join(map(_shown, names))
    return f"{stem}.ipynb was not handed in, and each of {listed} may be it; ask the learner which, and rename it"


def _owner(name: str, data: bytes, templates: Mapping[str, NotebookNode]) -> str | None:
    """The notebook of the assignment that a file of another name is, or None."""
    try:
        notebook = read_submitted(data, name).notebook
    except NotebookError:
        return _by_name(name, templates)
    ranked = sorted(((_likeness(template, notebook), stem) for stem, template in templates.items()), reverse=True)[:2]
    best, stem = ranked[0]
    if best and (len(ranked) == 1 or best > ranked[1][0]):
        return stem
    return _by_name(name, templates) if best or not notebook.cells else None


def _by_name(name: str, templates: Mapping[str, NotebookNode]) -> str | None:
    alike = [stem for stem in templates if plain_name(stem) == plain_name(name)]
    return alike[0] if len(alike) == 1 else None


def _likeness(template: NotebookNode, notebook: NotebookNode) -> float:
    """The share of all their cells that two notebooks have in common: by grade id, or by a text of some length."""
    ids = grade_ids(template.cells) & grade_ids(notebook.cells)
    texts = {text for cell in template.cells if len(text := cell.source.strip()) >= _MIN_TEXT}
    same = sum(cell.source.strip() in texts for cell in notebook.cells if cells.grade_id(cell) not in ids)
    common = len(ids) + same
    return common / max(len(template.cells) + len(notebook.cells) - common, 1)


def _is_readable(name: str, files: Mapping[str, bytes]) -> bool:
    try:
        read_submitted(files[name], name)
    except NotebookError:
        return False
    return True


def _script(stem: str, files: Mapping[str, bytes]) -> str:
    """A script or a text that Jupytext wrote for a notebook, or ""."""
    names = [
        name
        for name, data in files.items()
        if _TEXT.search(name) and plain_name(name) == plain_name(stem) and is_jupytext(name, data)
    ]
    return names[0] if len(names) == 1 else ""


def _convert(found: HandedIn, stem: str, name: str, files: Mapping[str, bytes]) -> None:
    found.names[stem] = name
    try:
        found.read[stem] = read_jupytext(files[name], name)
    except NotebookError as error:
        found.broken[stem] = str(error)
        return
    message = f"{_shown(name)} was converted to {stem}.ipynb, which was not handed in; see whether all is there"
    found.findings.append(RecordFinding(rule="converted-notebook", message=message))


def _note_unread(found: HandedIn, wanted: Sequence[str], unread: Mapping[str, str]) -> None:
    """A notebook that was handed in and could not be read is not one that was not handed in."""
    for stem in wanted:
        alike = [name for name in unread if plain_name(name) == plain_name(stem)]
        if stem not in found.names and alike:
            found.names[stem] = alike[0]
            found.broken[stem] = f"{_shown(alike[0])}: {unread[alike[0]]}; ask the learner for the notebook itself"


def own_folder(names: Mapping[str, str]) -> str:
    """The folder below the submission in which all its notebooks lie, with "/" at the end, or ""."""
    folders = {name.rpartition("/")[0] for name in names.values()}
    return f"{folders.pop()}/" if len(folders) == 1 and "" not in folders else ""


def _shown(name: str) -> str:
    return name[:200]
