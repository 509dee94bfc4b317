"""What the plot rule makes of code that people write."""

from pathlib import Path

import pytest

from authoring.check.rules import plot_labels
from authoring.check.run import check
from authoring.check.units import lacks_unit
from tests.authoring.check.builder import Built, code, notebook

LABELS = 'axes.set_xlabel("Run order")\naxes.set_ylabel("Bore [mm]")'


def messages(course: Built, *sources: str) -> list[str]:
    course.write()
    cells = [code(f"c{number}", source) for number, source in enumerate(sources)]
    course.write_notebook("ps1.ipynb", notebook(cells))
    return [f"{each.cell}: {each.message}" for each in check(course.folder, rules=[plot_labels.find])]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"figure, axes = plt.subplots()\naxes.plot(x, y)\n{LABELS}", id="axes"),
        pytest.param('plt.plot(x, y)\nplt.xlabel("Run")\nplt.ylabel("Bore (mm)")', id="pyplot"),
        pytest.param('import matplotlib.pyplot as p\np.plot(x)\np.xlabel("Run")\np.ylabel("Bore (mm)")', id="alias"),
        pytest.param('axes.plot(x)\naxes.set(xlabel="Run order", ylabel="Bore / mm")', id="set"),
        pytest.param('style = {"xlabel": "a"}\naxes.plot(x)\naxes.set(**style)', id="set from elsewhere"),
        pytest.param('axes.hist(x)\naxes.set_xlabel(name)\naxes.set_ylabel(f"Bore ({unit})")', id="not written out"),
        pytest.param('for ax in axes:\n    ax.plot(x)\n    ax.set(xlabel="Run", ylabel="Bore in mm")', id="loop"),
        pytest.param(
            "figure, axes = plt.subplots(2, sharex=True)\naxes[0].plot(x)\naxes[1].plot(x)\n"
            'axes[1].set_xlabel("Run")\naxes[0].set_ylabel("A [mm]")\naxes[1].set_ylabel("B [mm]")',
            id="shared",
        ),
        pytest.param('axes[0].plot(x)\naxes[1].plot(x)\nf.supxlabel("Run")\nf.supylabel("Bore [mm]")', id="super"),
        pytest.param(f'axes.plot(x)\n{LABELS}\nright = axes.twinx()\nright.plot(y)\nright.set_ylabel("T")', id="twin"),
        pytest.param('axes.bar(["A", "B"], [1, 2])\naxes.set_ylabel("Bore [mm]")', id="bars have names"),
        pytest.param('axes.barh(["A", "B"], [1, 2])\naxes.set_xlabel("Bore [mm]")', id="lying bars"),
        pytest.param('axes.boxplot(x, vert=False)\naxes.set_xlabel("Bore [mm]")', id="lying box"),
        pytest.param("axes.imshow(picture)\naxes.axis('off')", id="picture"),
        pytest.param("axes.plot(x)\naxes.axis('off')", id="axis off"),
        pytest.param("axes.plot(x)\naxes.set_xticks([])\naxes.set_yticks([])", id="no ticks"),
        pytest.param("axes.axhline(3)\naxes.annotate('a', (1, 2))", id="only marks"),
        pytest.param('import pandas as pd\nframe.plot(ylabel="Bore [mm]")', id="pandas"),
        pytest.param("house_style(axes, 'Run', 'Bore')\naxes.plot(x)", id="somebody else's function"),
        pytest.param("environment.step(3)\nstyle.bar()\nnp.hist(x)", id="no plot at all"),
        pytest.param("plt.subplots()[1].set_title('empty')", id="nothing drawn"),
    ],
)
def test_a_plot_that_is_labelled_passes(course: Built, source: str) -> None:
    assert messages(course, source) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("plt.plot(x, y)", ["c0: a plot has no label on its x axis", "c0: a plot has no label on its y axis"]),
        ('plt.scatter(x, y)\nplt.xlabel("Run")', ["c0: a plot has no label on its y axis"]),
        ('axes.plot(x)\naxes.set_xlabel("")\naxes.set_ylabel("T [K]")', ["c0: a plot has no label on its x axis"]),
        (
            'axes[0].plot(x)\naxes[1].plot(x)\naxes[0].set(xlabel="Run", ylabel="T [K]")\naxes[1].set_ylabel("T [K]")',
            ["c0: a plot has no label on its x axis"],
        ),
        ("right = axes.twinx()\nright.plot(y)", ["c0: a plot has no label on its y axis"]),
        ("axes.bar(names, values)", ["c0: a plot has no label on its y axis"]),
        ("import pandas as pd\nframe.plot()", ["c0: a plot has no label on its y axis"]),
        (
            'axes.plot(x)\naxes.set_xlabel("Pressure")\naxes.set_ylabel("T [K]")',
            ['c0: the label "Pressure" has no unit'],
        ),
        ('axes.plot(x)\naxes.set(xlabel="Run", ylabel="Bore")', ['c0: the label "Bore" has no unit']),
    ],
)
def test_a_plot_that_is_not_labelled_is_found(course: Built, source: str, said: list[str]) -> None:
    assert messages(course, source) == said


def test_a_function_may_leave_the_labels_to_who_calls_it(course: Built) -> None:
    drawing = "def draw(ax, values):\n    ax.plot(values)"
    assert messages(course, drawing, f"axes = plt.gca()\ndraw(axes, x)\n{LABELS}") == []
    assert messages(course, drawing, "axes = plt.gca()\ndraw(axes, x)") == [
        "c1: a plot has no label on its x axis",
        "c1: a plot has no label on its y axis",
    ]


def test_a_function_that_returns_axes_may_leave_them_too(course: Built) -> None:
    drawing = "def chart(values):\n    _, axes = plt.subplots()\n    axes.plot(values)\n    return axes"
    assert messages(course, drawing, f"axes = chart(x)\n{LABELS}") == []
    assert messages(course, drawing) == [
        "c0: a plot in chart() has no label on its x axis",
        "c0: a plot in chart() has no label on its y axis",
    ]


def test_a_function_may_be_there_to_label(course: Built) -> None:
    labelling = 'def label(ax):\n    ax.set(xlabel="Run", ylabel="Bore [mm]")'
    assert messages(course, labelling, "axes.plot(x)\nlabel(axes)") == []


@pytest.mark.parametrize(
    "label",
    [
        "Length [mm]",
        "Length (mm)",
        "Time (first shift)",
        "Length / mm",
        "Length in µm",
        "Length, mm",
        "Loss %",
        "Angle °",
        "Stress ratio",
        "Size [-]",
        "Number of readings",
        "Share of the time",
        "Probability to miss it at once",
        "Length {}",
        "Nozzle",
        "Half hour",
        "Run order",
        "Multiple of the standard deviation",
        "Density",
    ],
)
def test_labels_that_lack_no_unit(label: str) -> None:
    assert not lacks_unit(label)


@pytest.mark.parametrize("label", ["Bore", "Pressure", "Temperature of the oven", "Cycle time", "Mean pull force"])
def test_labels_that_lack_one(label: str) -> None:
    assert lacks_unit(label)


def test_the_sample_course_raises_no_false_alarm() -> None:
    root = Path(__file__).parents[3] / "courses" / "mpc"
    assert check(root, rules=[plot_labels.find]) == []
