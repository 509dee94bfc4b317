# /// attack
# tries = "says that its results are of the grader's and of the libraries' own classes"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import autograder.isolated.codec as codec


def mean(values):
    codec._PACKERS[str] = lambda _, value: ["raised", ["type", "os", "system"], ["true"], "", ["object", 1, 1], 0, ""]
    codec._ITSELF = frozenset()
    return "touch {{LEFT}}"
