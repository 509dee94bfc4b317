"""Weights from which no course grade can be made.

If the weights of the categories do not sum to 1, nobody can reach 100 %, or everybody passes too easily; a weight
whose category has no assignments can never be earned.
"""

from collections.abc import Iterator
from decimal import Decimal

from authoring.check.context import Context
from authoring.check.finding import Finding, Severity

NAME = "weights"


def find(context: Context) -> Iterator[Finding]:
    """Findings about the sum, and about each category."""
    if context.course is None or not context.is_course:
        return
    course, place = context.course, context.course_place
    total = sum((category.weight for category in course.categories), Decimal(0))
    if total != 1:
        message = f"the weights of the categories sum to {total}, not to 1"
        yield place.finding(NAME, Severity.ERROR, message, "Change the weights under [[categories]].")
    for category in course.categories:
        counted = sum(assignment.category == category.id for assignment in course.assignments)
        if counted == 0 and category.weight > 0:
            message = f"no assignment counts in the category {category.id}, which has the weight {category.weight}"
            mend = f'Give an assignment `category = "{category.id}"`, or remove the category.'
            yield place.finding(NAME, Severity.WARNING, message, mend)
        elif counted and category.drop_lowest >= counted:
            message = (
                f"the category {category.id} drops the {category.drop_lowest} lowest scores and has {counted} in all"
            )
            yield place.finding(NAME, Severity.ERROR, message, "Lower its `drop_lowest`.")
