"""Code cells as syntax trees: what they define, change, use and call."""

import ast
import builtins
import re
from collections.abc import Iterator

_LINE_MAGIC = re.compile(r"^(\s*)([%!?].*|.*[^?\s]\?{1,2})$")
_BUILT_IN = frozenset(dir(builtins))
_HARMLESS_CELL_MAGIC = re.compile(r"\A\s*%%(?:time|timeit|capture|prun)\b[^\n]*")


def parse(source: str) -> ast.Module | None:
    """The tree of a cell, with IPython's magics, shell lines and help left out; None if the rest is not Python."""
    source = _HARMLESS_CELL_MAGIC.sub("", source)
    lines = [_LINE_MAGIC.sub(r"\1pass", line) for line in source.split("\n")]
    try:
        return ast.parse(source) if _is_python(source) else ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def defined(tree: ast.AST) -> frozenset[str]:
    """The names that running the code binds or changes in its own scope.

    Changed are the objects behind ``table["mass"] = …``, ``part.mass = …`` and the statement ``table.sort(…)``.
    Python's own names are left out: ``open("a.txt", "w").write(…)`` changes no ``open``.
    """
    names = set()
    for node in outermost(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Import() | ast.ImportFrom():
                names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                names |= base_name(node)
            case ast.Expr(value=ast.Call(func=ast.Attribute() as called)):
                names |= base_name(called)
    return frozenset(names) - _BUILT_IN


def used(tree: ast.AST) -> frozenset[str]:
    """The names that the code reads, anywhere in it."""
    return frozenset(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def texts(tree: ast.AST) -> frozenset[str]:
    """The string literals in the code."""
    return frozenset(
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the dotted name of what is called: ``pd.read_csv``, ``open``, or ``.read_text`` of something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def dotted(node: ast.expr) -> str:
    """``plt.style.use`` for such an expression, ``.use`` if it starts with something that has no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def text_of(node: ast.expr | None) -> str | None:
    """A string literal's text, also of ``Path("…")``; None for anything else."""
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "Path" and len(node.args) == 1:
        return text_of(node.args[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """What the call passes under a keyword."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def outermost(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes below ``tree``, without what is inside the functions, classes and lambdas that it defines."""
    for child in ast.iter_child_nodes(tree):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from outermost(child)


def base_name(node: ast.expr) -> frozenset[str]:
    """``table`` for ``table["mass"].values``; nothing if there is no name at the start."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return frozenset({node.id}) if isinstance(node, ast.Name) else frozenset()
