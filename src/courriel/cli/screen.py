"""Show receipts and errors to people, and to programs as JSON.

What a server said is text and never markup. Only the showing lives here; nothing decides anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from courriel.errors import CourrielError, SendRefused
from courriel.model.characters import scrubbed
from courriel.model.receipt import Receipt, Refusal

__all__ = [
    "error_as_json",
    "error_panel",
    "plain_table",
    "print_json",
    "receipt_as_json",
    "receipt_table",
    "screen_for",
]


def screen_for(*, errors: bool = False, quiet: bool = False) -> Console:
    """Return a console for stdout, or for stderr with ``errors``."""
    file = sys.stderr if errors else sys.stdout
    # A terminal without a check mark in its character set gets a question mark, not a traceback.
    getattr(file, "reconfigure", lambda **_: None)(errors="replace")
    return Console(file=file, quiet=quiet, highlight=False, emoji=False)


def error_panel(error: CourrielError) -> Panel:
    """Return an error as people see it: what happened, and what to try."""
    lines = [Text(_sentence(scrubbed(error.message)))]
    if error.hint:
        lines.append(Text(f"Try: {scrubbed(error.hint)}", style="bold"))
    where = f" ({error.operation})" if error.operation else ""
    title = Text(f"{type(error).__name__}{where}", style="bold red")
    return Panel(Group(*lines), title=title, title_align="left", border_style="red", padding=(0, 1))


def plain_table(*, header: bool = True) -> Table:
    """Return an empty table in the house's look: a line under the header and nothing else."""
    return Table(
        box=SIMPLE_HEAD if header else None,
        show_header=header,
        show_edge=False,
        pad_edge=False,
        header_style="bold",
    )


def receipt_table(*receipts: Receipt) -> Table:
    """Return receipts as a table, one row for each recipient."""
    table = plain_table()
    for column, style in (("Recipient", ""), ("Outcome", ""), ("The server said", "dim")):
        table.add_column(column, style=style, overflow="fold")
    table.add_column("Message-ID", style="dim", no_wrap=True, overflow="ellipsis", max_width=22)
    for receipt in receipts:
        identifier = Text(scrubbed(receipt.message_id or ""))
        for recipient in receipt.accepted:
            row = (Text(recipient), Text("accepted", style="green"), Text(str(receipt.reply or "")))
            table.add_row(*row, identifier)
        for recipient, refusal in receipt.refused.items():
            row = (Text(recipient), Text("refused", style="red"), Text(str(refusal)))
            table.add_row(*row, identifier)
    return table


def receipt_as_json(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as values that JSON knows."""
    return {
        "message_id": receipt.message_id,
        "accepted": list(receipt.accepted),
        "refused": _refusals_as_json(receipt.refused),
        "reply": None if receipt.reply is None else str(receipt.reply),
        "error": None if receipt.error is None else error_as_json(receipt.error),
    }


def error_as_json(error: CourrielError) -> dict[str, Any]:
    """Return an error as values that JSON knows."""
    fields: dict[str, Any] = {
        "kind": type(error).__name__,
        "operation": error.operation,
        "message": error.message,
        "hint": error.hint,
        "retryable": error.retryable,
    }
    if isinstance(error, SendRefused):
        fields["refused"] = _refusals_as_json(error.refused)
    return fields


def print_json(fields: Mapping[str, Any]) -> None:
    """Print one line of JSON to stdout, in ASCII, and have it leave at once."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def _refusals_as_json(refused: Mapping[str, Refusal]) -> dict[str, Any]:
    return {
        recipient: {
            "code": refusal.code,
            "enhanced": refusal.enhanced,
            "text": refusal.text,
            "command": refusal.command,
            "retryable": refusal.retryable,
        }
        for recipient, refusal in refused.items()
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
