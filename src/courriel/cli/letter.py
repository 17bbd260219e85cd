"""Turn what the options of ``courriel send`` say into a message, and send it.

A message is either composed from its parts or a file that is ready; the parts of the one cannot be
given with the other. Nothing here knows how options are written or outcomes shown.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from courriel.errors import Misused
from courriel.model.email import Email
from courriel.model.receipt import Receipt
from courriel.model.sendoptions import SendOptions
from courriel.sessions.smtp import LMTPSession, SMTPSession

__all__ = ["Letter", "Ready"]

_OPERATION = "send"
_STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is composed here. Of the bodies, the file ``-`` is stdin."""

    sender: str | None = None
    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    subject: str = ""
    text: str | None = None
    text_file: Path | None = None
    html: str | None = None
    html_file: Path | None = None
    attachments: Sequence[Path] = ()
    headers: Sequence[str] = ()

    def ready(self, path: Path) -> Ready:
        """Return the message in a file instead, in this one's envelope.

        Raises Misused when this one has more than a sender and recipients.
        """
        for field in fields(self):
            if field.name not in ("sender", "to") and getattr(self, field.name):
                raise Misused(
                    f"a ready message cannot be given {field.name.replace('_', ' ')}",
                    operation=_OPERATION,
                    hint="With --eml only --from, --to, --notify and --require-tls make sense.",
                )
        return Ready(path, self.sender, self.to)

    def composed(self, sender: str | None) -> Email:
        """Return the message, from ``sender`` if it has none. Raises Misused."""
        if not (self.sender or sender):
            raise Misused(
                "nobody was said to send it",
                operation=_OPERATION,
                hint="Give --from, or write from = … into the account's configuration.",
            )
        return Email(
            sender=self.sender or sender,
            to=self.to,
            cc=self.cc,
            bcc=self.bcc,
            subject=self.subject,
            text=_read(self.text, self.text_file, "text"),
            html=_read(self.html, self.html_file, "html"),
            attachments=self.attachments,
            headers=[_header(line) for line in self.headers],
        )

    def send(
        self, session: SMTPSession | LMTPSession, sender: str | None, options: SendOptions
    ) -> Receipt:
        """Compose the message, open the session, send and close."""
        email = self.composed(sender)
        with session:
            return session.send(email, options=options)


@dataclass(frozen=True, slots=True)
class Ready:
    """A message in a file. Sender and recipients are read from it unless both are given."""

    path: Path
    sender: str | None = None
    recipients: Sequence[str] = ()

    def send(
        self, session: SMTPSession | LMTPSession, sender: str | None, options: SendOptions
    ) -> Receipt:
        """Open the session, send the file and close.

        With recipients of its own the file is sent byte for byte and never
        held in memory. Without, its header says who gets it, and blind copies
        are taken out.
        """
        envelope = self.sender or sender
        with self.path.open("rb") as file, session:
            if envelope and self.recipients:
                return session.send_source(
                    file, sender=envelope, recipients=self.recipients, options=options
                )
            return session.send(
                file.read(),
                sender=self.sender,
                recipients=self.recipients or None,
                options=options,
            )


def _read(given: str | None, file: Path | None, what: str) -> str | None:
    if given is not None and file is not None:
        raise Misused(
            f"the {what} was given twice",
            operation=_OPERATION,
            hint=f"Use either --{what} or --{what}-file.",
        )
    if file is None:
        return given
    octets = sys.stdin.buffer.read() if file == _STDIN else file.read_bytes()
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise Misused(
            f"the {what} is not in UTF-8", operation=_OPERATION, hint="Convert it: iconv -t UTF-8."
        ) from None


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise Misused(
            f"{line!r} is no header", operation=_OPERATION, hint="Write --header 'Name: value'."
        )
    return name.strip(), value.strip()
