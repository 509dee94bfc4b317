# /// attack
# tries = "raises the grader's own exceptions"
# findings = ["stopped"]
# ///

# %% answer s_mean
def mean(values):
    from autograder.engine.shell import CellTimeoutError

    raise CellTimeoutError("the time is over")


# %% answer s_total
def total(path):
    from autograder.isolated.messages import WorkspaceDiedError

    raise WorkspaceDiedError("gone")
