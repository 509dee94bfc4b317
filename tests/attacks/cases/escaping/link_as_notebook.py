# /// attack
# tries = "hands in, instead of the notebook, a link to the author's own"
# outcome = "missing"
# findings = ["file-left-out", "missing-notebook"]
# build = "linked_notebook"
# ///
