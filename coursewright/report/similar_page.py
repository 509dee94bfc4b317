"""Similar answers as one HTML file: no script, nothing fetched, and what learners wrote is text and nothing else."""

from pathlib import Path

from autograder.similar.assignment import Similar
from coursewright import __version__
from coursewright.printable import one_line, printable
from coursewright.report.page import counted, number, percent


def similar_page(similar: Similar) -> str:
    """The page, as HTML."""
    from importlib.resources import files

    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    folder = files("coursewright.report")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
    )
    environment.filters |= {"number": number, "percent": percent, "one_line": one_line, "printable": printable}
    style = "".join(folder.joinpath(name).read_text("utf-8") for name in ("report.css", "similar.css"))
    return environment.get_template("similar.html").render(
        similar=similar,
        counted=counted,
        style=Markup(style),  # noqa: S704  (our own files)
        version=__version__,
    )


def write_similar_page(similar: Similar, path: Path) -> None:
    """Write the page to a file, whole or not at all."""
    text = similar_page(similar)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)
