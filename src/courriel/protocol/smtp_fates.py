"""How a connection's end is told: the errors of the SMTP machine, and each message's fate."""

from __future__ import annotations

from courriel.errors import CourrielError, Disconnected, Garbled, InsecureConnection, Uncertain
from courriel.model.receipt import Reply
from courriel.protocol.smtp_steps import CommandTicket
from courriel.protocol.transaction import Transaction
from courriel.wire.smtp.quirks import Quirk


def fate(
    owner: CommandTicket | Transaction, error: CourrielError, octets_sent: int
) -> CourrielError:
    """Return the truth about one command when the connection ended with ``error``.

    A message whose end the transport had taken may have arrived (RFC 1047);
    any other was not sent.
    """
    if not isinstance(owner, Transaction):
        return error
    if owner.end is None or octets_sent < owner.end:
        return not_sent(error)
    uncertain = Uncertain(
        f"the message was handed over, but its answer never came: {error.message}",
        hint="It may have been sent; sending it again may deliver it twice.",
    )
    uncertain.__cause__ = error
    return uncertain


def given_up() -> Disconnected:
    """Return the error for a connection dropped because a message in it was given up."""
    return Disconnected(
        "a message was given up while it was being sent, so the connection was dropped",
        hint="Open the session again.",
    )


def dropped(quirk: Quirk) -> Disconnected:
    """Return the error for a connection that had to be dropped because of a quirk."""
    return Disconnected(f"dropped the connection: {quirk.name}", hint=quirk.remedy)


def not_sent(error: CourrielError) -> CourrielError:
    """Return ``error`` as it concerns a message that did not leave, or not wholly."""
    if not isinstance(error, Disconnected):
        return error
    not_sent = Disconnected(
        f"the message was not sent: {error.message}", hint="Open the session again and repeat."
    )
    not_sent.__cause__ = error
    return not_sent


def refused_midway(reply: Reply) -> Disconnected:
    """Return the error for a connection dropped because the server refused half a message."""
    return Disconnected(
        f"the server refused a message before its end, so the connection was dropped: {reply}",
        hint="Open the session again.",
    )


def shutting_down(reply: Reply) -> Disconnected:
    """Return the error for a 421 (RFC 5321, 3.8)."""
    return Disconnected(f"the server ended the session: {reply}", hint="Open a new session later.")


def out_of_step(reply: Reply) -> Garbled:
    """Return the error for a reply of a class that cannot answer its command."""
    return Garbled(
        f"the server answered {reply.code} where that is no answer",
        hint="The session is out of step; open a new one.",
    )


def injected() -> InsecureConnection:
    """Return the error for octets between STARTTLS and the handshake."""
    return InsecureConnection(
        "octets arrived between STARTTLS and the TLS handshake: somebody may be tampering",
        hint="Use implicit TLS (port 465) or another network.",
    )


def unasked() -> Garbled:
    """Return the error for a reply that no command was sent for."""
    return Garbled(
        "the server sent a reply to a command that was not sent",
        hint="The session is out of step; open a new one.",
    )
