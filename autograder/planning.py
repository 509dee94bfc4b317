"""What a batch is: which submissions of an assignment are to be graded, against what, and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from authoring import nbgrader_api
from authoring.build import source_notebooks
from authoring.course_file import load_course
from authoring.errors import CoursewrightError
from authoring.nbgrader_api import NbgraderCourse
from autograder import groups
from autograder.arranged import read_arranged
from autograder.grading import Policy
from autograder.groups import HandedIn
from autograder.lateness import Lateness, lateness
from autograder.limits import limits_for
from autograder.record import GradeRecord
from autograder.source import Source, load_source


@dataclass(frozen=True)
class Batch:
    """What is to be graded, and how."""

    course: NbgraderCourse
    course_id: str
    source: Source
    policy: Policy
    submissions: tuple[HandedIn, ...]
    lateness: Lateness

    @property
    def learners(self) -> tuple[str, ...]:
        """Everybody who gets a record: of a group each member."""
        return tuple(member for one in self.submissions for member in one.members)

    def would_give(self, record: GradeRecord) -> bool:
        """Whether a record of the same files was made as this batch makes records: grading again gives the same."""
        own = (self.source.hash, self.policy.environment, self.policy.grader, self.course_id)
        return (record.source, record.environment, record.grader, record.course) == own


def plan(
    root: Path,
    assignment: str,
    *,
    learners: Sequence[str] = (),
    isolated: bool = True,
    nbgrader_rules: bool = False,
    register: bool = True,
) -> Batch:
    """Find the submissions and make sure that the gradebook knows the assignment.

    Args:
        root: a course folder; it need not have a ``course.toml``.
        assignment: the name of a folder below ``source/``.
        learners: nbgrader's student ids; everybody who handed something in when empty.
        isolated: lock submissions in.
        nbgrader_rules: read outputs exactly as nbgrader does.
        register: write the assignment's cells into the gradebook; otherwise nothing is written at all.

    Raises:
        CoursewrightError: there is no such assignment, or a learner handed nothing in.
    """
    course = nbgrader_api.open_course(root)
    folder = course.known_source(assignment)
    described = load_course(root) if (root / "course.toml").is_file() else None
    arranged = read_arranged(course, described)
    together = arranged.groups_of(assignment)
    found = groups.handed_in(course, assignment, together)
    everybody = {member for one in found for member in one.members}
    for learner in learners:
        if learner not in everybody:
            raise CoursewrightError(
                f"{course.submitted(learner, assignment)} is not there: {learner} handed nothing in for {assignment}."
            )
    source = load_source(course, folder)
    if register:
        nbgrader_api.register(course, assignment, source_notebooks(folder))
    return Batch(
        course=course,
        course_id=described.id if described else course.course_id,
        source=source,
        policy=Policy(limits_for(course, described, assignment), isolated, nbgrader_rules),
        submissions=groups.named(found, learners) if learners else found,
        lateness=lateness(course, described, assignment, arranged.arrangements, together),
    )
