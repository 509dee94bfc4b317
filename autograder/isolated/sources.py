"""``inspect.getsource`` of a learner's function, answered from the submitted text.

What the workspace says of its sources is not believed; the examiner knows the texts of the cells that it had run.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from autograder.isolated.classes import StandIn, is_stand_in
from autograder.isolated.names import parse

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Sources:
    """The texts of the submitted cells, in the order in which they ran."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, text: str) -> None:
        """A cell is about to run."""
        self._texts.append(text)

    def of(self, name: str) -> str:
        """The text of the newest function or class of that qualified name; OSError if there is none."""
        path = [part for part in name.split(".") if part != "<locals>"]
        for text in reversed(self._texts):
            node = _found(parse(text), path)
            if node is not None:
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                return textwrap.dedent("\n".join(text.split("\n")[first - 1 : node.end_lineno])) + "\n"
        raise OSError("could not get source code")

    def answer_inspect(self) -> None:
        """Have :mod:`inspect` ask here when a test asks for the source of something of the submission."""
        own: dict[str, Callable[[Any], Any]] = {
            name: getattr(inspect, name) for name in ("getsource", "getsourcelines")
        }

        def getsource(value: Any) -> Any:
            return self.of(value.__qualname__) if _is_theirs(value) else own["getsource"](value)

        def getsourcelines(value: Any) -> Any:
            if not _is_theirs(value):
                return own["getsourcelines"](value)
            return self.of(value.__qualname__).splitlines(keepends=True), 1

        vars(inspect).update(getsource=getsource, getsourcelines=getsourcelines)


def _found(tree: ast.Module | None, path: list[str]) -> _Definition | None:
    """The last definition of a function or class behind a path of names."""
    place: ast.Module | _Definition | None = tree
    for name in path:
        body = [] if place is None else place.body
        place = next((one for one in reversed(body) if isinstance(one, _Definition) and one.name == name), None)
    return place if isinstance(place, _Definition) else None


def _is_theirs(value: object) -> bool:
    return is_stand_in(value) or type(value) is StandIn
