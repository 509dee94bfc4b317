# /// attack
# tries = "hands in thousands of files, in folders in folders"
# findings = ["file-left-out"]
# build = "many_files"
# ///
