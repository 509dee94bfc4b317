"""A submission made ready to run: which file is which notebook, and each rebuilt from its template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from authoring import cells
from authoring.notebook_file import NotebookError, read_notebook
from autograder.rebuild import Rebuilt, rebuild
from autograder.record import RecordFinding
from autograder.source import Source
from autograder.submission import Submission


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
    """Read the submitted notebooks, and rebuild each from its template."""
    notebooks: dict[str, Rebuilt] = {}
    broken: dict[str, str] = {}
    findings = list(submission.findings)
    handed_in = dict(_handed_in(source, submission, findings))
    for stem, data in handed_in.items():
        try:
            notebooks[stem] = rebuild(source.notebooks[stem], read_notebook(data, f"{stem}.ipynb"))
        except NotebookError as error:
            broken[stem] = str(error)
            findings.append(RecordFinding(rule="unreadable-notebook", message=str(error)))
    for rebuilt in notebooks.values():
        findings.extend(rebuilt.findings)
    missing = frozenset(source.notebooks) - handed_in.keys()
    findings.extend(
        RecordFinding(rule="missing-notebook", message=f"{stem}.ipynb was not handed in") for stem in sorted(missing)
    )
    files = {**dict(_own_files(source, submission, findings)), **source.files}
    return Prepared(submission, notebooks, missing, broken, files, tuple(findings))


def _own_files(source: Source, submission: Submission, findings: list[RecordFinding]) -> Iterator[tuple[str, bytes]]:
    """The learner's files, without those that cannot lie beside the author's: a file where a folder must be."""
    taken = {*source.files, *(f"{stem}.ipynb" for stem in source.notebooks), "timestamp.txt"}
    folders = {str(parent) for name in taken for parent in PurePosixPath(name).parents}
    for name, data in submission.files.items():
        if name in folders or any(str(parent) in taken for parent in PurePosixPath(name).parents):
            message = f"{name[:200]}: left out, because the assignment has a file or folder in its place"
            findings.append(RecordFinding(rule="file-left-out", message=message))
        elif not name.endswith(".ipynb"):
            yield name, data


def _handed_in(source: Source, submission: Submission, findings: list[RecordFinding]) -> Iterator[tuple[str, bytes]]:
    """The submitted bytes of each notebook; one that was renamed is recognised when nothing else can be meant."""
    absent = [stem for stem in source.notebooks if f"{stem}.ipynb" not in submission.files]
    expected = {f"{stem}.ipynb" for stem in source.notebooks}
    strangers = [name for name in submission.files if name.endswith(".ipynb") and name not in expected]
    for stem in source.notebooks:
        if stem not in absent:
            yield stem, submission.files[f"{stem}.ipynb"]
        elif len(absent) == len(strangers) == 1:
            message = f"{strangers[0][:200]} was taken for {stem}.ipynb, which was not handed in"
            findings.append(RecordFinding(rule="renamed-notebook", message=message))
            yield stem, submission.files[strangers[0]]
            strangers.clear()
    findings.extend(
        RecordFinding(rule="extra-notebook", message=f"{name[:200]} is not part of the assignment and was not graded")
        for name in strangers
    )
