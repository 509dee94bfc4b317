# /// attack
# tries = "gives itself points, and makes tests into answers, in the metadata"
# findings = ["changed-flags", "changed-flags", "changed-flags"]
# cell.t_mean.metadata.nbgrader = { points = 100 }
# cell.t_primes.metadata.nbgrader = { solution = true, locked = false, grade = false }
# cell.s_mean.metadata.nbgrader = { grade = true, points = 50 }
# ///
