"""The generators of ``random`` and ``numpy.random``, seeded alike in both processes of a job."""

import importlib.util
import random
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def seed(number: int) -> None:
    """Seed what is imported, and NumPy's generator as soon as it is (an answer may import what its author did not)."""
    random.seed(number)
    generators: Any = sys.modules.get("numpy.random")
    if generators is not None:
        generators.seed(number % 2**32)
    else:
        sys.meta_path.insert(0, _SeedNumpy(number))


class _SeedNumpy:
    """Finds ``numpy.random`` as everybody else does, and seeds it when it is loaded."""

    def __init__(self, number: int) -> None:
        self._number = number

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the import system asks for every module."""
        del path, target
        if name != "numpy.random":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        loader: Any = spec and spec.loader
        load = loader and loader.exec_module

        def load_and_seed(module: Any) -> None:
            load(module)
            module.seed(self._number % 2**32)

        if loader:
            loader.exec_module = load_and_seed
        return spec
