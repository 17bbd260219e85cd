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
MECHANISM = Quirk(
    name="mechanism-not-implemented",
    verb="AUTH",
    seen="servers that list a mechanism and answer 504 to its use (RFC 4954, 4)",
    remedy="the next mechanism, unless it is weaker",
    seen_in=_not_implemented,
)

QUIRKS = (CHUNKING, PARAMETERS, PIPELINING, NESTED, MECHANISM)
