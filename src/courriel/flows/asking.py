"""Commands that ask one thing and get one reply: NOOP, RSET, HELP, VRFY."""

from __future__ import annotations

from courriel.errors import Misused, NotSupported, Refused
from courriel.faces import Flow
from courriel.flows.hearing import heard
from courriel.flows.smtp_opening import SmtpDialogue
from courriel.model.characters import single_line
from courriel.model.receipt import Reply
from courriel.wire.smtp.commands import Simple


def ask(
    dialogue: SmtpDialogue, verb: str, argument: str = "", *, utf8: bool = False
) -> Flow[Reply]:
    """Send a command and return its reply. Raises Refused when the server says no.

    ``utf8`` says that the argument goes with SMTPUTF8; without it only ASCII
    may be sent, anything else raises Misused.
    """
    single_line(argument, what="the argument", operation=verb.lower())
    machine = dialogue.machine
    reply = yield from heard(machine, machine.submit(Simple(verb, argument, utf8)))
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


def verify(dialogue: SmtpDialogue, address: str) -> Flow[Reply]:
    """Send VRFY. The argument is a String, a user or mailbox name (RFC 5321, 4.1.1.6).

    One that is not ASCII takes SMTPUTF8 (RFC 6531, 3.7.4.2), or raises NotSupported.
    """
    single_line(address, what="an address", operation="verify")
    if not address.strip():
        raise Misused("verify needs an address or user name", operation="verify")
    utf8 = not address.isascii()
    if utf8 and "SMTPUTF8" not in dialogue.machine.capabilities:
        raise NotSupported(
            "the server does not offer SMTPUTF8, which the address needs",
            operation="verify",
            capability="SMTPUTF8",
            hint="Use an ASCII address.",
        )
    return (yield from ask(dialogue, "VRFY", address, utf8=utf8))
