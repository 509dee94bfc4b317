# /// attack
# tries = "hands in a notebook of 100 MB"
# outcome = "missing"
# findings = ["file-left-out", "missing-notebook"]
# build = "large_notebook"
# ///
