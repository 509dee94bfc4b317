"""A command for the tests of the framework."""

from typing import Annotated

import typer


def check(
    path: Annotated[str, typer.Argument(metavar="PATH", help="Where.")],
    times: Annotated[int, typer.Option(help="How often.")] = 1,
) -> None:
    """Check a course."""
    typer.echo(" ".join([path] * times))
    raise typer.Exit(1)
