"""Similar answers as one HTML file: no script, nothing fetched, and what learners wrote is text and nothing else."""

from pathlib import Path

from autograder.similar.assignment import Similar
from coursewright.report.page import environment, style, write_page


def similar_page(similar: Similar) -> str:
    """The page, as HTML."""
    template = environment().get_template("similar.html")
    return template.render(similar=similar, style=style("report.css", "similar.css"))


def write_similar_page(similar: Similar, path: Path) -> None:
    """Write the page to a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_page(similar_page(similar), path)
