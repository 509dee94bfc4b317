# /// attack
# tries = "ends a cell in such a way that what follows it is taken for a text"
# ///

# %% before t_mean
%%script false
"""

# %% before t_primes
%%writefile next.txt
'''

# %% before t_clip
%%capture
%%time
