"""Name the options of ``courriel serve``, one type each.

Only descriptions of options live here: how each is written, and what its help says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer


def _port(service: str) -> Any:
    return typer.Option(min=0, max=65_535, help=f"{service}; 0 takes a free port.")


User: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME:PASSWORD",
        help="A user. Repeatable; without any: ada, with the password secret.",
        show_default=False,
    ),
]
Host: TypeAlias = Annotated[str, typer.Option(help="The address to listen on.")]
AllowRemote: TypeAlias = Annotated[
    bool, typer.Option("--allow-remote", help="Allow a host that others can reach.")
]
Port: TypeAlias = Annotated[int, _port("SMTP with STARTTLS")]
TlsPort: TypeAlias = Annotated[int, _port("SMTP under TLS")]
LmtpPort: TypeAlias = Annotated[int, _port("LMTP")]
Pop3Port: TypeAlias = Annotated[int, _port("POP3 with STLS")]
Pop3TlsPort: TypeAlias = Annotated[int, _port("POP3 under TLS")]
ImapPort: TypeAlias = Annotated[int, _port("IMAP with STARTTLS")]
ImapTlsPort: TypeAlias = Annotated[int, _port("IMAP under TLS")]
CatchAll: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Who gets mail for unknown addresses.", show_default=False),
]
NoStarttls: TypeAlias = Annotated[
    bool, typer.Option("--no-starttls", help="Offer neither STARTTLS nor STLS.")
]
NoAuth: TypeAlias = Annotated[
    bool, typer.Option("--no-auth", help="Take mail from clients that did not sign in.")
]
CaFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Where to write the certificate of the server's authority.", show_default=False
    ),
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one line of JSON when it is ready.")
]
