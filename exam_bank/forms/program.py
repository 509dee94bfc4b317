"""Requirements as a mixed-integer program, solved by HiGHS through :func:`scipy.optimize.milp`.

What is minimised are weights that are drawn at random, or grow with an item's use: they spread the use of the items and
mean nothing by themselves, so a choice within a hundredth of the best is as good. No time limit is set: the same
program has the same solution on a slow machine.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from exam_bank.forms.requirements import Requirement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

GAP = 0.01
_INFEASIBLE = 2  # milp's status


class SolverError(RuntimeError):
    """The solver gave up without saying whether there is a solution. It is not known to happen."""


class Program:
    """Requirements over binary variables, ready to be solved for many weights."""

    def __init__(self, requirements: Sequence[Requirement], variables: int) -> None:
        import numpy as np

        self.variables = variables
        self.matrix = matrix_of([each.coefficients for each in requirements], variables)
        self.low = np.array([each.low for each in requirements], dtype=float)
        self.high = np.array([each.high for each in requirements], dtype=float)

    def solve(
        self, weights: "Numbers | Sequence[float]", *, barred: Sequence[int] = (), forced: Sequence[int] = ()
    ) -> "NDArray[np.int64] | None":
        """The chosen variables with nearly the smallest sum of weights, or None if the requirements cannot be met.

        Args:
            weights: one for each variable. Any number may be added to all of them: forms have a fixed number of items.
            barred: variables that may not be chosen.
            forced: variables that must be.
        """
        import numpy as np
        from scipy.optimize import Bounds

        if self.variables == 0:
            return None
        costs = np.asarray(weights, dtype=float)
        low, high = np.zeros(self.variables), np.ones(self.variables)
        high[list(barred)] = 0
        low[list(forced)] = 1
        if np.any(low > high):
            return None
        result = run(
            costs - costs.min() + 1.0,
            matrix=self.matrix,
            limits=(self.low, self.high),
            bounds=Bounds(low, high),
            integrality=np.ones(self.variables, dtype=np.int64),
        )
        return None if result is None else np.flatnonzero(np.round(result))


def run(
    costs: "Numbers",
    *,
    matrix: Any,
    limits: "tuple[Numbers, Numbers]",
    bounds: Any,
    integrality: "NDArray[np.int64]",
    gap: float = GAP,
) -> "Numbers | None":
    """The values of the variables, or None if there are none that meet the limits.

    Raises:
        SolverError: the solver does not know.
    """
    from scipy.optimize import LinearConstraint, milp

    for presolve in (True, False):  # HiGHS gives up on a few programs, with its presolve only
        result = milp(
            costs,
            integrality=integrality,
            bounds=bounds,
            constraints=LinearConstraint(matrix, *limits) if matrix.shape[0] else (),
            options={"mip_rel_gap": gap, "presolve": presolve},
        )
        if result.x is not None:
            return result.x
        if result.status == _INFEASIBLE:
            return None
    raise SolverError(f"the solver ended with status {result.status}: {result.message}")


def matrix_of(rows: Sequence[Any], variables: int) -> Any:
    """A sparse matrix from a mapping of columns to values for each row."""
    import numpy as np
    from scipy.sparse import csr_array

    cells = [(row, column, value) for row, each in enumerate(rows) for column, value in each.items()]
    numbers, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    places = np.array([numbers, columns], dtype=np.int64)
    return csr_array((np.array(values, dtype=float), (places[0], places[1])), shape=(len(rows), variables))
