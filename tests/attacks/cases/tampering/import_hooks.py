# /// attack
# tries = "answers imports itself: meta path, path hooks, and the path"
# ///

# %% answer s_mean
import importlib.abc, importlib.machinery, os, sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name in ("io", "unittest") else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__getattr__ = lambda name: lambda *a, **k: True


sys.meta_path.insert(0, Finder())
sys.path_importer_cache.clear()
for name in ("unittest", "io"):
    sys.modules.pop(name, None)
with open("unittest.py", "w") as file:
    file.write("class TestCase: pass\n")
sys.path.insert(0, os.getcwd())


def mean(values):
    return 0
