"""Submissions become grade records.

Grading happens in :mod:`autograder.grading` (one submission) and :mod:`autograder.batch` (a class); cells are executed
by :mod:`autograder.engine` and turned into points by :mod:`autograder.scoring`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.grading import Policy, grade

__all__ = ["Policy", "grade"]


def __getattr__(name: str) -> Any:
    # nbformat and nbgrader are heavy: whoever only reads records does not wait for them
    if name in __all__:
        from autograder import grading

        return getattr(grading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
