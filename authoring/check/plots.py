"""What code draws and labels, from its syntax tree alone.

A *scope* is the top level of a cell or the body of a function. In it, calls on an Axes (or ``pyplot``) that draw
over an axis with a scale are matched with calls that label that axis, by the text of the receiver: ``axes[0].plot``
with ``axes[0].set_xlabel``. A label whose receiver draws nothing itself (a loop variable, ``figure.supxlabel``)
counts for all. A function that draws and hands the Axes on, or was given them, leaves the labels to its callers.
What cannot be decided is taken as labelled: a false alarm costs an author more than a missed one.
"""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from authoring.check.python_source import base_name, dotted, keyword, outermost, text_of

Dimension = Literal["x", "y"]
ANY = "*"  # a receiver that stands for every one

_ON_SCALES = """
    plot scatter errorbar step stem fill_between fill_betweenx semilogx semilogy loglog hexbin hist hist2d ecdf stairs
    stackplot
"""
_AXES_MAKERS = "subplots subplot add_subplot gca axes subplot_mosaic twinx twiny inset_axes"
_DRAWING: Mapping[str, str] = {
    **dict.fromkeys(_ON_SCALES.split(), "xy"),
    **dict.fromkeys(["bar", "boxplot", "violinplot"], "y"),  # the other axis has names on it
    "barh": "x",
}
_PANDAS = {"": "y", "line": "y", "area": "y", "bar": "y", "barh": "x"}
_MAKERS = frozenset(_AXES_MAKERS.split())
_AXES_NAME = re.compile(r"(?:ax|axs|axes)\d*|(?:ax|axes)_\w+|\w+_(?:ax|axes)")
_NOT_LABELLING = frozenset({*dir(builtins), "np", "numpy", "plt", "fig", "figure"})


