"""The author's modules of assertions, which lie beside the notebook: ``from helpers import check``.

In the workspace an answer could make ``helpers.check`` say that all is well. So the examiner has a copy of its own,
from the author's bytes, of each module that makes assertions and defines no classes but exceptions: its functions
judge, and its objects are not for answers. Every other module of the working folder is the workspace's.
"""

import ast
import sys
from collections.abc import Mapping
from types import ModuleType

from autograder.isolated.names import parse


class Judges:
    """The modules of assertions among an author's files.

    Args:
        files: the author's, by relative path with "/".
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._sources = {name.removesuffix(".py"): data for name, data in files.items() if name.endswith(".py")}

    def offer(self, name: str) -> None:
        """Have ``import`` find the module of this name, if it is one and there is none of the name yet."""
        source = self._sources.pop(name, None)
        if source is None or name in sys.modules or not judges(source.decode("utf-8", "replace")):
            return
        module = ModuleType(name)
        module.__file__ = f"{name}.py"
        sys.modules[name] = module
        try:
            exec(compile(source, module.__file__, "exec"), vars(module))  # noqa: S102 - the author's own
        except Exception:  # noqa: BLE001 - it needs what is only in the workspace
            del sys.modules[name]


def judges(source: str) -> bool:
    """Whether a module makes assertions, and defines no classes but exceptions."""
    tree = parse(source)
    nodes = [] if tree is None else list(ast.walk(tree))
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    if any(not any(ast.unparse(base).endswith(("Exception", "Error")) for base in one.bases) for one in classes):
        return False
    return any(isinstance(node, ast.Assert) or _asserts(node) for node in nodes)


def _asserts(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name.lower().startswith("assert")
        case _:
            return False
