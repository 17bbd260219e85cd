"""The command ``courriel serve``: the embedded server alone, until somebody ends it.

Only what it says lives here; the server is ``courriel.sandbox``'s, and is imported when it is
wanted.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from courriel.cli.screen import error_panel, plain_table, print_json, screen_for
from courriel.cli.serving_options import (
    AllowRemote,
    AsJson,
    CaFile,
    CatchAll,
    Host,
    ImapPort,
    ImapTlsPort,
    LmtpPort,
    NoAuth,
    NoStarttls,
    Pop3Port,
    Pop3TlsPort,
    Port,
    TlsPort,
    User,
)
from courriel.cli.status import Status
from courriel.errors import CourrielError, Misused

if TYPE_CHECKING:
    from courriel.sandbox import Server

__all__ = ["serve"]

# Windows does not wake a thread that waits without end when Ctrl-C is pressed.
_LOOK_UP = 0.5


def serve(
    user: User = None,
    host: Host = "127.0.0.1",
    allow_remote: AllowRemote = False,
    port: Port = 0,
    tls_port: TlsPort = 0,
    lmtp_port: LmtpPort = 0,
    pop3_port: Pop3Port = 0,
    pop3_tls_port: Pop3TlsPort = 0,
    imap_port: ImapPort = 0,
    imap_tls_port: ImapTlsPort = 0,
    catch_all: CatchAll = None,
    no_starttls: NoStarttls = False,
    no_auth: NoAuth = False,
    ca_file: CaFile = None,
    as_json: AsJson = False,
) -> None:
    """Run the embedded mail server until Ctrl-C. Not for production: all mail is in memory."""
    from courriel.sandbox import CAPABILITIES, IMAP_CAPABILITIES, POP3_CAPABILITIES, Server

    hidden = {"STARTTLS", "STLS"} if no_starttls else set()
    try:
        server = Server(
            _users(user or ["ada:secret"]),
            host=host,
            allow_remote=allow_remote,
            ports={
                "smtp": port,
                "smtp_tls": tls_port,
                "lmtp": lmtp_port,
                "pop3": pop3_port,
                "pop3_tls": pop3_tls_port,
                "imap": imap_port,
                "imap_tls": imap_tls_port,
            },
            catch_all=catch_all,
            capabilities=CAPABILITIES - hidden,
            pop3_capabilities=POP3_CAPABILITIES - hidden,
            imap_capabilities=IMAP_CAPABILITIES - hidden,
            require_auth=not no_auth,
        )
        _run(server, ca_file, as_json=as_json)
    except CourrielError as error:
        screen_for(errors=True).print(error_panel(error))
        raise typer.Exit(Status.USAGE) from None


def _run(server: Server, ca_file: Path | None, *, as_json: bool) -> None:
    stop = _signalled()
    with tempfile.TemporaryDirectory(prefix="courriel-") as folder, server:
        place = ca_file or Path(folder) / "ca.pem"
        try:
            place.write_text(server.ca_pem)
        except OSError as error:
            raise Misused(
                f"{place} cannot be written: {error.strerror}",
                operation="serve",
                hint="Give another --ca-file, or none.",
            ) from error
        _announce(server, place, as_json=as_json)
        while not stop.wait(_LOOK_UP):
            pass


def _users(words: Sequence[str]) -> dict[str, str]:
    users: dict[str, str] = {}
    for word in words:
        name, colon, password = word.partition(":")
        if not (name and colon and password):
            # The word may be a password alone: it is not shown.
            raise Misused(
                "a user has no name or no password", operation="serve", hint="Write NAME:PASSWORD."
            )
        users[name] = password
    return users


def _signalled() -> threading.Event:
    """Return what will be set when somebody asks the program to end."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _announce(server: Server, ca_file: Path, *, as_json: bool) -> None:
    facts: dict[str, Any] = {
        "host": server.host,
        "smtp_port": server.smtp_port,
        "smtp_tls_port": server.smtp_tls_port,
        "lmtp_port": server.lmtp_port,
        "pop3_port": server.pop3_port,
        "pop3_tls_port": server.pop3_tls_port,
        "imap_port": server.imap_port,
        "imap_tls_port": server.imap_tls_port,
        "users": list(server.users),
        "ca_file": str(ca_file),
        "pid": os.getpid(),
    }
    if as_json:
        print_json(facts)
        return
    screen = screen_for()
    screen.print("[bold]courriel's embedded mail server[/]: for trying out, not for production.")
    table = plain_table(header=False)
    table.add_row("SMTP, STARTTLS", f"{server.host}:{server.smtp_port}")
    table.add_row("SMTP under TLS", f"{server.host}:{server.smtp_tls_port}")
    table.add_row("LMTP", f"{server.host}:{server.lmtp_port}")
    table.add_row("POP3, STLS", f"{server.host}:{server.pop3_port}")
    table.add_row("POP3 under TLS", f"{server.host}:{server.pop3_tls_port}")
    table.add_row("IMAP, STARTTLS", f"{server.host}:{server.imap_port}")
    table.add_row("IMAP under TLS", f"{server.host}:{server.imap_tls_port}")
    table.add_row("Users", Text(", ".join(f"{name}@{server.domain}" for name in server.users)))
    table.add_row("Trust", Text(str(ca_file)))
    screen.print(table)
    screen.print("Mail is kept in memory and lost at the end. Ctrl-C ends it.")
