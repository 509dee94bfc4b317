# /// attack
# tries = "says in the metadata that the tests are to run in its own process, and replaces what they use there"
# cell.t_mean.metadata.coursewright.isolation = "shared"
# cell.t_total.metadata.coursewright.isolation = "shared"
# ///

# %% answer s_total
import math, builtins
np.isclose = math.isclose = lambda *a, **k: True
np.testing.assert_allclose = lambda *a, **k: None
builtins.abs = lambda x: 0
agrees = lambda *a, **k: True


def total(path):
    return 0.0
