# /// attack
# tries = "tags the tests so that they are not executed"
# findings = ["changed-tags", "changed-tags"]
# cell.t_mean.metadata.tags = ["skip-execution"]
# cell.t_clip.metadata.tags = ["skip-execution", "remove-cell"]
# ///
