"""A warm process, as the engine has one: the shell and the libraries are there before anything is forked."""

import gc
import os
import sys

import pytest

from tests.isolated.pair import Pair


@pytest.fixture(scope="session")
def pair() -> Pair:
    import matplotlib as mpl

    mpl.use("module://matplotlib_inline.backend_inline")
    import matplotlib.pyplot as plt
    import pandas as pd
    from scipy import integrate, special, stats

    from autograder.engine.shell import make_shell

    assert pd
    assert integrate
    assert special
    assert stats
    os.environ["OMP_NUM_THREADS"] = "1"
    hooks = sys.displayhook, sys.excepthook
    shell = make_shell()
    sys.displayhook, sys.excepthook = hooks
    figure, axes = plt.subplots()
    axes.plot([0.0, 1.0], label="$x$")
    axes.legend()
    plt.close(figure)
    gc.collect()
    return Pair(shell)
