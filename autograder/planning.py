"""What a batch is: which submissions of an assignment are to be graded, against what, and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from authoring import nbgrader_api
from authoring.course import Assignment, Course, LatePolicy
from authoring.course_file import load_course
from authoring.errors import CoursewrightError
from authoring.nbgrader_api import NbgraderCourse
from autograder.grading import Policy
from autograder.limits import assignment_of, limits_for
from autograder.source import Source, load_source


@dataclass(frozen=True)
class Batch:
    """What is to be graded, and how."""

    course: NbgraderCourse
    course_id: str
    source: Source
    policy: Policy
    learners: tuple[str, ...]
    late: LatePolicy | None  # None: nbgrader's own plugin decides
    due: datetime | None


def plan(
    root: Path,
    assignment: str,
    *,
    learners: Sequence[str] = (),
    isolated: bool = True,
    nbgrader_rules: bool = False,
) -> Batch:
    """Find the submissions and make sure that the gradebook knows the assignment.

    Args:
        root: a course folder; it need not have a ``course.toml``.
        assignment: the name of a folder below ``source/``.
        learners: nbgrader's student ids; everybody who handed something in when empty.
        isolated: lock submissions in.
        nbgrader_rules: read outputs exactly as nbgrader does.

    Raises:
        CoursewrightError: there is no such assignment, or a learner handed nothing in.
    """
    course = nbgrader_api.open_course(root)
    if assignment not in course.source_assignments():
        names = ", ".join(course.source_assignments()) or "none at all"
        raise CoursewrightError(
            f"{course.root} has no assignment {assignment}: name one of the course's assignments ({names})."
        )
    described = load_course(root) if (root / "course.toml").is_file() else None
    found = course.learners(assignment)
    for learner in learners:
        if learner not in found:
            raise CoursewrightError(
                f"{course.submitted(learner, assignment)} is not there: {learner} handed nothing in for {assignment}."
            )
    source = load_source(course, course.source(assignment))
    nbgrader_api.register(course, assignment, sorted(course.source(assignment).glob("*.ipynb")))
    known = assignment_of(described, assignment)
    return Batch(
        course=course,
        course_id=described.id if described else course.course_id,
        source=source,
        policy=Policy(limits_for(course, described, assignment), isolated, nbgrader_rules),
        learners=tuple(dict.fromkeys(learners)) or found,
        late=_late_policy(described, known),
        due=described.due_at(known) if described and known else None,
    )


def _late_policy(course: Course | None, assignment: Assignment | None) -> LatePolicy | None:
    if course is None:
        return None
    categories = {category.id: category for category in course.categories}
    return categories[assignment.category].late if assignment and assignment.category else LatePolicy()
