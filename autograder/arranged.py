"""What a course's files say about single learners and about groups, read together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from authoring.course import AssignmentKind, Course
from authoring.nbgrader_api import NbgraderCourse
from autograder import arrangements, groups
from autograder.arrangements import Arrangement, read_arrangements, terms
from autograder.groups import Group, read_groups
from autograder.roster import read_roster


@dataclass(frozen=True)
class Arranged:
    """Everything that holds for some learners and not for others."""

    arrangements: Sequence[Arrangement] = ()
    groups: Mapping[str, Sequence[Group]] = field(default_factory=dict)  # by assignment

    def groups_of(self, assignment: str) -> Sequence[Group]:
        """Who hands in an assignment together."""
        return self.groups.get(assignment, ())

    def excused(self, learner: str, course: Course) -> frozenset[str]:
        """The assignments of a course, exams apart, that do not count for a learner."""
        own = [row for row in self.arrangements if row.learner == learner]
        return frozenset(
            each.id
            for each in course.assignments
            if each.kind is not AssignmentKind.EXAM and terms(own, learner, each.id, None).excused
        )


def read_arranged(course: NbgraderCourse, described: Course | None) -> Arranged:
    """What was arranged in a course; nothing where it has neither file.

    Raises:
        CoursewrightError: a file's first row that cannot be used.
    """
    if not any((course.root / name).is_file() for name in (arrangements.FILE_NAME, groups.FILE_NAME)):
        return Arranged()
    known = list(course.source_assignments())
    if described is not None:
        known += [
            each.id for each in described.assignments if each.kind is not AssignmentKind.EXAM and each.id not in known
        ]
    roster = read_roster(course, known)
    return Arranged(
        arrangements=read_arrangements(course.root, described, known, roster),
        groups=read_groups(course.root, known, roster),
    )
