"""Waiting for an answer of an SMTP server, and bringing meanwhile what is in front of it.

A body that is fed holds up all that is behind it, and the flow of its sender may be anywhere: not
begun yet in a pipeline, or between two receipts of a stream. So everybody who waits brings of such
bodies what is welcome, a piece at a time, and no wait is for somebody who does not come.
"""

from __future__ import annotations

from courriel.faces import Flow
from courriel.flows.effects import Now
from courriel.model.receipt import Reply
from courriel.protocol.smtp import SmtpMachine
from courriel.protocol.smtp_steps import CommandTicket
from courriel.protocol.transaction import Transaction


def heard(machine: SmtpMachine, ticket: CommandTicket) -> Flow[Reply]:
    """Wait for the reply to a command."""
    if machine.feeds:
        yield from bring(machine, ticket)
    return (yield from ticket)


def bring(machine: SmtpMachine, waiting: CommandTicket | Transaction) -> Flow[None]:
    """Bring bodies until nothing is left to do but to wait for the answer."""
    # A flow that was only begun, as in a pipeline, stops here, where nobody counts on it.
    yield from Now()
    try:
        while (fed := (yield from machine.hungry(waiting))) is not None:
            assert fed.meal is not None  # Only such are called for.
            yield from fed.meal.serve()
    except BaseException:
        machine.desert(waiting)
        raise
