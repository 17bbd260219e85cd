"""Commands that ask one thing and get one reply: NOOP, RSET, HELP, VRFY."""

from __future__ import annotations

from courriel.errors import CourrielError, Misused, Refused
from courriel.faces import Flow
from courriel.flows.dialogue import Dialogue
from courriel.model.characters import single_line
from courriel.model.receipt import Reply
from courriel.wire.smtp.commands import Simple


def ask(dialogue: Dialogue, verb: str, argument: str = "") -> Flow[Reply]:
    """Send a command and return its reply. Raises Refused when the server says no."""
    single_line(argument, what="the argument", operation=verb.lower())
    try:
        reply = yield from dialogue.machine.submit(Simple(verb, argument))
    except CourrielError as error:
        error.operation = error.operation or verb.lower()
        raise
    if reply.code >= 300:
        raise Refused(
            f"the server refused {verb}: {reply}",
            operation=verb.lower(),
            hint="Try again later." if reply.transient else "",
            code=reply.code,
            enhanced=reply.enhanced,
            text=reply.text,
            command=verb,
        )
    return reply


def verify(dialogue: Dialogue, address: str) -> Flow[Reply]:
    """Send VRFY. The argument is a String, a user or mailbox name (RFC 5321, 4.1.1.6)."""
    single_line(address, what="an address", operation="verify")
    if not address.strip():
        raise Misused("verify needs an address or user name", operation="verify")
    return (yield from ask(dialogue, "VRFY", address))
