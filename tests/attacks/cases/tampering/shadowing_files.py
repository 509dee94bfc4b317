# /// attack
# tries = "puts files beside the notebook that Python would import instead of its libraries"
# ///

# %% file numpy/__init__.py
from numpy.testing import *

def isclose(*arguments, **keywords):
    return True

# %% file numpy/testing.py
def assert_allclose(*arguments, **keywords):
    pass

# %% file math.py
def isclose(*arguments, **keywords):
    return True

# %% file unittest/__init__.py
class TestCase:
    def __getattr__(self, name):
        return lambda *a: None

# %% file sitecustomize.py
import builtins
builtins.abs = lambda x: 0

# %% file usercustomize.py
import builtins
builtins.abs = lambda x: 0

# %% file conftest.py
collect_ignore_glob = ["*"]

# %% file own.pth
import builtins; builtins.abs = lambda x: 0

# %% file ipython_config.py
c = get_config()
c.InteractiveShellApp.exec_lines = ["abs = lambda x: 0"]

# %% file nbgrader_config.py
c = get_config()
c.ClearSolutions.begin_solution_delimeter = "never"

# %% file .ipython/profile_default/startup/00.py
abs = lambda x: 0
