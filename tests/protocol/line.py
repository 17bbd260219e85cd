"""A machine at the end of a line: what it says, what it hears, as text.

The tests of the machine speak to it without driver, socket or clock. Saying is taking: what
``said`` returns has left for the server, all of it.
"""

from __future__ import annotations

from courriel.model.limits import Limits
from courriel.model.receipt import Reply
from courriel.protocol.smtp import SmtpMachine
from courriel.protocol.transaction import Transaction
from courriel.wire.smtp.commands import Mail, Rcpt

BODY = b"Hi.\r\n"


class Line:
    """A machine that has been greeted and knows what the server offers."""

    def __init__(self, *offers: str, limits: Limits | None = None) -> None:
        self.machine = SmtpMachine(limits or Limits())
        self.hear("220 mx.example.org")
        self.machine.learn(Reply(250, ("mx.example.org", *offers)))

    def hear(self, *lines: str) -> None:
        """Have the server say these lines."""
        self.machine.receive_data("".join(f"{line}\r\n" for line in lines).encode())

    def said(self) -> list[str]:
        """Return the lines that the machine has to say, and let them go."""
        data = self.machine.data_to_send()
        self.machine.data_sent(len(data))
        return data.decode("latin-1").splitlines()

    def send(
        self,
        *recipients: str,
        sender: str = "ada",
        body: bytes | None = BODY,
        lmtp: bool = False,
    ) -> Transaction:
        """Put a message in flight, under CHUNKING where that is offered."""
        return self.machine.transact(
            Transaction(
                Mail(f"{sender}@example.org"),
                [Rcpt(f"{name}@example.org") for name in recipients or ("bob",)],
                body,
                chunked="CHUNKING" in self.machine.capabilities,
                per_recipient=lmtp,
            )
        )


def codes(transaction: Transaction) -> tuple[int | None, list[int | None], int | None, list[int]]:
    """Return the codes of a settled transaction: MAIL, each RCPT, DATA, the message."""
    assert transaction.done
    outcome = transaction.value
    return (
        _code(outcome.mail),
        [_code(reply) for reply in outcome.recipients],
        _code(outcome.data),
        [reply.code for reply in outcome.final],
    )


def _code(reply: Reply | None) -> int | None:
    return None if reply is None else reply.code
