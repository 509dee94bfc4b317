# /// attack
# tries = "asks the test's side for what it must not tell: other functions, frames, attributes"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import gc

from autograder.isolated.workspace import Workspace

workspace = next(one for one in gc.get_objects() if type(one) is Workspace)


def mean(values):
    for operation, operands in (
        ("callback", (0, (), ())),
        ("get", (["yours", 0], "__globals__")),
        ("import", ("os",)),
        ("library", ("os", "system", ("true",), ())),
    ):
        try:
            print("{{REACHED}}", workspace._ask(operation, operands))
        except Exception as error:
            print(type(error))
    return 0
