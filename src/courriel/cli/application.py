"""List the commands.

A command is a function in a module of its own; here it gets its name. What a command needs beyond
its options is imported when it runs.
"""

from __future__ import annotations

from typing import Annotated

import typer

from courriel import __version__
from courriel.cli.demo import demo
from courriel.cli.discretion import DiscreetGroup
from courriel.cli.folders import folders
from courriel.cli.listing import list_, search
from courriel.cli.read import read
from courriel.cli.save import save
from courriel.cli.send import send
from courriel.cli.serve import serve
from courriel.cli.watch import watch

__all__ = ["application"]

application = typer.Typer(
    name="courriel",
    cls=DiscreetGroup,
    help="Email sessions: send and read mail, or try courriel out on a server of its own.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    # A traceback that shows local variables could show a password.
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"courriel {__version__}")
        raise typer.Exit


@application.callback()
def courriel(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Email sessions: send and read mail, or try courriel out on a server of its own."""


application.command()(demo)
application.command()(serve)
application.command()(send)
application.command("list")(list_)
application.command()(read)
application.command()(save)
application.command()(search)
application.command()(folders)
application.command()(watch)
