"""Do the main job once, on the embedded server, and check all of it.

Ada signs in with a password under TLS and sends bob many messages with an attachment each. What
arrived is compared with what was sent: every check holds what was expected beside what there was.
What she does with her own mail is ``postbox``'s. Nothing here prints.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar

from courriel.errors import CourrielError, SendRefused, Unauthorised
from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.receipt import Receipt
from courriel.model.secret import Secret
from courriel.sandbox import Server
from courriel.sessions.smtp import SMTPSession

__all__ = ["Check", "Demonstration", "Parcel"]

E = TypeVar("E", bound=CourrielError)

_KIB = 1024
_ATTACHMENT = 3 * _KIB
# A message with its attachment in base64 takes about 5 KiB; ada's own letters are larger.
_MESSAGE = 16 * _KIB
_LETTERS = 16 * _KIB * _KIB


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must be so: what was expected, and what there was."""

    what: str
    expected: Any
    actual: Any

    @property
    def passed(self) -> bool:
        """Whether the two are equal."""
        return bool(self.expected == self.actual)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What of a message must arrive unchanged; ``size`` in octets."""

    subject: str
    name: str
    size: int
    digest: str

    @classmethod
    def of(cls, email: Email) -> Parcel:
        """Return that of a message with one attachment; of none a parcel that equals no other."""
        if len(email.attachments) != 1:
            return cls(email.subject, "", -1, "")
        (file,) = email.attachments
        return cls(email.subject, file.name, file.size, hashlib.sha256(file.content).hexdigest())


class Demonstration:
    """One run: ``messages`` of them, from ada to bob."""

    def __init__(self, messages: int) -> None:
        self.messages = messages
        self.checks: list[Check] = []
        self.seconds = 0.0
        self.accepted = 0
        self.password = Secret(secrets.token_urlsafe(12))
        self._sent: list[Parcel] = []

    @property
    def passed(self) -> bool:
        """Whether every check so far holds."""
        return all(check.passed for check in self.checks)

    @property
    def rate(self) -> float:
        """Messages a second, from composing the first to the receipt of the last."""
        return self.accepted / self.seconds if self.seconds else 0.0

    def server(self) -> Server:
        """Return the server, not yet running, with ada and bob as users."""
        users = {"ada": self.password.reveal(), "bob": secrets.token_urlsafe(12)}
        return Server(users, capacity=(self.messages + 10) * _MESSAGE + _LETTERS)

    def session(self, server: Server, *, password: str | None = None) -> SMTPSession:
        """Return ada's session, not yet open; with another password if one is given."""
        return SMTPSession(
            server.host,
            port=server.smtp_tls_port,
            user="ada",
            password=password or self.password,
            tls=server.ssl_context,
        )

    def send(self, session: SMTPSession) -> Iterator[Receipt]:
        """Send all messages, and yield their receipts as they come."""
        started = perf_counter()
        for receipt in session.send_many(self._letters()):
            self.accepted += receipt.accepted == ("bob@example.org",)
            yield receipt
        self.seconds = perf_counter() - started
        self.check("messages accepted", self.messages, self.accepted)

    def send_to_both(self, session: SMTPSession) -> Receipt:
        """Send a message to ada, who exists, and to somebody who does not."""
        receipt = session.send(_note("ada@example.org, nobody@example.org"))
        self.check("refused in a receipt", "nobody@example.org", ", ".join(receipt.refused))
        return receipt

    def send_to_nobody(self, session: SMTPSession) -> SendRefused | None:
        """Return the error of a message whose only recipient does not exist."""
        error = _error_of(SendRefused, lambda: session.send(_note("nobody@example.org")))
        self.check("reply to an unknown user", 550, error and error.code)
        self.check("session usable after it", True, session.usable)
        return error

    def sign_in_wrongly(self, server: Server) -> Unauthorised | None:
        """Return the error of signing in with a wrong password."""
        session = self.session(server, password="not ada's password")  # noqa: S106
        error = _error_of(Unauthorised, session.open)
        session.close()
        self.check("reply to a wrong password", 535, error and error.code)
        return error

    def read_back(self, server: Server) -> Parcel:
        """Compare what arrived with what was sent; return the last message's."""
        stored = server.mailbox("bob")
        arrived = [Parcel.of(Email.from_source(message.content)) for message in stored]
        self.check("messages arrived", self.messages, len(arrived))
        same = sum(sent == there for sent, there in zip(self._sent, arrived, strict=False))
        self.check("of them unchanged", self.messages, same)
        last = arrived[-1] if arrived else Parcel("", "", -1, "")
        self.check("last subject", f"Reading {self.messages}", last.subject)
        self.check("last attachment, SHA-256", self._sent[-1].digest, last.digest)
        return last

    def check(self, what: str, expected: Any, actual: Any) -> None:
        """Note what was expected, and what there is."""
        self.checks.append(Check(what, expected, actual))

    def _letters(self) -> Iterator[Email]:
        for number in range(1, self.messages + 1):
            # Octets that look random, and are the same for the same number.
            content = hashlib.shake_128(b"%d" % number).digest(_ATTACHMENT)
            email = Email(
                sender="Ada <ada@example.org>",
                to="Bob <bob@example.org>",
                subject=f"Reading {number}",
                text=f"Dear Bob,\n\nhere is reading number {number}.\n\nAda\n",
                attachments=[Attachment(f"reading-{number:04}.bin", content)],
            )
            self._sent.append(Parcel.of(email))
            yield email


def _note(to: str) -> Email:
    return Email(sender="ada@example.org", to=to, subject="A note", text="Is anybody there?\n")


def _error_of(kind: type[E], call: Callable[[], object]) -> E | None:
    """Return the error of that kind which a call ends with; None if it succeeds."""
    try:
        call()
    except kind as error:
        return error
    return None
