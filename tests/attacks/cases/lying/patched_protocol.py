# /// attack
# tries = "changes the grader's own code in its process, so that it says what the test wants to hear"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import autograder.isolated.codec as codec
import autograder.isolated.workspace as workspace
import autograder.isolated.messages as messages

codec.Codec.pack = lambda self, value: ["object", 0, 0]
codec._PACKERS.clear()
workspace.OPERATIONS["call"] = lambda *a: 5
workspace.Workspace._raised = lambda self, error: ["timeout"]


def mean(values):
    return 0
