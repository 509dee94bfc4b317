# /// attack
# tries = "hands in a notebook of a million cells"
# outcome = "failed"
# findings = ["unreadable-notebook"]
# build = "many_cells"
# ///
