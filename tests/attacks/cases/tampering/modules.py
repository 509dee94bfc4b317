# /// attack
# tries = "puts modules of its own into sys.modules"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import sys, types


class Agreeable(types.ModuleType):
    def __getattr__(self, name):
        return lambda *a, **k: True


for name in ("numpy", "numpy.testing", "math", "unittest", "io", "checks"):
    sys.modules[name] = Agreeable(name)


def mean(values):
    return 0
