"""The one door to nbgrader: no other module of ours imports it.

What comes through the door is plain data (paths, settings, notebook text) and nbgrader's own tables, so that a change
in nbgrader is mended here. nbgrader's preprocessors are used as they are: a student version made here is nbgrader's.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader import api, dbutil, utils
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    Execute,
    IncludeHeaderFooter,
    InstantiateTests,
    LockCells,
    SaveCells,
)
from nbgrader.preprocessors.latesubmissions import AssignLatePenalties
from sqlalchemy import inspect, text
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from authoring import database
from authoring.errors import CoursewrightError

# The order of nbgrader's GenerateAssignment, cut where it saves the cells: what is before the cut is the template that
# submissions are graded against, what is after it takes the hidden tests out.
_TEMPLATE = (
    IncludeHeaderFooter,
    InstantiateTests,
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
)
_RELEASE = (ClearHiddenTests, ClearMarkScheme, ComputeChecksums, CheckCellMetadata)


class _SaveCellsAtOnce(SaveCells):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's own, in one transaction.

    It commits after every cell, which takes a third of a build; and ended half-way it would leave a notebook that the
    gradebook knows without its cells.
    """

    def _create_notebook(self, nb: Any) -> None:
        session = self.gradebook.db
        commit, session.commit = session.commit, session.flush
        try:
            super()._create_notebook(nb)
        finally:
            session.commit = commit
        session.commit()


@dataclass(frozen=True)
class NbgraderCourse:
    """A course folder as nbgrader sees it: where things are, and what its configuration says about grading."""

    root: Path
    course_id: str
    db_url: str
    ignore: tuple[str, ...]
    cell_timeout: float | None  # seconds, None: no limit; only when the configuration sets it, otherwise -1
    _config: Config
    _directory: CourseDirectory

    def source(self, assignment: str) -> Path:
        """Where the author's notebooks of an assignment are."""
        return self._path(self._directory.source_directory, ".", assignment)

    def release(self, assignment: str) -> Path:
        """Where the student version goes."""
        return self._path(self._directory.release_directory, ".", assignment)

    def submitted(self, learner: str, assignment: str) -> Path:
        """Where a learner's submission lies."""
        return self._path(self._directory.submitted_directory, learner, assignment)

    def autograded(self, learner: str, assignment: str) -> Path:
        """Where Formgrader looks for the executed submission."""
        return self._path(self._directory.autograded_directory, learner, assignment)

    def feedback(self, learner: str, assignment: str) -> Path:
        """Where ``nbgrader release_feedback`` takes a learner's pages from."""
        return self._path(self._directory.feedback_directory, learner, assignment)

    @property
    def exchange(self) -> Path:
        """The root of the exchange, from which learners fetch."""
        from nbgrader.exchange.default import Exchange

        return Path(Exchange(coursedir=self._directory, config=self._config).root)

    @property
    def group_shared(self) -> bool:
        """Whether instructors share the course by their group."""
        return bool(self._directory.groupshared)

    def source_assignments(self) -> tuple[str, ...]:
        """The names of all folders with a notebook in them below the source folder, sorted."""
        return tuple(sorted({path.parent.name for path in self.source("*").parent.glob("*/*.ipynb")}))

    def known_source(self, assignment: str) -> Path:
        """Where the author's notebooks of an assignment are.

        Raises:
            CoursewrightError: there is no such assignment.
        """
        known = self.source_assignments()
        if assignment not in known:
            names = ", ".join(known) or "none at all"
            raise CoursewrightError(
                f"{self.root} has no assignment {assignment}: name one of the course's assignments ({names})."
            )
        return self.source(assignment)

    def learners(self, assignment: str) -> tuple[str, ...]:
        """Who has a folder among the submissions of an assignment, sorted; folders with a dot in front are nobody's."""
        pattern = self.submitted("*", assignment)
        position = pattern.relative_to(self.root).parts.index("*")
        found = self.root.glob(str(pattern.relative_to(self.root)))
        names = {path.relative_to(self.root).parts[position] for path in found if path.is_dir()}
        return tuple(sorted(name for name in names if not name.startswith(".")))

    def _path(self, step: str, learner: str, assignment: str) -> Path:
        # normalised as nbgrader does for its "." learner, without following links
        return Path(self._directory.format_path(step, learner, assignment))


