# /// attack
# tries = "hands in an attachment that is nested too deeply for whoever copies it"
# build = "deep_attachment"
# ///
