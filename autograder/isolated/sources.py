"""``inspect.getsource`` of a learner's function, answered from the submitted text.

What the workspace says of its sources is not believed; the examiner knows the texts of the cells that it had run.
"""

import ast
import inspect
from collections.abc import Callable
from typing import Any

from autograder.isolated.classes import StandIn, is_stand_in
from autograder.isolated.names import parse


class Sources:
    """The texts of the submitted cells, in the order in which they ran."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, text: str) -> None:
        """A cell is about to run."""
        self._texts.append(text)

    def of(self, name: str) -> str:
        """The text of the newest function or class of that name at a cell's top level; OSError if there is none."""
        for text in reversed(self._texts):
            tree = parse(text)
            for node in reversed([] if tree is None else tree.body):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
                    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                    return "\n".join(text.split("\n")[first - 1 : node.end_lineno]) + "\n"
        raise OSError("could not get source code")

    def answer_inspect(self) -> None:
        """Have :mod:`inspect` ask here when a test asks for the source of something of the submission."""
        own: dict[str, Callable[[Any], Any]] = {
            name: getattr(inspect, name) for name in ("getsource", "getsourcelines")
        }

        def getsource(value: Any) -> Any:
            return self.of(value.__name__) if _is_theirs(value) else own["getsource"](value)

        def getsourcelines(value: Any) -> Any:
            if not _is_theirs(value):
                return own["getsourcelines"](value)
            return self.of(value.__name__).splitlines(keepends=True), 1

        vars(inspect).update(getsource=getsource, getsourcelines=getsourcelines)


def _is_theirs(value: object) -> bool:
    return is_stand_in(value) or type(value) is StandIn
