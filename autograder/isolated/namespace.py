"""Where the names of a test come from: the author, Python, or the workspace.

1. What the author's cells and tests have bound here, and Python's own names, keep their meaning. Only other names come
   from the workspace. Exceptions, where the author's own solution is known: what it binds is the learner's to bind,
   Python's own names included; whole modules that it imports are the author's too.
2. Before each test the names that it, and everything of the author's that ran before it, may use are bound anew; what
   changes while the test runs is bound again.
3. A name that none of this finds (in ``eval``, in a magic) is asked for when Python misses it.
4. What a test binds or deletes goes to the workspace only if the released text of the test does so, and the learner's
   code uses the name (and the author's solution, where it is known, does too). Hidden expected values stay here.
"""

import builtins
import sys
from collections.abc import Callable, Iterator
from typing import Any

from autograder.isolated.names import Names, Reference

_MISSING = object()
Ask = Callable[..., Any]


class Namespace:
    """The namespace of the examiner's shell.

    Args:
        names: the shell's dictionary.
        solution: what the author's own solution says about names, where it is known.
        ask: how the workspace is asked.
    """

    def __init__(self, names: dict[str, Any], solution: Reference | None, ask: Ask) -> None:
        self._names = names
        self._solution = solution
        self._ask = ask
        self._bound: dict[str, Any] = {}  # from the workspace, as they were bound
        self._pushed: dict[str, Any] = {}  # to the workspace, as they were pushed
        self._author_bound: set[str] = set()
        self._wanted: set[str] = set()
        self._learner_loads: set[str] = set()
        self._learner_binds: set[str] = set()
        self._pushable: frozenset[str] = frozenset()
        self._watched: frozenset[str] = frozenset()  # by the workspace, which tells when they mean something else
        self._all = False
        names["__builtins__"] = LazyBuiltins(self._missed, self._import)
        self._put_modules()

    def _put_modules(self) -> None:
        """Bind the modules that the author's solution imports."""
        for name, module in () if self._solution is None else self._solution.modules:
            if module in sys.modules:
                self._names[name] = sys.modules[module]
                self._author_bound.add(name)

    # cells ------------------------------------------------------------------------------------------------------------

    def learner_cell(self, names: Names) -> None:
        """A submitted cell, or an author's, runs in the workspace: it may bind what is the learner's to bind."""
        self._watched = frozenset()
        self._learner_loads |= names.loaded
        self._learner_binds |= names.bound
        for name in names.bound & self._names.keys():
            if self._is_learners(name):
                del self._names[name]
                self._bound.pop(name, None)
                self._pushed.pop(name, None)

    def _is_learners(self, name: str) -> bool:
        if self._solution is not None:
            return name in self._solution.bound
        return name not in self._author_bound

    def author_cell(self, names: Names) -> None:
        """A part of an author's cell ran here: what it bound stays."""
        self._author_bound |= names.bound
        self._wanted |= names.loaded
        for name in names.bound:
            self._bound.pop(name, None)

    def begin_test(self, names: Names, released: Names) -> None:
        """Bind what a test may use."""
        self._wanted |= names.loaded | names.deleted
        self._all = names.wants_all
        bound = released.bound if self._solution is None else released.bound & self._solution.loaded
        self._pushable = frozenset((bound | released.deleted) & self._learner_loads)
        wanted = set(self._wanted)
        if self._all:
            wanted |= {name for name in self._ask("names") if type(name) is str}
        asked = tuple(sorted(name for name in wanted if self._may_come(name)))
        if self._watched.issuperset(asked):  # by the test before: the workspace has told of every change since
            found = {name: self._bound[name] for name in asked if name in self._bound}
        else:
            found = dict(self._ask("bind", asked))
            self._watched = frozenset(asked)
        for name in self._bound.keys() - found.keys():
            if self._names.get(name, _MISSING) is self._bound[name]:
                del self._names[name]
        self._bound = {name: value for name, value in found.items() if name in asked}
        self._names.update(self._bound)

    def end_test(self, *, told: bool) -> None:
        """What the test bound is now the author's.

        Args:
            told: the caller asks something now, with which the pushes go, and which ends the watch over names.
        """
        self._all = False
        if told:
            self._watched = frozenset()

    def _may_come(self, name: str) -> bool:
        """Whether a name is the workspace's to say."""
        if name.startswith("__") or not name.isidentifier():
            return False
        if name in self._names:
            return name in self._bound and self._names[name] is self._bound[name]
        solution = self._solution
        return not hasattr(builtins, name) or (solution is not None and name in solution.builtin_names)

    # while a test runs ------------------------------------------------------------------------------------------------

    def rebound(self, name: str, *value: Any) -> None:
        """Learner code has bound a name anew, or deleted it."""
        if not self._may_come(name):
            return
        if value:
            self._names[name] = self._bound[name] = value[0]
        else:
            self._names.pop(name, None)
            self._bound.pop(name, None)

    def has_pushes(self) -> bool:
        """Whether :meth:`pushes` has anything to tell."""
        return any(self._now(name) is not self._before(name) for name in self._pushable)

    def _now(self, name: str) -> Any:
        return self._names.get(name, _MISSING)

    def _before(self, name: str) -> Any:
        return self._pushed.get(name, self._bound.get(name, _MISSING))

    def pushes(self) -> Iterator[tuple[Any, ...]]:
        """The names that the test has bound (with the value) or deleted since the last time."""
        for name in self._pushable:
            now = self._now(name)
            if now is self._before(name):
                continue
            self._pushed[name] = now
            if now is _MISSING:
                yield (name,)
            else:
                yield name, now

    def _missed(self, name: str) -> Any:
        """A name that Python has not found; raises KeyError if the workspace has not either."""
        if not isinstance(name, str) or not self._may_come(name):
            raise KeyError(name)
        found = dict(self._ask("bind", tuple(sorted({*self._bound, name}))))
        self._watched = frozenset({*self._bound, name})
        if name not in found:
            raise KeyError(name)
        self._bound[name] = self._names[name] = found[name]
        return found[name]

    def _import(self, name: str, names: Any = None, local: Any = None, attributes: Any = (), level: int = 0) -> Any:
        """``import`` in a test: from the trusted path, or else a stand-in for a module of the working folder."""
        try:
            return builtins.__import__(name, names, local, attributes, level)
        except ModuleNotFoundError as error:
            if level or error.name is None or error.name.split(".")[0] != name.split(".", maxsplit=1)[0]:
                raise
        found = self._ask("import", name)
        return found if attributes or "." not in name else self._ask("import", name.split(".", maxsplit=1)[0])


class LazyBuiltins(dict[str, Any]):
    """Python's own names, and behind them those that the workspace may know."""

    def __init__(self, missed: Callable[[str], Any], importer: Callable[..., Any]) -> None:
        super().__init__(vars(builtins))
        self["__import__"] = importer
        self._missed = missed

    def __missing__(self, name: str) -> Any:
        found = vars(builtins).get(name, _MISSING)  # what IPython has added since
        return self._missed(name) if found is _MISSING else found
