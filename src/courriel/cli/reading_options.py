"""Name the options of the commands that read, one type each.

Only descriptions of options live here: how each is written, and what its help says. Those that the
commands share with ``courriel send`` are in ``options``.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

_DAY = ["%Y-%m-%d"]

Account: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL|NAME",
        help="A URL such as imaps://ada@mail.example.org, or an account of the configuration file."
        " Also COURRIEL_ACCOUNT. Others can read a command line: keep the password in"
        " COURRIEL_PASSWORD, or have the file's password_command print it.",
        show_default=False,
    ),
]
Id: TypeAlias = Annotated[
    str, typer.Argument(metavar="ID", help="The message's id, as list shows it.")
]
Folder: TypeAlias = Annotated[
    str, typer.Option(metavar="NAME", help="The folder. POP3 has INBOX alone.")
]
Limit: TypeAlias = Annotated[
    int, typer.Option(min=0, metavar="N", help="At most so many messages; 0 for all.")
]
OldestFirst: TypeAlias = Annotated[
    bool, typer.Option("--oldest-first", help="Begin with the oldest, not with the newest.")
]
Unread: TypeAlias = Annotated[
    bool, typer.Option("--unread", help="Only messages that nobody has read. Not with POP3.")
]
Flagged: TypeAlias = Annotated[
    bool, typer.Option("--flagged", help="Only messages marked as important. Not with POP3.")
]
Answered: TypeAlias = Annotated[
    bool, typer.Option("--answered", help="Only messages that were answered. Not with POP3.")
]


def _text(flag: str, what: str) -> typer.models.OptionInfo:
    info: typer.models.OptionInfo = typer.Option(
        flag, metavar="TEXT", help=what, show_default=False
    )
    return info


From: TypeAlias = Annotated[str | None, _text("--from", "In the sender's name or address.")]
To: TypeAlias = Annotated[str | None, _text("--to", "In To.")]
Cc: TypeAlias = Annotated[str | None, _text("--cc", "In Cc.")]
Subject: TypeAlias = Annotated[str | None, _text("--subject", "In the subject.")]
Body: TypeAlias = Annotated[str | None, _text("--body", "In what it says.")]
AnyText: TypeAlias = Annotated[str | None, _text("--text", "Anywhere in it.")]
Gmail: TypeAlias = Annotated[str | None, _text("--gmail", "What Gmail's own search finds.")]
Header: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[:TEXT]", help="A field, and text in it. Repeatable.", show_default=False
    ),
]
Since: TypeAlias = Annotated[
    datetime | None,
    typer.Option(formats=_DAY, help="Received on that day or later.", show_default=False),
]
Before: TypeAlias = Annotated[
    datetime | None,
    typer.Option(formats=_DAY, help="Received before that day.", show_default=False),
]
Larger: TypeAlias = Annotated[
    int | None, typer.Option(min=0, metavar="OCTETS", help="Larger than that.", show_default=False)
]
Smaller: TypeAlias = Annotated[
    int | None, typer.Option(min=1, metavar="OCTETS", help="Smaller than that.", show_default=False)
]
Source: TypeAlias = Annotated[
    bool, typer.Option("--source", help="Write the message as it is stored, octet for octet.")
]
Html: TypeAlias = Annotated[
    bool, typer.Option("--html", help="Show the HTML as it is, not the text.")
]
Directory: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--to",
        metavar="DIRECTORY",
        help="Where to save them. Nothing is overwritten.",
        exists=True,
        file_okay=False,
        writable=True,
    ),
]
PartPaths: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--part",
        metavar="PATH",
        help="Only this part, by its number such as 2 or 1.3. Repeatable.",
        show_default=False,
    ),
]
Pattern: TypeAlias = Annotated[
    str, typer.Argument(help="Which folders: * stands for anything, % for anything in one level.")
]
Seconds: TypeAlias = Annotated[
    float | None,
    typer.Option(min=0, metavar="SECONDS", help="End after so long.", show_default=False),
]
Count: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="End after so many events.", show_default=False),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]
