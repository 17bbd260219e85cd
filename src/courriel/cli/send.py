"""The command ``courriel send``: one message, its receipt, an exit status.

Only the way from the options to the outcome lives here; ``letter`` sends.
"""

from __future__ import annotations

import os
from pathlib import Path

import typer

from courriel.cli import options as given
from courriel.cli.account import find_account, session_for
from courriel.cli.configuration import Configuration, configuration_path, read_configuration
from courriel.cli.letter import Letter
from courriel.cli.screen import (
    error_as_json,
    error_panel,
    print_json,
    receipt_as_json,
    receipt_table,
    screen_for,
)
from courriel.cli.status import Status, status_of
from courriel.errors import CourrielError, Misused
from courriel.model.receipt import Receipt
from courriel.model.sendoptions import SendOptions

__all__ = ["send"]


def send(
    account: given.Account = None,
    sender: given.Sender = None,
    to: given.To = None,
    cc: given.Cc = None,
    bcc: given.Bcc = None,
    subject: given.Subject = "",
    text: given.Text = None,
    text_file: given.TextFile = None,
    html: given.Html = None,
    html_file: given.HtmlFile = None,
    attach: given.Attach = None,
    header: given.Header = None,
    eml: given.Eml = None,
    notify: given.Notify = None,
    require_tls: given.RequireTls = False,
    ca: given.Ca = None,
    as_json: given.AsJson = False,
) -> None:
    """Send one message and print its receipt.

    Exit status: 0 every recipient accepted; 1 some refused; 2 wrong usage, account or message; 3
    nothing sent; 4 nothing sent, but later it may succeed; 5 handed over and never answered, so it
    may have been sent.
    """
    letter = Letter(
        sender=sender,
        to=to or (),
        cc=cc or (),
        bcc=bcc or (),
        subject=subject,
        text=text,
        text_file=text_file,
        html=html,
        html_file=html_file,
        attachments=attach or (),
        headers=header or (),
    )
    try:
        receipt = _sent(letter, eml, account, ca, notify or (), require_tls=require_tls)
    except CourrielError as error:
        _show_error(error, as_json=as_json)
        raise typer.Exit(status_of(error)) from None
    _show_receipt(receipt, as_json=as_json)
    raise typer.Exit(Status.PARTLY if receipt.refused else Status.DONE)


def _sent(
    letter: Letter,
    eml: Path | None,
    account: str | None,
    ca: Path | None,
    notify: list[str] | tuple[str, ...],
    *,
    require_tls: bool,
) -> Receipt:
    # One option may hold several words: --notify success,failure.
    words = ",".join(notify)
    options = SendOptions(notify=tuple(words.split(",")) if words else (), require_tls=require_tls)
    message = letter if eml is None else letter.ready(eml)
    source = find_account(account, os.environ, _configuration)
    session = session_for(source, os.environ, ca)
    try:
        return message.send(session, source.sender, options)
    except OSError as error:
        if isinstance(error, CourrielError) or error.filename is None:
            raise
        raise Misused(
            f"{error.filename} cannot be read: {error.strerror}",
            operation="send",
            hint="Check the file.",
        ) from error


def _configuration() -> Configuration:
    return read_configuration(configuration_path(os.environ))


def _show_error(error: CourrielError, *, as_json: bool) -> None:
    if as_json:
        print_json({"ok": False, "receipt": None, "error": error_as_json(error)})
    else:
        screen_for(errors=True).print(error_panel(error))


def _show_receipt(receipt: Receipt, *, as_json: bool) -> None:
    if as_json:
        print_json({"ok": not receipt.refused, "receipt": receipt_as_json(receipt), "error": None})
    else:
        screen_for().print(receipt_table(receipt))
