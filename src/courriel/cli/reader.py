"""Open the session that a reading command works on, and see to how the command ends.

Only what all of them share lives here; what a command does is in a module of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from courriel.cli.account import find_account, reading_session
from courriel.cli.configuration import configuration_path, read_configuration
from courriel.cli.screen import error_as_json, error_panel, print_json, screen_for
from courriel.cli.status import status_of
from courriel.errors import CourrielError, Misused, NotSupported
from courriel.model.email import Email
from courriel.model.query import where
from courriel.model.summary import Summary
from courriel.sessions.imap import IMAPSession
from courriel.sessions.pop3 import POP3Session

__all__ = ["found", "identifier", "reader", "reported", "whole", "with_folders"]

# More digits than any UID has are no id.
_DIGITS = 10


@contextmanager
def reader(account: str | None, ca: Path | None) -> Iterator[POP3Session | IMAPSession]:
    """Open the session of an account, and close it at the end. Raises as ``open`` does."""
    source = find_account(
        account, os.environ, lambda: read_configuration(configuration_path(os.environ))
    )
    with reading_session(source, os.environ, ca) as session:
        yield session


@contextmanager
def reported(what: str, *, as_json: bool) -> Iterator[None]:
    """Show the error that the work inside ends with, and exit with its status.

    ``what`` is the field of the JSON that would hold the outcome.
    """
    try:
        yield
    except CourrielError as error:
        if as_json:
            print_json({"ok": False, what: None, "error": error_as_json(error)})
        else:
            screen_for(errors=True).print(error_panel(error))
        raise typer.Exit(status_of(error)) from None


def identifier(session: POP3Session | IMAPSession, text: str) -> int | str:
    """Return the id that the user wrote, as the session has it. Raises Misused."""
    if "://" in text:
        # It may hold a password, which neither a server nor a screen needs to see.
        raise Misused(
            "that is no id of a message, but a URL",
            operation="read",
            hint="An account's URL goes behind --account.",
        )
    if isinstance(session, POP3Session):
        return text
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text):
        return int(text)
    raise Misused(
        "that is no id of a message",
        operation="read",
        hint="An IMAP account's ids are numbers; courriel list shows them.",
    )


def found(session: POP3Session | IMAPSession, text: str, folder: str) -> Summary:
    """Return the summary of the message that the user means. Raises Misused if there is none."""
    wanted = identifier(session, text)
    for summary in session.messages(folder, query=where.ids(wanted)):
        return summary
    raise Misused(
        f"there is no message {wanted!r} in {folder}",
        operation="read",
        hint="courriel list shows the ids of those there are.",
    )


def whole(session: POP3Session | IMAPSession, text: str, folder: str) -> Email:
    """Return the message that the user means. Raises Misused or Refused if there is none."""
    if isinstance(session, IMAPSession):
        return session.fetch(int(identifier(session, text)), folder=folder)
    # A folder that is not there is refused by whoever knows which there are.
    session.count(folder)
    return session.fetch(str(identifier(session, text)))


def with_folders(session: POP3Session | IMAPSession) -> IMAPSession:
    """Return the session, which must be one with folders. Raises NotSupported."""
    if isinstance(session, IMAPSession):
        return session
    raise NotSupported(
        "POP3 has one folder, INBOX, and cannot watch it",
        capability="FOLDERS",
        operation="account",
        hint="Use the account's IMAP server, if it has one.",
    )
