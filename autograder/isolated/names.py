"""Which names a cell uses, binds and deletes, found in its text alone.

A name counts as loaded if it is looked up among the global names anywhere in the cell, also inside a function.
"""

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_MAGIC = re.compile(r"^\s*(%|!)")
_MOVES = re.compile(r"\bchdir\b|^\s*%(cd|pushd)\b", re.MULTILINE)
_ALL_NAMES = frozenset({"globals", "locals", "vars", "dir"})


@dataclass(frozen=True)
class Names:
    """The names of a cell."""

    loaded: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()  # at the cell's top level, in whatever way, ``global`` in a function included
    deleted: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()  # bound by ``class``
    imported: frozenset[str] = frozenset()  # bound by ``import`` of either kind
    modules: tuple[tuple[str, str], ...] = ()  # (name, module) of whole modules that the top level imports

    @property
    def wants_all(self) -> bool:
        """Whether the cell looks at namespaces as a whole."""
        return bool(self.loaded & _ALL_NAMES)


_known: dict[str, Names] = {}


def remember(known: Mapping[str, Names]) -> None:
    """Take from here on what was found in these texts before: a batch reads the author's cells once."""
    _known.update(known)


def names_of(source: str) -> Names:
    """The names of a cell; none if it cannot be parsed, which is for its execution to say."""
    found = _known.get(source)
    return _found_in(source) if found is None else found


def _found_in(source: str) -> Names:
    text = _without_magics(source)
    tree = _parse(text)
    if tree is None:
        return Names()
    visitor = _TopLevel()
    visitor.visit(tree)
    return Names(
        frozenset(_loaded(text, tree) | visitor.augmented),
        frozenset(visitor.bound),
        frozenset(visitor.deleted),
        frozenset(visitor.classes),
        frozenset(visitor.imported),
        tuple(_modules(tree).items()),
    )


def parse(source: str) -> ast.Module | None:
    """The tree of a cell, in which lines with magics count as blank; None if there is no way to read it."""
    return _parse(_without_magics(source))


def _without_magics(source: str) -> str:
    if source.lstrip().startswith("%%"):
        source = source.lstrip().partition("\n")[2]
    if "%" not in source and "!" not in source:
        return source
    return "\n".join(_MAGIC.split(line)[0] + "pass" if _MAGIC.match(line) else line for line in source.split("\n"))


def _parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _loaded(text: str, tree: ast.Module) -> set[str]:
    try:
        return set(_globals_of(symtable.symtable(text, "cell", "exec")))
    except (SyntaxError, ValueError, RecursionError):  # it parses, but cannot be compiled
        return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _globals_of(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or not symbol.is_local() or table.get_type() == "module"):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _globals_of(inner)


class _TopLevel(ast.NodeVisitor):
    """Collects what is bound in the cell's own scope."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.deleted: set[str] = set()
        self.classes: set[str] = set()
        self.imported: set[str] = set()
        self.augmented: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.bound.add(node.id)
        elif isinstance(node.ctx, ast.Del):
            self.deleted.add(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.augmented.add(node.target.id)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.bound.add(node.name)
        self._inside(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bound.add(node.name)
        self.classes.add(node.name)
        self._inside(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Nothing that a lambda binds is the cell's."""

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        names = {alias.asname or alias.name.split(".")[0] for alias in node.names}
        self.bound |= names
        self.imported |= names

    visit_ImportFrom = visit_Import  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bound.add(node.name)
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.AST) -> None:
        """A comprehension has a scope of its own, except for ``:=``."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr) and isinstance(inner.target, ast.Name):
                self.bound.add(inner.target.id)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815

    def _inside(self, node: ast.AST) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                self.bound.update(inner.names)


@dataclass(frozen=True)
class Reference:
    """What the author's own solution tells about names: which of them are the learner's to define."""

    bound: frozenset[str] = frozenset()  # by its solution cells, imports left out
    classes: frozenset[str] = frozenset()
    loaded: frozenset[str] = frozenset()  # by its solution cells, and by the cells that are given
    modules: tuple[tuple[str, str], ...] = ()  # (name, module) of whole modules that its solution cells import
    of_tests: frozenset[str] = frozenset()  # bound by tests, and by nothing else of the author's
    moves: bool = False  # whether anything of the author's changes the working directory

    @property
    def builtin_names(self) -> frozenset[str]:
        """Python's own names that the learner is to define anew."""
        return frozenset(name for name in self.bound if hasattr(builtins, name))


def reference_of(solutions: Iterable[str], given: Iterable[str] = (), tests: Iterable[str] = ()) -> Reference:
    """The reference, from the texts of the author's solution cells, of the cells that are given, and of the tests."""
    solutions, given, tests = tuple(solutions), tuple(given), tuple(tests)
    bound: set[str] = set()
    classes: set[str] = set()
    loaded: set[str] = set()
    modules: dict[str, str] = {}
    for source in solutions:
        names = names_of(source)
        bound |= names.bound - names.imported
        classes |= names.classes
        loaded |= names.loaded
        modules |= names.modules
    elsewhere = set(bound)
    for source in given:
        loaded |= names_of(source).loaded
        elsewhere |= names_of(source).bound
    of_tests = set[str]().union(*(names_of(source).bound for source in tests)) - elsewhere
    return Reference(
        bound=frozenset(bound),
        classes=frozenset(classes),
        loaded=frozenset(loaded),
        modules=tuple(sorted(modules.items())),
        of_tests=frozenset(of_tests if bound else ()),  # without a solution nobody knows what is whose
        moves=any(_MOVES.search(source) for source in (*solutions, *given, *tests)),
    )


def _modules(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
    return found
