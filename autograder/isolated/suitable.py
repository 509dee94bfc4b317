"""Whether a test can work isolated, judged by its text: the reasons why some cannot."""

import ast
import builtins
import re

from autograder.isolated.names import names_of, parse

_ATTRIBUTES = {
    "getsourcefile": "it asks for the file of the answer",
    "getmodule": "it asks for the module of the answer",
    "currentframe": "it looks at the frames of the process",
    "_getframe": "it looks at the frames of the process",
    "get_objects": "it looks at all objects of the process",
    "get_referrers": "it looks at all objects of the process",
    "user_ns": "it looks at the shell's names",
    "__globals__": "it looks at the names behind a function",
    "__subclasses__": "it looks for the subclasses of a class",
}
_MAGICS = re.compile(
    r"^\s*%+(who|whos|who_ls|reset|reset_selective|store|run|history|recall|rerun|macro|pinfo|psource|save)\b"
)
_CELL_MAGICS = re.compile(r"^\s*%%(writefile|bash|sh|script|javascript|html|cython|R|julia)\b")
_HISTORY = frozenset({"In", "Out", "_ih", "_oh", "_dh"})


def suitable(source: str) -> str:
    """Why a test cell cannot work isolated, as half a sentence; "" if nothing speaks against it.

    What only shows when the cell runs (an object of the test's own class handed to the answer) is not found here:
    run the reference solution both ways.
    """
    for line in source.split("\n"):
        magic = _MAGICS.match(line)
        if magic:
            return f"%{magic[1]} looks at the shell in which the answer ran"
    tree = parse(source)
    if tree is None or _CELL_MAGICS.match(source):
        return ""
    return _by_attributes(tree) or _by_names(source) or _by_classes(tree, source) or _by_patches(tree)


def _by_attributes(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES:
            return f"{_ATTRIBUTES[node.attr]} ({node.attr})"
    return ""


def _by_names(source: str) -> str:
    history = names_of(source).loaded & _HISTORY
    return f"it looks at what was typed before ({min(history)})" if history else ""


def _by_classes(tree: ast.Module, source: str) -> str:
    """A class that is derived from a name which neither the cell nor Python defines may be one of the learner's."""
    own = names_of(source).bound
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                if isinstance(base, ast.Name) and base.id not in own | _KNOWN_BASES:
                    return f"it derives a class from {base.id}, which may be the answer's"
    return ""


_KNOWN_BASES = frozenset(vars(builtins))


def _by_patches(tree: ast.Module) -> str:
    """``patch("__main__.f")`` and ``patch.object(answer, …)`` replace names for code that runs elsewhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] == "patch":
            target = node.args[0]
            if isinstance(target, ast.Constant) and isinstance(target.value, str) and target.value != "builtins.input":
                return f"it replaces {target.value} for code that runs elsewhere"
    return ""
