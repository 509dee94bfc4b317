# /// attack
# tries = "hands in outputs that claim full marks"
# cell.t_mean = { execution_count = 1, outputs = [] }
# cell.t_primes = { execution_count = 2, outputs = [{ output_type = "execute_result", execution_count = 2, metadata = {}, data = { "text/plain" = "3" } }] }
# ///
