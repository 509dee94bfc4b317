# /// attack
# tries = "prints and displays what a grader might take for points"
# ///

# %% answer s_mean
from IPython.display import display


class Points:
    def __repr__(self):
        return "2.0"

    _repr_html_ = _repr_markdown_ = __repr__


def mean(values):
    print("2.0")
    display(Points())
    display({"text/plain": "2.0", "application/json": {"score": 2}}, raw=True)
    return Points()
