# /// attack
# tries = "replaces the text of the tests by nothing"
# findings = ["changed-cell", "changed-cell"]
# cell.t_mean.source = "pass"
# cell.t_primes.source = "3"
# ///
