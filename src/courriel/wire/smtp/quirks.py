"""Deviations of real SMTP servers, each with a name, where it was seen, and what we do about it.

A quirk is recognised from a reply alone. When one is seen the message is sent again in the way
that the remedy says, and the session remembers the name, so that it happens once a server.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from courriel.model.receipt import Reply


@dataclass(frozen=True, slots=True)
class Quirk:
    """One deviation. ``seen_in`` decides from a reply to the command named ``verb``."""

    name: str
    verb: str
    seen: str
    remedy: str
    seen_in: Callable[[Reply], bool]


_TOO_MANY = re.compile(r"too many (?:messages|mails|transactions)", re.IGNORECASE)
_UNSYNCHRONISED = re.compile(r"pipelin|synchroni[sz]ation", re.IGNORECASE)


def _not_implemented(reply: Reply) -> bool:
    # RFC 5321, 4.2.4: 500 not recognised, 502 not implemented, 504 parameter not implemented.
    return reply.code in (500, 502, 504)


def _command_unknown(reply: Reply) -> bool:
    # X.5.Z is about the command (RFC 3463, 3.6); any other class is about the message.
    return _not_implemented(reply) and (reply.enhanced or "5.5").startswith("5.5")


def _parameter_refused(reply: Reply) -> bool:
    # RFC 5321, 4.1.1.11: 555; many servers say 501 or 504 instead.
    return reply.code in (501, 504, 555)


def _full(reply: Reply) -> bool:
    # 4.5.3 is about too many recipients (RFC 3463, 3.6), and MAIL has none. A 421 without such
    # words may mean anything: the server that shuts down says it too.
    if reply.code == 452 and reply.enhanced == "4.5.3":
        return True
    return reply.code in (421, 452) and _TOO_MANY.search(reply.text) is not None


def _unsynchronised(reply: Reply) -> bool:
    return reply.code in (503, 550, 554) and _UNSYNCHRONISED.search(reply.text) is not None


CHUNKING = Quirk(
    name="chunking-not-implemented",
    verb="BDAT",
    seen="proxies and filters that pass the EHLO reply of the server behind them but not its BDAT; "
    "a CHUNKING switch for such servers is in Postfix (smtp_discard_ehlo_keywords) and Exim "
    "(hosts_try_chunking)",
    remedy="a new connection, since what follows the refused BDAT was read as commands; then DATA",
    seen_in=_command_unknown,
)
PARAMETERS = Quirk(
    name="mail-parameters-refused",
    verb="MAIL",
    seen="servers and proxies that offer SIZE or 8BITMIME and refuse the parameter (RFC 5321, "
    "4.1.1.11 asks for 555 only where it was not offered)",
    remedy="MAIL again without SIZE and BODY, which only announce",
    seen_in=_parameter_refused,
)
PIPELINING = Quirk(
    name="pipelining-refused",
    verb="*",
    seen="servers that offer PIPELINING and call its use a protocol synchronization error, as "
    "Exim's smtp_enforce_sync does when a filter in front hides the offer from it",
    remedy="one command at a time",
    seen_in=_unsynchronised,
)
NESTED = Quirk(
    name="transaction-outlives-refusal",
    verb="MAIL",
    seen="Postfix up to 3.7 with smtpd_end_of_data_restrictions: a message that is refused at its "
    "end leaves its transaction open, so that the next MAIL is a nested one and the next RCPT "
    "adds to the old recipients",
    remedy="a new connection before anything is added to the old transaction; then a RSET in "
    "front of every MAIL that follows a message whose fate is open",
    seen_in=lambda reply: reply.code == 503,
)
DEAF = Quirk(
    name="deaf-behind-the-dot",
    verb="EHLO",
    seen="Courier's esmtpd (1.0), which is known by its XEXDATA: it offers PIPELINING, and loses "
    "what arrives together with the end of a message (RFC 2920, 3.1 lets commands follow it)",
    remedy="behind a message nothing is sent until it is answered",
    seen_in=lambda reply: any(line.split()[:1] == ["XEXDATA"] for line in reply.lines),
)
FULL = Quirk(
    name="messages-per-connection",
    verb="MAIL",
    seen="OpenSMTPD (limit session max-mails, 100) and Exim (smtp_accept_max_per_connection, "
    "1000), which take so many messages from one connection; RFC 9422 has a capability for it, "
    "which Exim has offered since 4.98",
    remedy="a new connection, where this one has brought a message",
    seen_in=_full,
)
MECHANISM = Quirk(
    name="mechanism-not-implemented",
    verb="AUTH",
    seen="servers that list a mechanism and answer 504 to its use (RFC 4954, 4)",
    remedy="the next mechanism, unless it is weaker",
    seen_in=_not_implemented,
)

QUIRKS = (CHUNKING, PARAMETERS, PIPELINING, NESTED, DEAF, FULL, MECHANISM)
