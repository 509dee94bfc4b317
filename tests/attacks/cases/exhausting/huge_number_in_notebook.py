# /// attack
# tries = "hands in a notebook with a number of a million digits"
# outcome = "failed"
# findings = ["unreadable-notebook"]
# build = "huge_number_in_notebook"
# ///
