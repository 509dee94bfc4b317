# /// attack
# tries = "makes tests Markdown and raw cells, which are not executed"
# findings = ["retyped-cell", "retyped-cell", "changed-cell"]
# cell.t_mean.cell_type = "markdown"
# cell.t_primes = { cell_type = "raw", source = "3" }
# ///
