"""The command ``courriel demo``: the main job on the embedded server, told step by step.

Only the options and the telling live here. What is done, and what is checked, is
``demonstration``'s.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from courriel.cli.demonstration import Demonstration
from courriel.cli.screen import error_panel, print_json, receipt_table, screen_for
from courriel.cli.status import Status, status_of
from courriel.errors import CourrielError

__all__ = ["demo"]


def demo(
    messages: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many messages to send.")
    ] = 1_000,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a summary as JSON instead.")
    ] = False,
) -> None:
    """Send mail through a session to the embedded server, read it back, and check everything.

    Exit status: 0 when all is as it should be, 1 when a check failed.
    """
    screen = screen_for(quiet=as_json)
