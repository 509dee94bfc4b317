# /// attack
# tries = "asks for a kernel of its own, in the notebook's metadata"
# notebook.metadata.kernelspec = { name = "bash", display_name = "sh", language = "bash" }
# notebook.metadata.language_info = { name = "bash" }
# ///
