"""Makes the command line from the table of commands, importing a command's module only when it is called."""

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from coursewright import __version__
from coursewright.table import COMMANDS, GROUPS, Entry, Group

_COMMANDS = "coursewright.commands"
_SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


class LazyCommand(TyperCommand):
    """Stands in the help for a command, and becomes it when it is called."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.words.split()[-1], callback=None, help=entry.help, short_help=entry.help)
        self.function = entry.function
        self.panel = entry.panel

    def load(self) -> TyperCommand:
        """The command itself."""
        app = _app()
        app.command(self.name)(_function(self.function))
        command = typer.main.get_command(app)
        assert isinstance(command, TyperCommand)  # noqa: S101  (an app with one command is that command)
        return command

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """The context of the real command: from here on, everything happens there."""
        return self.load().make_context(*args, **kwargs)


class PanelledGroup(TyperGroup):
    """A group whose help lists its commands under the headings of the table."""

    panel = ""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  (Typer calls it so)
        """Write the commands, heading by heading, in the order of the table."""
        width = max((len(name) for name in self.commands), default=0)
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            rows = panels.setdefault(getattr(command, "panel", "") or "Commands", [])
            rows.append((name.ljust(width), command.short_help or ""))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)


def command_line(commands: Iterable[Entry] = COMMANDS, groups: Mapping[str, Group] = GROUPS) -> PanelledGroup:
    """The whole command line, as the table describes it."""
    app = _app()
    app.callback()(coursewright)
    root = typer.main.get_command(app)
    assert isinstance(root, PanelledGroup)  # noqa: S101  (an app with a callback is a group)
    for entry in commands:
        first, *rest = entry.words.split()
        if rest and first not in root.commands:
            root.add_command(_group(first, groups[first]))
        parent = root.commands[first] if rest else root
        assert isinstance(parent, TyperGroup)  # noqa: S101  (the table has no command that is also a group)
        parent.add_command(LazyCommand(entry))
    return root


def _function(name: str) -> Callable[..., object]:
    module, _, function = name.partition(":")
    found: Callable[..., object] = getattr(importlib.import_module(f"{_COMMANDS}.{module}"), function)
    return found


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"coursewright {__version__}")
        raise typer.Exit


def coursewright(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Write Jupyter courses, grade them safely, and issue credentials that anyone can check."""


def _group(name: str, group: Group) -> TyperGroup:
    made = PanelledGroup(name=name, help=group.help, short_help=group.help, no_args_is_help=True, rich_markup_mode=None)
    made.panel = group.panel
    return made


def _app() -> typer.Typer:
    return typer.Typer(
        cls=PanelledGroup,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings=_SETTINGS,
    )
