# /// attack
# tries = "takes all tests out of the notebook"
# findings = ["missing-cell", "missing-cell", "missing-cell", "missing-cell"]
# delete = ["t_mean", "t_primes", "t_total", "t_clip"]
# ///
