"""Name the options of ``courriel send``, one type each.

Only descriptions of options live here: how each is written, and what its help says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Account: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL|NAME",
        help="A URL such as smtps://ada@mail.example.org, or an account of the configuration file."
        " Also COURRIEL_ACCOUNT. Others can read a command line: keep the password in"
        " COURRIEL_PASSWORD, or have the file's password_command print it.",
        show_default=False,
    ),
]
Sender: TypeAlias = Annotated[
    str | None, typer.Option("--from", metavar="ADDRESS", help="Who sends.", show_default=False)
]
To: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="ADDRESS", help="A recipient. Repeatable.", show_default=False),
]
Cc: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="ADDRESS", help="A visible copy. Repeatable.", show_default=False),
]
Bcc: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="ADDRESS", help="A blind copy. Repeatable.", show_default=False),
]
Subject: TypeAlias = Annotated[str, typer.Option(help="The subject.", show_default=False)]
Text: TypeAlias = Annotated[str | None, typer.Option(help="The text.", show_default=False)]
TextFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="A file with the text, in UTF-8; - is stdin.",
        metavar="FILE",
        show_default=False,
    ),
]
Html: TypeAlias = Annotated[str | None, typer.Option(help="The HTML.", show_default=False)]
HtmlFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="A file with the HTML, in UTF-8; - is stdin.",
        metavar="FILE",
        show_default=False,
    ),
]
Attach: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="A file to attach. Repeatable.",
        exists=True,
        dir_okay=False,
        readable=True,
        show_default=False,
    ),
]
Header: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME:VALUE", help="A header field. Repeatable.", show_default=False),
]
Eml: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A ready message, sent as it is. With --from and --to its header is not looked at.",
        exists=True,
        dir_okay=False,
        readable=True,
        show_default=False,
    ),
]
Notify: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHEN",
        help="Ask for a notification: success, failure, delay, or never alone. Repeatable.",
        show_default=False,
    ),
]
RequireTls: TypeAlias = Annotated[
    bool, typer.Option("--require-tls", help="Have it passed on under TLS only (RFC 8689).")
]
Ca: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Trust the authorities in this PEM file instead of the system's.",
        exists=True,
        dir_okay=False,
        readable=True,
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]
