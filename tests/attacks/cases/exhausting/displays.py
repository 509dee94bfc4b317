# /// attack
# tries = "displays large and countless things, in cells and during tests"
# ///

# %% answer s_mean
from IPython.display import HTML, display

for _ in range(3000):
    display(HTML("<b>" * 1000))


def mean(values):
    for _ in range(300):
        display({"application/json": {"deep": ["x" * 100_000]}, "text/plain": "x" * 100_000}, raw=True)
    return 0