@dataclass(frozen=True, kw_only=True)
class Label:
    """A label on an axis; the text is None if it is not written out in the code."""

    receiver: str
    dimension: Dimension
    text: str | None


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What one scope draws, labels and calls."""

    function: str  # "" for the top level of a cell
    parameters: frozenset[str]
    returns: bool
    drawn: frozenset[tuple[str, Dimension]]
    labels: tuple[Label, ...]
    bare: frozenset[tuple[str, Dimension]]  # without ticks, so without need of a label
    shared: frozenset[Dimension]
    called: frozenset[str]

    def labels_itself(self, dimension: Dimension) -> bool:
        """Whether it labels Axes that its caller sees as well."""
        return any(
            label.dimension == dimension
            and ({label.receiver, label.receiver.partition("[")[0]} & self.parameters or label.receiver in {"plt", ANY})
            for label in self.labels
        )


@dataclass(frozen=True)
class Names:
    """What names mean in a notebook."""

    pyplot: frozenset[str]
    axes: frozenset[str]
    twins: Mapping[str, Dimension]  # Axes that share this dimension with others, by name
    has_pandas: bool
    functions: frozenset[str]  # those that the notebook defines itself


def names(trees: Iterable[ast.AST]) -> Names:
    """The names of pyplot and of Axes, in all cells of a notebook."""
    pyplot, axes, twins, has_pandas, functions = {"plt"}, set[str](), dict[str, Dimension](), False, set[str]()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                functions.add(node.name)
            if isinstance(node, ast.Import):
                pyplot |= {alias.asname for alias in node.names if alias.name == "matplotlib.pyplot" and alias.asname}
                has_pandas = has_pandas or any(alias.name == "pandas" for alias in node.names)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                maker = dotted(node.value.func).rpartition(".")[2]
                if maker in _MAKERS:
                    bound = {
                        each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)
                    }
                    axes |= bound
                    if maker in {"twinx", "twiny"}:
                        twins |= dict.fromkeys(bound, "x" if maker == "twinx" else "y")
    return Names(frozenset(pyplot), frozenset(axes), twins, has_pandas, frozenset(functions))


def scopes(tree: ast.Module, known: Names) -> Iterator[Scope]:
    """The top level of a cell, then each function in it."""
    yield _scope("", frozenset(), tree, known)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            yield _scope(node.name, frozenset(each.arg for each in arguments), node, known)


def missing(scope: Scope, functions: Mapping[str, Scope]) -> frozenset[Dimension]:
    """The dimensions of which the scope draws an axis and nobody labels it, callers of functions aside."""
    return frozenset(dimension for dimension in ("x", "y") if _is_missing(scope, dimension, functions))


def owed(scope: Scope, functions: Mapping[str, Scope]) -> frozenset[Dimension]:
    """The dimensions whose labels a function leaves to its callers."""
    if not scope.function:
        return frozenset()
    unlabelled = missing(scope, functions)
    is_given = any(receiver.partition("[")[0] in scope.parameters for receiver, _ in scope.drawn)
    return unlabelled if scope.returns or is_given else frozenset()


def _is_missing(scope: Scope, dimension: Dimension, functions: Mapping[str, Scope]) -> bool:
    drawn = {receiver for receiver, each in scope.drawn if each == dimension and (receiver, each) not in scope.bare}
    labelled = {label.receiver for label in scope.labels if label.dimension == dimension and label.text != ""}
    helped = any(functions[name].labels_itself(dimension) for name in scope.called if name in functions)
    everything_drawn = {receiver for receiver, _ in scope.drawn}
    if helped or labelled - everything_drawn or (dimension in scope.shared and labelled):
        return False
    return bool(drawn - labelled)


def _scope(function: str, parameters: frozenset[str], tree: ast.AST, known: Names) -> Scope:
    own = tuple((dotted(node.func), node) for node in outermost(tree) if isinstance(node, ast.Call))
    drawn = frozenset(each for called, call in own for each in _drawn(called, call, known))
    return Scope(
        function=function,
        parameters=parameters,
        returns=any(isinstance(node, ast.Return) and node.value is not None for node in outermost(tree)),
        drawn=drawn,
        labels=tuple(label for called, call in own for label in _labels(called, call, known)),
        bare=frozenset(each for called, call in own for each in _bare(called, call, known)),
        shared=frozenset(each for _, call in own for each in _shared(call)),
        called=frozenset(called for called, _ in own if "." not in called),
    )


def _drawn(called: str, call: ast.Call, known: Names) -> Iterator[tuple[str, Dimension]]:
    if not isinstance(call.func, ast.Attribute):
        return
    receiver, method = call.func.value, call.func.attr
    if method in _DRAWING and _is_axes(receiver, known):
        dimensions = _DRAWING[method]
        if _is_sideways(call):
            dimensions = dimensions.translate({ord("x"): "y", ord("y"): "x"})
        name = _name(receiver, known)
    elif known.has_pandas and (found := _pandas_plot(called, call)):
        dimensions, name = found
    else:
        return
    for dimension in ("x", "y"):
        if dimension in dimensions and known.twins.get(name) != dimension:
            yield name, dimension


def _pandas_plot(called: str, call: ast.Call) -> tuple[str, str] | None:
    """The dimensions that pandas draws without a label of its own, and the Axes, for ``frame.plot(…)``."""
    match = re.search(r"\.plot(?:\.(\w+))?$", called)
    if not match or not isinstance(call.func, ast.Attribute):
        return None
    kind = match.group(1) or text_of(keyword(call, "kind")) or ""
    axes = keyword(call, "ax")
    return (_PANDAS[kind], ast.unparse(axes or call.func.value)) if kind in _PANDAS else None


def _labels(called: str, call: ast.Call, known: Names) -> Iterator[Label]:
    method = called.rpartition(".")[2]
    receiver = _name(call.func.value, known) if isinstance(call.func, ast.Attribute) else ANY
    for dimension in ("x", "y"):
        if method in {f"set_{dimension}label", f"{dimension}label"}:
            yield Label(receiver=receiver, dimension=dimension, text=_text(_first(call, f"{dimension}label")))
        elif method == f"sup{dimension}label" or called.endswith(f"{dimension}axis.set_label_text"):
            yield Label(receiver=ANY, dimension=dimension, text=_text(_first(call, "t")))
        elif (given := keyword(call, f"{dimension}label")) is not None:
            axes = keyword(call, "ax")
            yield Label(receiver=_name(axes, known) if axes else receiver, dimension=dimension, text=_text(given))
        elif _may_label(called, method, call, known):
            yield Label(receiver=ANY, dimension=dimension, text=None)


def _may_label(called: str, method: str, call: ast.Call, known: Names) -> bool:
    """Whether the call is one whose effect cannot be seen here: ``axes.set(**labels)``, ``house_style(axes)``."""
    if method == "set" and any(each.arg is None for each in call.keywords):
        return True
    if isinstance(call.func, ast.Attribute) and (
        called.partition(".")[0] in _NOT_LABELLING or _is_axes(call.func.value, known)
    ):
        return False
    given = [*call.args, *(each.value for each in call.keywords)]
    return called not in _NOT_LABELLING | known.functions | {""} and any(_is_axes_name(each, known) for each in given)


def _bare(called: str, call: ast.Call, known: Names) -> Iterator[tuple[str, Dimension]]:
    if not isinstance(call.func, ast.Attribute):
        return
    method, name = call.func.attr, _name(call.func.value, known)
    is_off = method == "set_axis_off" or (method == "axis" and text_of(_first(call, "arg")) == "off")
    for dimension in ("x", "y"):
        ticks = _first(call, "ticks")
        no_ticks = (
            method in {f"set_{dimension}ticks", f"{dimension}ticks"} and isinstance(ticks, ast.List) and not ticks.elts
        )
        if is_off or no_ticks:
            yield name, dimension
        if called.endswith(f"{dimension}axis.set_visible"):
            yield called.removesuffix(f".{dimension}axis.set_visible"), dimension


def _shared(call: ast.Call) -> Iterator[Dimension]:
    for dimension in ("x", "y"):
        value = keyword(call, f"share{dimension}")
        if value is not None and not (isinstance(value, ast.Constant) and value.value in {False, "none"}):
            yield dimension


def _is_axes(receiver: ast.expr, known: Names) -> bool:
    if isinstance(receiver, ast.Call):
        return dotted(receiver.func).rpartition(".")[2] in _MAKERS
    return dotted(receiver) in known.pyplot | {"matplotlib.pyplot"} or _is_axes_name(receiver, known)


def _is_axes_name(node: ast.expr, known: Names) -> bool:
    if isinstance(node, ast.Call | ast.Constant):
        return False
    return any(name in known.axes or _AXES_NAME.fullmatch(name) for name in base_name(node))


def _name(receiver: ast.expr, known: Names) -> str:
    if dotted(receiver) in known.pyplot | {"matplotlib.pyplot"}:
        return "plt"
    return ast.unparse(receiver)


def _is_sideways(call: ast.Call) -> bool:
    vertical = keyword(call, "vert")
    sideways = isinstance(vertical, ast.Constant) and vertical.value is False
    return sideways or text_of(keyword(call, "orientation")) == "horizontal"


def _first(call: ast.Call, name: str) -> ast.expr | None:
    return call.args[0] if call.args else keyword(call, name)


def _text(node: ast.expr | None) -> str | None:
    """The text of a label; ``{}`` stands for what an f-string puts in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(each) or "{}" for each in node.values)
    return text_of(node)
