"""Which part of an author's code cell the examiner runs as well.

An author's cell that is neither a solution nor a test runs in the workspace, for the learner's code needs what it
defines. What *tests* need of it must be out of the learner's reach: the modules that it imports and its helper
functions. So the examiner runs, of such a cell, statement by statement:

1. imports, in ``try`` or ``if`` too;
2. functions, and classes that make assertions or are exceptions of no base of the cell's own;
3. constants: names bound to numbers, texts and tuples of them;
4. calls that set a module up (``plt.style.use("…")``, ``np.random.seed(1)``), when their arguments are literals, and
   the module is none that acts on files or other machines;
5. magics that set the shell up (``%matplotlib inline``).

Everything else (data that are read or computed, classes whose objects go back and forth between tests and answers) is
in the workspace alone: run in both places it would be two different things, and a change of one would not be a change
of the other.
"""

import ast
import re

from autograder.isolated.names import parse

_ACT_OUTSIDE = frozenset({"os", "shutil", "subprocess", "sys", "urllib", "requests", "nltk", "socket"})
_SETTING_UP = re.compile(r"^%(matplotlib|config|precision|load_ext|autoreload)\b")


def trusted_part(source: str) -> str:
    """The text that the examiner runs of an author's cell; "" for none."""
    tree = parse(source)
    if tree is None or source.lstrip().startswith("%%"):
        return ""
    modules = {
        alias.asname or alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    magics = [line for line in source.split("\n") if _SETTING_UP.match(line)]
    kept = [ast.unparse(_guarded(node)) for node in tree.body if _is_trusted(node, modules)]
    return "\n".join([*magics, *kept])


def is_trusted_whole(source: str) -> bool:
    """Whether there is nothing in a text, but for comments and docstrings, that the examiner does not run."""
    tree = parse(source)
    return tree is not None and all(
        _is_trusted(node, set()) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in tree.body
    )


def _guarded(node: ast.stmt) -> ast.stmt:
    """The statement, which stops nothing if it fails: that is told by the workspace, which runs all of the cell."""
    if not isinstance(node, ast.Expr | ast.Import | ast.ImportFrom):
        return node
    ignore = ast.ExceptHandler(type=ast.Name("Exception", ast.Load()), name=None, body=[ast.Pass()])
    return ast.Try(body=[node], handlers=[ignore], orelse=[], finalbody=[])


def _is_trusted(node: ast.stmt, modules: set[str]) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.ClassDef():
            return _makes_assertions(node)
        case ast.Assign() | ast.AnnAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return all(isinstance(one, ast.Name) for one in targets) and _is_constant(node.value)
        case ast.Expr(value=ast.Call() as call):
            return _sets_up(call, modules)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
            inner = [*body, *orelse, *finalbody, *(one for handler in handlers for one in handler.body)]
            return _imports_only(inner, modules)
        case _:
            return isinstance(node, ast.If) and _imports_only([*node.body, *node.orelse], modules)


def _imports_only(body: list[ast.stmt], modules: set[str]) -> bool:
    """Whether a compound statement is about imports."""
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in body) and all(
        isinstance(node, ast.Pass) or _is_trusted(node, modules) for node in body
    )


def _makes_assertions(node: ast.ClassDef) -> bool:
    if any(ast.unparse(base).endswith("TestCase") for base in node.bases):
        return True
    return any(isinstance(inner, ast.Assert) for inner in ast.walk(node))


def _is_constant(node: ast.expr | None) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_constant(operand)
        case ast.BinOp(left=left, right=right):
            return _is_constant(left) and _is_constant(right)
        case ast.Tuple(elts=items):
            return all(_is_constant(item) for item in items)
        case _:
            return False


def _sets_up(call: ast.Call, modules: set[str]) -> bool:
    """Whether a statement is a call of something in a module, with nothing but literals handed in."""
    root: ast.expr = call.func
    if not isinstance(root, ast.Attribute):
        return False
    while isinstance(root, ast.Attribute):
        root = root.value
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not isinstance(root, ast.Name) or root.id not in modules - _ACT_OUTSIDE:
        return False
    return all(_is_literal(one, modules) for one in arguments)


def _is_literal(node: ast.expr, modules: set[str]) -> bool:
    allowed = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Attribute, ast.Load)
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    kinds = (*allowed, ast.Name, ast.operator, ast.unaryop)
    return names <= modules and all(isinstance(inner, kinds) for inner in ast.walk(node))
