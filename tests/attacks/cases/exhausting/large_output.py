# /// attack
# tries = "hands in a notebook with outputs and attachments of 30 MB"
# build = "large_output"
# ///
