"""Where a regrade waits to be looked at: beside the course's records, and no part of them.

``.coursewright/regrade/<assignment>/`` holds what the machine says of each submission now, the notebooks as they ran,
and what was shown to whoever decides.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from authoring.errors import CoursewrightError
from autograder.files import replace
from autograder.flow import Finished
from autograder.preparing import Prepared
from autograder.record import GradeRecord, from_json, to_json

_FOLDER = Path(".coursewright", "regrade")
_RECORD, _EXECUTED, _SHOWN = "record.json", "executed", "shown.json"


class Hashes(msgspec.Struct, frozen=True):
    """A learner's record as it was, and as it would be."""

    before: str
    after: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a decision rests on, so that it can be seen whether it still holds."""

    source: str
    environment: str
    grader: str
    isolated: bool
    nbgrader_rules: bool
    records: Mapping[str, Hashes]  # by learner


class Staging:
    """The waiting place of one assignment."""

    def __init__(self, root: Path, assignment: str) -> None:
        self._folder = root / _FOLDER / assignment

    def record(self, learner: str) -> GradeRecord | None:
        """What the machine said of a learner's submission the last time, if it was asked."""
        path = self._folder / "learners" / learner / _RECORD
        try:
            return from_json(path.read_bytes()) if path.is_file() else None
        except msgspec.DecodeError:
            return None  # it is made again

    def keep(self, one: Finished) -> None:
        """Keep a submission that has run."""
        place = self._folder / "learners" / one.record.learner
        temporary = place.with_name(f".{place.name}.new")
        for folder in (temporary, place):
            shutil.rmtree(folder, ignore_errors=True)
        (temporary / _EXECUTED).mkdir(parents=True)
        for stem, data in one.executed.items():
            (temporary / _EXECUTED / f"{stem}.ipynb").write_bytes(data)
        (temporary / _RECORD).write_bytes(to_json(one.record))
        temporary.rename(place)

    def finished(self, prepared: Prepared) -> Finished:
        """A submission as it was kept.

        Raises:
            CoursewrightError: it is not there.
        """
        learner = prepared.submission.learner
        record = self.record(learner)
        if record is None:
            raise CoursewrightError(f"{self._folder}: {learner} is not in it: look at the regrade again first.")
        folder = self._folder / "learners" / learner / _EXECUTED
        return Finished(
            submission=prepared.submission,
            record=record,
            executed={path.stem: path.read_bytes() for path in sorted(folder.glob("*.ipynb"))},
            beside=prepared.files,
            handed_in=frozenset(prepared.notebooks),
            unanswered=prepared.unanswered,
            cpu_seconds=0.0,
        )

    def show(self, shown: Shown) -> None:
        """Note what was shown."""
        self._folder.mkdir(parents=True, exist_ok=True)
        replace(self._folder / _SHOWN, msgspec.json.encode(shown, order="sorted") + b"\n")

    def shown(self) -> Shown:
        """What was shown last.

        Raises:
            CoursewrightError: nothing was.
        """
        path = self._folder / _SHOWN
        try:
            return msgspec.json.decode(path.read_bytes(), type=Shown)
        except (OSError, msgspec.DecodeError) as error:
            raise CoursewrightError(
                f"{path} is not there, so nobody has seen what would change: run the command without --apply first."
            ) from error

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._folder, ignore_errors=True)
