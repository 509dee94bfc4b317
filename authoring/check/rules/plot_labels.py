"""Plots whose axes have no label, or a label without a unit.

An engineer who hands one in gets it back. The code is looked at, not the picture: calls that draw on Matplotlib's Axes
or pyplot, and pandas' ``plot``. A label that names a quantity (length, temperature, cost, …) gives its unit as
``Length [mm]``, ``Length (mm)``, ``Length / mm``, ``Length in mm`` or ``Length, mm``; one that is a number of its own
kind says ``[-]``. Labels that are not written out in the code are not judged, nor are libraries that label by
themselves, pictures (``imshow``), and axes that carry names (the feet of a bar chart).
"""

from collections.abc import Iterator

from authoring import cells
from authoring.check.context import CheckedCell, CheckedNotebook, Context
from authoring.check.finding import Finding, Severity
from authoring.check.plots import Dimension, Scope, missing, names, owed, scopes
from authoring.check.units import lacks_unit

NAME = "plot-labels"
_Found = list[tuple[CheckedCell, Scope]]


def find(context: Context) -> Iterator[Finding]:
    """One finding for each axis without a label in a cell, and one for each label without a unit."""
    for notebook in context.notebooks:
        found = _scopes(notebook)
        yield from _unlabelled(found)
        for cell, scope in found:
            for label in scope.labels:
                if label.text and lacks_unit(label.text):
                    mend = f'Write "{label.text} [mm]" with the right unit, or "{label.text} [-]" if it has none.'
                    yield cell.place.finding(NAME, Severity.WARNING, f'the label "{label.text}" has no unit', mend)


def _scopes(notebook: CheckedNotebook) -> _Found:
    read = [(cell, cell.tree) for cell in notebook.cells if cell.tree is not None and not cells.is_test(cell.node)]
    known = names(tree for _, tree in read)
    return [(cell, scope) for cell, tree in read for scope in scopes(tree, known)]


def _unlabelled(found: _Found) -> Iterator[Finding]:
    functions = {scope.function: scope for _, scope in found if scope.function}
    debts = {name: owed(scope, functions) for name, scope in functions.items()}
    for cell, scope in found:
        without = set(missing(scope, functions)) - _left_to_callers(scope, debts, found)
        labelled = {label.dimension for label in scope.labels}
        without |= {
            dimension for name in scope.called for dimension in debts.get(name, ()) if dimension not in labelled
        }
        for dimension in sorted(without):
            where = f" in {scope.function}()" if scope.function else ""
            message = f"a plot{where} has no label on its {dimension} axis"
            mend = f'Add one, such as axes.set_{dimension}label("Length [mm]").'
            yield cell.place.finding(NAME, Severity.WARNING, message, mend)


def _left_to_callers(scope: Scope, debts: dict[str, frozenset[Dimension]], found: _Found) -> set[Dimension]:
    """What callers are asked for; a function that nobody calls answers for what it returns."""
    is_called = any(scope.function in other.called for _, other in found)
    drawn_on_given = any(receiver.partition("[")[0] in scope.parameters for receiver, _ in scope.drawn)
    return set(debts.get(scope.function, ())) if is_called or drawn_on_given else set()
