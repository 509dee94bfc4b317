# /// attack
# tries = "hands in metadata of kinds that nobody expects: lists as ids, texts as points, an id of a megabyte"
# build = "odd_metadata"
# findings = ["changed-cell", "changed-flags", "unknown-cell", "unknown-cell", "unknown-cell"]
# ///
