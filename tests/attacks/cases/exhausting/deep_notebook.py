# /// attack
# tries = "hands in a notebook whose metadata is nested so deeply that writing it down fails"
# outcome = "failed"
# findings = ["unreadable-notebook"]
# build = "deep_notebook"
# ///
