# /// attack
# tries = "gives a test the id of another, and a made-up one to the rest"
# findings = ["duplicated-cell", "unknown-cell", "missing-cell", "missing-cell"]
# cell.t_mean.metadata.nbgrader = { grade_id = "t_clip" }
# cell.t_total.metadata.nbgrader = { grade_id = "t_free" }
# ///
