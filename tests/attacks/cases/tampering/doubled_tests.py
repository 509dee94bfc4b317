# /// attack
# tries = "puts copies of the tests, which do nothing, before and after them"
# findings = ["duplicated-cell", "duplicated-cell", "changed-cell"]
# ///

# %% copy t_mean
pass

# %% copy-after t_primes
3
