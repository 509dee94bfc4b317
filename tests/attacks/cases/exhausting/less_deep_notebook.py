# /// attack
# tries = "hands in one that is nested just not too deeply to be read"
# outcome = "failed"
# findings = ["unreadable-notebook"]
# build = "less_deep_notebook"
# ///
