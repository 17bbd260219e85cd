"""The command ``courriel send``: one message, its receipt, an exit status.

Only the way from the options to the outcome lives here; ``letter`` sends.
"""

from __future__ import annotations

import os
from pathlib import Path

import typer

from courriel.cli.account import find_account, sending_session
from courriel.cli.configuration import Configuration, configuration_path, read_configuration
from courriel.cli.letter import Letter
from courriel.cli.options import (
    Account,
    AsJson,
    Attach,
    Bcc,
    Ca,
    Cc,
    Eml,
    Header,
    Html,
    HtmlFile,
    Notify,
    RequireTls,
    Sender,
    Subject,
    Text,
    TextFile,
    To,
)
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
    account: Account = None,
    sender: Sender = None,
    to: To = None,
    cc: Cc = None,
    bcc: Bcc = None,
    subject: Subject = "",
    text: Text = None,
    text_file: TextFile = None,
    html: Html = None,
    html_file: HtmlFile = None,
    attach: Attach = None,
    header: Header = None,
    eml: Eml = None,
    notify: Notify = None,
    require_tls: RequireTls = False,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Send one message and print its receipt.

    Exit status:

    - 0: every recipient was accepted
    - 1: some were refused
    - 2: wrong usage, account or message; nothing was sent
    - 3: nothing was sent, and the same again will not help
    - 4: nothing was sent, but later it may succeed
    - 5: handed over and never answered: it may have been sent
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
    session = sending_session(source, os.environ, ca)
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
        screen = screen_for()
        screen.print(f"Message-ID: {receipt.message_id or 'none'}", markup=False)
        screen.print(receipt_table(receipt))
