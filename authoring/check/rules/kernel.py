"""Notebooks that name another kernel than the course's, or none.

JupyterLab asks the learner for a kernel, and the grader runs the code in an environment it was not written for.
"""

from collections.abc import Iterator, Mapping

from authoring.check.context import Context
from authoring.check.finding import Finding, Severity

NAME = "kernel"


def find(context: Context) -> Iterator[Finding]:
    """One finding for each notebook; without a ``course.toml``, only a missing kernel is one."""
    for notebook in context.notebooks:
        spec = notebook.node["metadata"].get("kernelspec", {})
        name = spec.get("name") if isinstance(spec, Mapping) else None
        wanted = context.course.kernel if context.course else None
        if not name:
            mend = f"Choose the kernel {wanted or 'python3'} in JupyterLab and save."
            yield notebook.place.finding(NAME, Severity.WARNING, "it names no kernel", mend)
        elif wanted is not None and name != wanted:
            message = f"it is for the kernel {name}, and the course's is {wanted}"
            mend = f"Choose the kernel {wanted} in JupyterLab and save, or change `kernel` in course.toml."
            yield notebook.place.finding(NAME, Severity.ERROR, message, mend)
