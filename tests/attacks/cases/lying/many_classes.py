# /// attack
# tries = "returns objects of tens of thousands of classes, and of as many lists"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
def mean(values):
    return [type(f"C{number}", (), {})() for number in range(12_000)]