def open_course(root: Path) -> NbgraderCourse:
    """The course in ``root``, with the settings of its ``nbgrader_config.py`` if it has one.

    Raises:
        CoursewrightError: the configuration cannot be read.
    """
    root = root.resolve()
    config = _read_config(root)
    config.CourseDirectory.root = str(root)
    for name in ("header", "footer"):  # nbgrader reads them relative to the root, wherever it is called from
        if name in config.IncludeHeaderFooter:
            config.IncludeHeaderFooter[name] = str(root / config.IncludeHeaderFooter[name])
    directory = CourseDirectory(config=config)
    return NbgraderCourse(
        root=root,
        course_id=directory.course_id or root.name,
        db_url=directory.db_url,
        ignore=tuple(directory.ignore),
        cell_timeout=_cell_timeout(config),
        _config=config,
        _directory=directory,
    )


def _read_config(root: Path) -> Config:
    if not (root / "nbgrader_config.py").is_file():
        return Config()
    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    except Exception as error:
        raise CoursewrightError(
            f"{root / 'nbgrader_config.py'} cannot be read ({type(error).__name__}: {error}): "
            "mend it, or try it with `nbgrader --help-all`."
        ) from error


def _cell_timeout(config: Config) -> float | None:
    for section in ("Execute", "ExecutePreprocessor"):
        if "timeout" in config[section]:
            value = config[section]["timeout"]
            return None if value is None or value < 0 else float(value)
    return -1.0


def template(course: NbgraderCourse, notebook: Path) -> str:
    """The notebook that submissions are graded against: solutions cleared, hidden tests still in it, as JSON."""
    return _convert(course, notebook, _TEMPLATE)


def student_version(course: NbgraderCourse, notebook: Path) -> str:
    """The notebook that learners get, byte for byte as ``nbgrader generate_assignment`` writes it."""
    return _convert(course, notebook, _TEMPLATE + _RELEASE)


def register(course: NbgraderCourse, assignment: str, notebooks: Sequence[Path]) -> None:
    """Write the assignment and its cells into the gradebook, as ``nbgrader generate_assignment`` does.

    Raises:
        CoursewrightError: there are submissions, and notebooks or cells were added or taken away.
    """
    with gradebook(course) as book:
        book.update_or_create_assignment(assignment)
        known = {notebook.name for notebook in book.find_assignment(assignment).notebooks}
        gone = known - {path.stem for path in notebooks}
        if gone and book.find_assignment(assignment).submissions:
            raise CoursewrightError(
                f"{course.source(assignment)}: notebook {min(gone)} is gone from the source, but learners have "
                "handed it in: put it back, or remove the submissions from the gradebook first."
            )
        for name in gone:
            book.remove_notebook(name, assignment)
    for notebook in notebooks:
        _convert(course, notebook, (*_TEMPLATE, _SaveCellsAtOnce))


def _convert(course: NbgraderCourse, notebook: Path, preprocessors: Sequence[type]) -> str:
    config = course._config.copy()
    config["Exporter"].default_preprocessors = []
    exporter = NotebookExporter(config=config)
    for preprocessor in preprocessors:
        exporter.register_preprocessor(preprocessor(parent=exporter), enabled=True)
    resources = {
        "unique_key": notebook.stem,
        "nbgrader": {
            "student": ".",
            "assignment": notebook.parent.name,
            "notebook": notebook.stem,
            "db_url": course.db_url,
        },
    }
    try:
        converted, _ = exporter.from_filename(str(notebook), resources=resources)
    except Exception as error:
        mend = "mend the notebook, `coursewright check` says where"
        if "there are submissions associated" in str(error):
            mend = "put the cells back as they were, or remove its submissions from the gradebook"
        raise CoursewrightError(
            f"{notebook}: nbgrader cannot make a student version of it ({_first_line(error)}): {mend}."
        ) from error
    return str(converted)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@contextmanager
