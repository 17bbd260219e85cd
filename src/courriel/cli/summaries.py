"""Show messages, their parts and folders to people, and to programs as JSON.

What stands in a mail is text and never markup. Only the showing lives here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from courriel.cli.screen import plain_table
from courriel.model.address import Address
from courriel.model.characters import scrubbed
from courriel.model.folder import Counters, Folder
from courriel.model.summary import Part, Summary

__all__ = [
    "folder_as_json",
    "folder_table",
    "part_as_json",
    "size_of",
    "summary_as_json",
    "summary_table",
]

_UNITS = ("B", "KiB", "MiB", "GiB")


def summary_table(summaries: Iterable[Summary], *, flags: bool) -> Table:
    """Return messages as a table; with ``flags``, those nobody has read are marked."""
    table = plain_table()
    for column, justify in (("", "left"), ("Id", "right"), ("Date", "left")):
        table.add_column(column, justify=justify, no_wrap=True)  # type: ignore[arg-type]  # A word.
    table.add_column("From", no_wrap=True, overflow="ellipsis", max_width=28)
    table.add_column("Subject", no_wrap=True, overflow="ellipsis")
    table.add_column("Size", justify="right", no_wrap=True)
    table.add_column("Files", justify="right", no_wrap=True)
    for summary in summaries:
        envelope = summary.envelope
        sender = envelope.sender
        table.add_row(
            _marks(summary) if flags else "",
            str(summary.id),
            _day(envelope.date or summary.received),
            Text(scrubbed(sender.name or sender.address) if sender else ""),
            Text(scrubbed(envelope.subject), style="bold" if flags and summary.unread else ""),
            size_of(summary.size),
            str(len(summary.attachments) or ""),
        )
    return table


def summary_as_json(summary: Summary) -> dict[str, Any]:
    """Return a message as values that JSON knows."""
    envelope = summary.envelope
    return {
        "id": summary.id,
        "folder": summary.folder,
        "size": summary.size,
        "flags": sorted(summary.flags),
        "received": _moment(summary.received),
        "date": _moment(envelope.date),
        "from": None if envelope.sender is None else _address(envelope.sender),
        "to": [_address(each) for each in envelope.to],
        "cc": [_address(each) for each in envelope.cc],
        "subject": envelope.subject,
        "message_id": envelope.message_id,
        "parts": [part_as_json(part) for part in summary.parts],
    }


def part_as_json(part: Part) -> dict[str, Any]:
    """Return a part as values that JSON knows; ``size`` is that before decoding."""
    return {
        "path": part.path,
        "content_type": part.content_type,
        "name": part.name,
        "size": part.size,
        "attachment": part.is_attachment,
    }


def folder_table(folders: Iterable[Folder]) -> Table:
    """Return folders as a table, with what the server has counted in them."""
    table = plain_table()
    table.add_column("Folder", overflow="fold")
    table.add_column("Use", style="dim")
    table.add_column("Messages", justify="right")
    table.add_column("Unread", justify="right")
    for folder in folders:
        counters = folder.counters or Counters()
        table.add_row(
            Text(folder.shown, style="" if folder.selectable else "dim"),
            folder.use or "",
            _number(counters.messages),
            _number(counters.unseen),
        )
    return table


def folder_as_json(folder: Folder) -> dict[str, Any]:
    """Return a folder as values that JSON knows."""
    counters = folder.counters or Counters()
    return {
        "name": folder.name,
        "separator": folder.separator,
        "use": folder.use,
        "use_source": folder.use_source,
        "selectable": folder.selectable,
        "subscribed": folder.subscribed,
        "messages": counters.messages,
        "unread": counters.unseen,
    }


def size_of(octets: int) -> str:
    """Return a size as people read it: ``"1.4 MiB"``."""
    size, unit = float(octets), _UNITS[0]
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


def _marks(summary: Summary) -> str:
    return ("•" if summary.unread else " ") + ("!" if summary.flagged else " ")


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M")


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"
