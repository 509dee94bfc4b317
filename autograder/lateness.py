"""How late work is treated in one assignment, learner by learner: the due time, the policy, and what was arranged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from authoring import nbgrader_api
from authoring.course import Course, LatePolicy
from authoring.nbgrader_api import NbgraderCourse
from autograder import gradebook
from autograder.arrangements import Arrangement, Terms, terms
from autograder.groups import Group
from autograder.late import late_penalty, shared
from autograder.limits import assignment_of
from autograder.record import GradeRecord


@dataclass(frozen=True)
class Lateness:
    """What decides about late penalties in one assignment."""

    course: NbgraderCourse
    assignment: str
    policy: LatePolicy | None  # None: nbgrader's own plugin decides
    due: Mapping[str, datetime]  # by learner; under "" for everybody else
    arrangements: Sequence[Arrangement] = ()
    groups: Sequence[Group] = ()

    def terms(self, learner: str) -> Terms:
        """Until when the learner may hand in; of a group, every member has the best that any of them has."""
        members = next((group.members for group in self.groups if learner in group.members), (learner,))
        found = [self._own_terms(member) for member in members]
        moments = [one.due for one in found if one.due is not None]
        return Terms(
            due=max(moments) if len(moments) == len(found) else None,
            waived=any(one.waived for one in found),
            excused=self._own_terms(learner).excused,
        )

    def _own_terms(self, learner: str) -> Terms:
        return terms(self.arrangements, learner, self.assignment, self.due.get(learner, self.due.get("")))

    def penalties(
        self, record: GradeRecord, submitted_at: datetime | None, handed_in: Collection[str]
    ) -> Mapping[str, float]:
        """The points that lateness costs, by notebook; nothing for one that is not late or not there.

        Args:
            record: with a person's marks in it.
            submitted_at: when it was handed in; None if nobody knows, and then nothing is late.
            handed_in: the file stems of the notebooks that are there.
        """
        if record.score is None or submitted_at is None:
            return {}
        own, points = self.terms(record.learner), _points(record, handed_in)
        if own.waived:
            return {}
        if self.policy is not None:
            return shared(late_penalty(self.policy, record.score, own.due, submitted_at), points)
        if own.due is None or submitted_at <= own.due:
            return {}
        seconds = (submitted_at - own.due).total_seconds()
        asked = {
            name: nbgrader_api.late_penalty(self.course, record.learner, score, seconds)
            for name, score in points.items()
        }
        return {name: penalty for name, penalty in asked.items() if penalty is not None}


def charged(record: GradeRecord, penalties: Mapping[str, float]) -> GradeRecord:
    """The record with its late penalty, which is the sum of those of its notebooks."""
    return replace(record, late_penalty=round(sum(penalties.values(), 0.0), 9))


def lateness(
    course: NbgraderCourse,
    described: Course | None,
    assignment: str,
    arrangements: Sequence[Arrangement] = (),
    groups: Sequence[Group] = (),
) -> Lateness:
    """How late work is treated in an assignment, by ``course.toml`` if there is one, otherwise by the gradebook."""
    if described is None:
        due = gradebook.read_due(course, assignment)
        return Lateness(course, assignment, None, due, arrangements, groups)
    known = assignment_of(described, assignment)
    categories = {category.id: category for category in described.categories}
    policy = categories[known.category].late if known and known.category else LatePolicy()
    moment = described.due_at(known) if known else None
    return Lateness(course, assignment, policy, {} if moment is None else {"": moment}, arrangements, groups)


def _points(record: GradeRecord, handed_in: Collection[str]) -> dict[str, float]:
    """The points so far by notebook, of those that were handed in."""
    points = dict.fromkeys(sorted(handed_in), 0.0)
    for cell in record.cells:
        if cell.notebook in points:
            points[cell.notebook] += cell.score or 0.0
    return points
