# /// attack
# tries = "hands in, instead of the notebook, a hard link to the author's own"
# outcome = "missing"
# findings = ["file-left-out", "missing-notebook"]
# build = "hard_linked_notebook"
# ///