def gradebook(course: NbgraderCourse) -> Iterator[Any]:
    """nbgrader's own ``Gradebook``, closed at the end; made with its tables if it does not exist."""
    _create_tables(course.db_url)
    with database.explained(course.db_url), api.Gradebook(course.db_url, course.course_id) as book:
        yield book


def _create_tables(db_url: str) -> None:
    """Make the tables and note their revision; nbgrader would start the program ``alembic`` from PATH for that."""
    with database.reading(db_url) as connection:
        if inspect(connection).get_table_names():
            return
    from alembic.script import ScriptDirectory

    with database.writing(db_url) as connection:
        revision = ScriptDirectory(dbutil.ALEMBIC_DIR).get_current_head()
        api.Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})


def tables() -> dict[str, Any]:
    """nbgrader's tables by name, as SQLAlchemy ``Table`` objects, for writing in bulk."""
    return dict(api.Base.metadata.tables)


def parse_timestamp(stamp: str) -> datetime | None:
    """The moment that a ``timestamp.txt`` tells; None when it is empty.

    Raises:
        CoursewrightError: it tells none.
    """
    stamp = stamp.strip()[:100]
    if not stamp:
        return None
    try:
        moment: datetime = utils.parse_utc(stamp)
        return moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise CoursewrightError(f"{stamp!r} is no time; write one such as 2026-09-14 23:59:00 UTC.") from error


def determine_grade(cell: Any) -> tuple[float | None, float]:
    """nbgrader's own score of an executed cell: (points, or None when a person must give them; maximum).

    Raises:
        ValueError: the cell's value is above its maximum; nbgrader then fails the whole submission.
    """
    return utils.determine_grade(cell)  # type: ignore[no-any-return]


def late_penalty(course: NbgraderCourse, learner: str, score: float, seconds_late: float) -> float | None:
    """The points that the course's late-submission plugin takes from a notebook, between 0 and the score.

    None when the plugin has nothing to say.

    Raises:
        CoursewrightError: the plugin raised.
    """
    preprocessor = AssignLatePenalties(config=course._config)
    try:
        preprocessor.init_plugin()
        penalty = preprocessor.plugin_inst.late_submission_penalty(learner, score, seconds_late)
        return None if penalty is None else min(max(float(penalty), 0.0), score)
    except Exception as error:
        name = preprocessor.plugin_class.__name__
        raise CoursewrightError(
            f"{course.root / 'nbgrader_config.py'}: the late-submission plugin {name} raised "
            f"{type(error).__name__} ({_first_line(error)}) for {learner}: mend it."
        ) from error


def copy_files(course: NbgraderCourse, source: Path, destination: Path) -> None:
    """Copy everything but the notebooks and what the course ignores, as nbgrader does."""
    for path in supporting_files(course, source):
        target = destination / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
        target.chmod(0o644)


def supporting_files(course: NbgraderCourse, folder: Path) -> tuple[Path, ...]:
    """The files below an author's folder that are neither notebooks nor ignored by the course, sorted.

    A link to a file counts as the file, as in nbgrader: courses share data sheets so.
    """
    return tuple(
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix != ".ipynb"
        and not any(fnmatch(part, glob) for part in path.relative_to(folder).parts for glob in course.ignore)
    )


DEFAULT_CELL_TIMEOUT = float(Execute.timeout.default_value)
"""Seconds a cell may run where neither course nor configuration says anything: nbgrader's own default."""


def compute_checksum(cell: Any) -> str:
    """Nbgrader's checksum over a cell's text, type, flags, id and points."""
    return str(utils.compute_checksum(cell))
