# /// attack
# tries = "runs cells of its own through IPython, as if they were the tests"
# ///

# %% answer s_mean
def mean(values):
    shell = get_ipython()
    shell.run_cell("mean = lambda values: sum(values) / len(values)\n2.0", store_history=True)
    shell.run_cell("raise SystemExit")
    return 0
