"""Make replies: out of words, out of errors, into octets (RFC 5321, 4.2; RFC 2034).

A command that goes wrong raises ``Refused``; what the client then reads is ``of(error)``. Replies
never repeat what the client sent, so that nothing of it can get into its log or its screen.
"""

from __future__ import annotations

import re

from courriel.errors import Misused, Refused
from courriel.model.receipt import Reply

_REPLY = re.compile(r"([45]\d\d)(?: ([45]\.\d{1,3}\.\d{1,3}))?(?: ([^\r\n\0]*))?")


def ok(enhanced: str, *lines: str, code: int = 250) -> Reply:
    """Return a positive reply."""
    return Reply(code, lines or ("OK",), enhanced)


def refused(code: int, enhanced: str, text: str) -> Refused:
    """Return the error whose reply is ``code enhanced text``."""
    return Refused(text, operation="SMTP", code=code, enhanced=enhanced, text=text)


def of(error: Refused) -> Reply:
    """Return the reply that tells the client about ``error``."""
    return Reply(error.code or 451, (error.text or error.message,), error.enhanced)


def parse(text: str) -> Reply:
    """Return the reply written as ``"550 5.7.1 No"``; Misused if it is no 4yz or 5yz reply."""
    match = _REPLY.fullmatch(text)
    if match is None:
        raise Misused(
            f"{text!r} is no refusal",
            operation="sandbox",
            hint='Write it as a reply with a code of 4yz or 5yz: "550 5.7.1 Not for you".',
        )
    return Reply(int(match[1]), (match[3] or "Refused",), match[2])


def encode(reply: Reply, *, enhanced: bool = True) -> bytes:
    """Return the reply in octets; each line has the enhanced status code if it is wanted."""
    status = f"{reply.enhanced} " if enhanced and reply.enhanced else ""
    *before, last = reply.lines
    text = "".join([f"{reply.code}-{status}{line}\r\n" for line in before])
    return f"{text}{reply.code} {status}{last}\r\n".encode()
