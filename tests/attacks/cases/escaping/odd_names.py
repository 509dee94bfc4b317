# /// attack
# tries = "hands in files whose names lead elsewhere, break lines, or command terminals"
# build = "odd_names"
# findings = ["file-left-out", "extra-notebook"]
# ///
