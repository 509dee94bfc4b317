"""Where the names of a test come from: the author, Python, or the workspace.

1. What the author's cells and tests have bound here, and Python's own names, keep their meaning. Only other names come
   from the workspace. Exceptions, where the author's own solution is known: what it binds is the learner's to bind,
   Python's own names included; a whole module that it imports is the author's, if the answer binds its name at all.
2. Before each test the names that it, and everything of the author's that ran before it, may use are bound anew; what
   changes while the test runs is bound again.
3. A name that none of this finds (in ``eval``, in a magic) is asked for when Python misses it.
4. What a test binds goes to the workspace only if the released text of the test does so, and the learner's code uses
   the name (and the author's own code, where it is known, does too). Hidden expected values stay here. That a hidden
   test deletes a name, puts back what it meant, or binds what the workspace has made tells nothing that is expected: it
   goes there.
5. A name goes there with the next question; so a later answer can use what a test bound, too.
"""

import builtins
import sys
from collections.abc import Callable, Iterator
from typing import Any

from autograder.isolated.judges import Judges
from autograder.isolated.names import Names, Reference

_MISSING = object()
BACK = object()
"""Instead of a value: what was deleted is put back."""
Ask = Callable[..., Any]


class Namespace:
    """The namespace of the examiner's shell.

    Args:
        names: the shell's dictionary.
        solution: what the author's own solution says about names, where it is known.
        ask: how the workspace is asked.
        is_theirs: whether a value is one that the workspace knows anyway.
        judges: the author's own modules beside the notebook.
    """

    def __init__(
        self,
        names: dict[str, Any],
        solution: Reference | None,
        ask: Ask,
        is_theirs: Callable[[Any], bool],
        judges: Judges,
    ) -> None:
        self._names = names
        self._solution = solution
        self._ask = ask
        self._is_theirs = is_theirs
        self._judges = judges
        self._bound: dict[str, Any] = {}  # from the workspace, as they were bound
        self._pushed: dict[str, Any] = {}  # to the workspace, as they were pushed
        self._author_bound: set[str] = set()
        self._wanted: set[str] = set()
        self._learner_loads: set[str] = set()
        self._learner_binds: set[str] = set()
        self._offered: set[str] = set()  # bound by the released text of a test
        self._hidden: frozenset[str] = frozenset()  # bound or deleted by hidden text of the test that runs
        self._deleted: frozenset[str] = frozenset()  # by that test
        self._withheld: dict[str, Any] = {}  # values from hidden text, of names that are offered by now
        self._pushable: frozenset[str] = frozenset()
        self._present: dict[str, Any] = {}  # when the test that runs began
        self._taken: set[str] = set()  # deleted by it, in the workspace too
        self._pending: list[tuple[Any, ...]] = []
        self._all = False
        names["__builtins__"] = LazyBuiltins(self._missed, self._import)
        self._modules = {
            name: sys.modules[module] for name, module in (solution or Reference()).modules if module in sys.modules
        }

    # cells ------------------------------------------------------------------------------------------------------------

    def learner_cell(self, names: Names) -> None:
        """A submitted cell, or an author's, runs in the workspace: it may bind what is the learner's to bind."""
        self._learner_loads |= names.loaded
        self._learner_binds |= names.bound
        self._hidden = self._deleted = frozenset()
        self._decide()
        self._pending = list(self._changes())  # the cell may load a name before it binds it anew
        self._offered -= names.bound
        self._decide()
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
        self._offered -= names.bound
        self._decide()
        for name in names.bound:
            self._bound.pop(name, None)

    def begin_test(self, names: Names, released: Names) -> None:
        """Bind what a test may use."""
        self._wanted |= names.loaded | names.deleted
        self._all = names.wants_all
        for name in released.bound - self._offered:
            self._withheld[name] = self._names.get(name, _MISSING)
        self._offered = (self._offered - names.bound) | released.bound | released.deleted
        self._hidden = names.bound | names.deleted
        self._deleted = names.deleted
        self._decide()
        wanted = set(self._wanted)
        if self._all:
            wanted |= {name for name in self._ask("names") if type(name) is str}
        asked = tuple(sorted(name for name in wanted if self._may_come(name)))
        found = {name: self._trusted(name, value) for name, value in self._ask("bind", asked)}
        for name in self._bound.keys() - found.keys():
            if self._names.get(name, _MISSING) is self._bound[name]:
                del self._names[name]
        self._bound = {name: value for name, value in found.items() if name in asked}
        self._names.update(self._bound)
        self._present = dict(self._names)
        self._taken = set()

    def end_test(self) -> None:
        """What the test bound is now the author's; the caller asks something, with which the pushes go."""
        self._all = False

    def _trusted(self, name: str, value: Any) -> Any:
        """The value, or the module that the author's solution imports under that name."""
        return self._modules.get(name, value)

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
            self._names[name] = self._bound[name] = self._trusted(name, value[0])
            self._pushed.pop(name, None)
        else:
            self._names.pop(name, None)
            self._bound.pop(name, None)

    def _decide(self) -> None:
        """Find out which names concern the learner's code."""
        self._pushable = frozenset((self._offered | self._hidden) & self._learner_loads) | self._deleted

    def pushes(self) -> Iterator[tuple[Any, ...]]:
        """The names that tests have bound (with the value) or deleted since the last time."""
        pending, self._pending = self._pending, []
        yield from pending
        yield from self._changes()

    def _changes(self) -> Iterator[tuple[Any, ...]]:
        for name in self._pushable:
            now = self._names.get(name, _MISSING)
            if now is self._pushed.get(name, self._meant(name)):
                continue
            if now is _MISSING:
                self._taken.add(name)
                yield (name,)
            elif name in self._taken and now is self._meant(name):
                self._taken.discard(name)
                yield name, BACK
            elif self._may_go(name, now):
                yield name, now
            else:
                continue
            self._pushed[name] = now

    def _meant(self, name: str) -> Any:
        """What a name meant when the test began, or since learner code bound it anew."""
        return self._bound.get(name, self._present.get(name, _MISSING))

    def _may_go(self, name: str, value: Any) -> bool:
        """Whether the workspace may learn that a name means this."""
        is_used = self._solution is None or name in self._solution.loaded
        if is_used and name in self._offered and self._withheld.get(name, _MISSING) is not value:
            return True
        return self._is_theirs(value)

    def _missed(self, name: str) -> Any:
        """A name that Python has not found; raises KeyError if the workspace has not either."""
        if not isinstance(name, str) or name in self._present or not self._may_come(name):
            raise KeyError(name)  # if it was there when the test began, the test has deleted it
        found = dict(self._ask("bind", tuple(sorted({*self._bound, name}))))
        if name not in found:
            raise KeyError(name)
        self._bound[name] = self._names[name] = self._trusted(name, found[name])
        return self._names[name]

    def _import(self, name: str, names: Any = None, local: Any = None, attributes: Any = (), level: int = 0) -> Any:
        """``import`` in a test: from the trusted path, the author's helpers, or a stand-in for a learner's module."""
        try:
            self._judges.offer(name)
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
