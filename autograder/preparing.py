"""A submission made ready to run: which file is which notebook, and each rebuilt from its template."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from msgspec.structs import replace
from nbformat import NotebookNode

from authoring import cells
from autograder.rebuild import Rebuilt, rebuild
from autograder.record import RecordFinding, not_handed_in
from autograder.salvage.identify import grade_ids
from autograder.salvage.notebook import Salvaged
from autograder.salvage.text import SAVE_AGAIN
from autograder.salvage.which_file import find_notebooks, is_notebook, own_folder
from autograder.source import Source
from autograder.submission import Submission

_MOST = 5  # findings about cells that do no harm


@dataclass(frozen=True)
class Prepared:
    """A submission, ready to run."""

    submission: Submission
    notebooks: Mapping[str, Rebuilt]  # by file stem
    missing: frozenset[str]  # stems of notebooks that were not handed in
    broken: Mapping[str, str]  # stems of notebooks that cannot be read, with the reason
    files: Mapping[str, bytes]  # what lies beside the notebooks: the learner's files with the author's over them
    findings: tuple[RecordFinding, ...]

    @property
    def unanswered(self) -> frozenset[tuple[str, str]]:
        """Notebook and grade id of the answers that were left as they were given."""
        return frozenset(
            (stem, name)
            for stem, rebuilt in self.notebooks.items()
            for cell in rebuilt.notebook.cells
            if cells.is_solution(cell) and (name := cells.grade_id(cell)) and name not in rebuilt.answered
        )


def prepare(source: Source, submission: Submission) -> Prepared:
    """Find and read the submitted notebooks, and rebuild each from its template. Whatever was submitted, it returns."""
    learners = {name: data for name, data in submission.files.items() if name not in source.files}
    handed_in = find_notebooks(source.notebooks, learners, submission.unread)
    findings = [*submission.findings, *handed_in.findings]
    notebooks: dict[str, Rebuilt] = {}
    broken = dict(handed_in.broken)
    for stem, salvaged in handed_in.read.items():
        rebuilt = rebuild(source.notebooks[stem], salvaged.notebook, source.released.get(stem, {}))
        problem = _hopeless(source.notebooks[stem], salvaged, rebuilt)
        if problem:
            broken[stem] = f"{handed_in.names[stem][:200]}: {problem}"
        else:
            notebooks[stem] = rebuilt
            findings.extend(_mended(handed_in.names[stem][:200], salvaged, rebuilt))
            findings.extend(_placed(stem, rebuilt.findings, alone=len(source.notebooks) == 1))
            findings.extend(_other_language(stem, source.notebooks[stem], salvaged.notebook))
    unreadable = [RecordFinding(rule="unreadable-notebook", message=broken[stem]) for stem in sorted(broken)]
    missing = frozenset(source.notebooks) - handed_in.names.keys()
    findings.extend(
        RecordFinding(rule="missing-notebook", message=f"{not_handed_in(stem)}; ask the learner for it")
        for stem in sorted(missing)
    )
    files = {**dict(_own_files(source, submission, handed_in.names, findings)), **source.files}
    return Prepared(submission, notebooks, missing, broken, files, (*unreadable, *findings))  # the worst first


def _hopeless(template: NotebookNode, salvaged: Salvaged, rebuilt: Rebuilt) -> str:
    """Why a notebook that could be read cannot be graded: an answer may be in it, and cannot be told."""
    answers = {name for cell in template.cells if (name := cells.grade_id(cell)) and not cells.is_locked(cell)}
    gone = answers & rebuilt.put_back
    for index, why in salvaged.lost.items():
        name = rebuilt.places.get(index)
        if name in answers or (name is None and gone):
            return f"cell {index + 1}{f' ({name})' if name else ''}: {why}; {SAVE_AGAIN}"
    marked = grade_ids(template.cells)
    if gone and not marked & grade_ids(salvaged.notebook.cells):
        if marked == rebuilt.put_back:
            return f"none of the assignment's cells is in it; see whether it is the right file, or {SAVE_AGAIN}"
        which = ", ".join(sorted(gone))[:200]
        return (
            f"its cells have lost the assignment's marks, and it cannot be told which is {which}; "
            "copy the answers into a fresh notebook, or ask the learner to do it"
        )
    return ""


def _mended(file: str, salvaged: Salvaged, rebuilt: Rebuilt) -> Iterator[RecordFinding]:
    """What had to be mended in a file, and cells whose text is not known and that are no answers."""
    for note in salvaged.notes:
        yield RecordFinding(rule="mended-notebook", message=f"{file}: {note}")
    for index, why in list(salvaged.lost.items())[:_MOST]:
        done = (
            "the assignment's own was used" if index in rebuilt.places else "it was left empty; see whether it matters"
        )
        yield RecordFinding(rule="mended-notebook", message=f"{file}: cell {index + 1}: {why}; {done}")
    if len(salvaged.lost) > _MOST:
        message = f"{file}: the same is true of {len(salvaged.lost) - _MOST} more cells"
        yield RecordFinding(rule="mended-notebook", message=message)


def _placed(stem: str, findings: Iterable[RecordFinding], *, alone: bool) -> Iterator[RecordFinding]:
    """Findings about cells, with the notebook's name where there are several."""
    for finding in findings:
        yield finding if alone else replace(finding, message=f"{stem}.ipynb: {finding.message}")


def _other_language(stem: str, template: NotebookNode, submitted: NotebookNode) -> Iterator[RecordFinding]:
    """A notebook that was saved with a kernel for another language still runs with the assignment's."""
    expected, found = _language(template), _language(submitted)
    if expected and found and expected.casefold() != found.casefold():
        message = (
            f"{stem}.ipynb was saved for {found[:40]} and was run as {expected}; see whether the answers are {expected}"
        )
        yield RecordFinding(rule="other-kernel", message=message)


def _language(notebook: NotebookNode) -> str:
    metadata = notebook.metadata
    found = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name") or ""
    return str(found)


def _own_files(
    source: Source, submission: Submission, notebooks: Mapping[str, str], findings: list[RecordFinding]
) -> Iterator[tuple[str, bytes]]:
    """The learner's files, without those that cannot lie beside the author's: a file where a folder must be."""
    fixed = {*source.files, *(f"{stem}.ipynb" for stem in source.notebooks), "timestamp.txt"}
    taken, folders = set(fixed), _folders(*fixed)
    for name, data in _moved(submission.files, own_folder(notebooks), findings):
        if name in folders or not taken.isdisjoint(_folders(name)):
            message = f"{name[:200]}: left out, because the assignment has a file or folder in its place"
            findings.append(RecordFinding(rule="file-left-out", message=message))
        elif not is_notebook(name) and name not in notebooks.values():
            taken.add(name)
            folders |= _folders(name)
            yield name, data


def _folders(*names: str) -> set[str]:
    """The folders in which files lie, and those in which these lie."""
    return {str(parent) for name in names for parent in PurePosixPath(name).parents}


def _moved(files: Mapping[str, bytes], folder: str, findings: list[RecordFinding]) -> Iterator[tuple[str, bytes]]:
    """The files where their notebooks look for them: in real folders, and out of the one in which all was packed."""
    for name, data in files.items():
        better = name.replace("\\", "/")
        parts = better.split("/")
        if ":" in parts[0] or not all(part not in {"", ".", ".."} for part in parts):
            better = name
        better = better.removeprefix(folder)
        if better != name and better not in files and better and not is_notebook(name):
            message = f"{name[:200]} was put where the notebook looks for it, as {better[:200]}"
            findings.append(RecordFinding(rule="moved-file", message=message))
            yield better, data
        else:
            yield name, data
