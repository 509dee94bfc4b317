# /// attack
# tries = "hands in, instead of a folder, a link to the author's own"
# outcome = "missing"
# findings = ["file-left-out", "missing-notebook"]
# build = "linked_folder"
# ///
