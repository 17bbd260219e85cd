"""The command ``courriel read``: one message, for people, for programs, or as it is stored."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from courriel.cli.options import Ca
from courriel.cli.reader import identifier, reader, reported, whole
from courriel.cli.reading_options import Account, AsJson, Folder, Html, Id, Source
from courriel.cli.screen import plain_table, print_json, screen_for
from courriel.cli.summaries import part_as_json, size_of
from courriel.errors import Misused
from courriel.model.characters import scrubbed
from courriel.model.email import Email
from courriel.model.parts import parts_of

__all__ = ["read"]

_FIELDS = ("From", "To", "Cc", "Date", "Subject")


def read(
    id: Id,  # noqa: A002 - What people call it.
    account: Account = None,
    folder: Folder = "INBOX",
    html: Html = False,
    source: Source = False,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Show one message: its header, its text and what is attached. It stays unread."""
    with reported("message", as_json=as_json):
        if source and (html or as_json):
            raise Misused("--source goes with neither --html nor --json", operation="read")
        with reader(account, ca) as session:
            email = whole(session, id, folder)
            one = identifier(session, id)
    if source:
        sys.stdout.buffer.write(email.source)
        sys.stdout.buffer.flush()
    elif as_json:
        print_json({"ok": True, "message": _as_json(one, email), "error": None})
    else:
        _show(screen_for(), email, html=html)


def _show(screen: Console, email: Email, *, html: bool) -> None:
    table = plain_table(header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name in _FIELDS:
        value = email.headers.get(name)
        if value:
            table.add_row(name, Text(scrubbed(value)))
    for file in email.attachments:
        described = f"{file.name or 'without a name'} ({file.content_type}, {size_of(file.size)})"
        table.add_row("File", Text(scrubbed(described)))
    screen.print(table)
    screen.print()
    body = (email.html if html else email.text) or ""
    # What a mail says may hold sequences that a terminal obeys.
    lines = [scrubbed(line.expandtabs()) for line in body.splitlines()]
    screen.print(Text("\n".join(lines)), soft_wrap=True)


def _as_json(one: int | str, email: Email) -> dict[str, Any]:
    return {
        "id": one,
        "size": email.size,
        "headers": [[name, value] for name, value in email.headers.items()],
        "text": email.text,
        "html": email.html,
        "parts": [part_as_json(part) for part in parts_of(email)],
    }
