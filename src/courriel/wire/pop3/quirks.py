"""Deviations of real POP3 servers, each with a name, where it was seen, and what we do about it.

A deviation is a line in this table, so that whoever wonders why the code is so generous finds the
server that it is generous to. Those that are recognised from an answer's words have ``seen_in``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirk:
    """One deviation. ``words`` recognises it in the text of a refusal."""

    name: str
    seen: str
    remedy: str
    words: re.Pattern[str] | None = None

    def seen_in(self, text: str) -> bool:
        """Whether a refusal's text shows it."""
        return self.words is not None and self.words.search(text) is not None


BARE_LF = Quirk(
    name="lines-end-in-lf",
    seen="small servers in devices, which end their lines with LF alone",
    remedy="when the status line ends so, so do the lines of its answer; behind a CRLF only "
    "CRLF ends a line, or a mail could hold the end of its own answer",
)
GLUED = Quirk(
    name="capability-without-space",
    seen="mailutils writes EXPIRENEVER and Yahoo EXPIRE-NEVER for EXPIRE NEVER (RFC 2449, 6.7)",
    remedy="read as EXPIRE with its parameter",
)
NO_CAPA = Quirk(
    name="capa-unknown",
    seen="servers older than RFC 2449, qmail-pop3d among them",
    remedy="USER and PASS, one command at a time; UIDL and TOP are tried",
)
SILENT_USER = Quirk(
    name="user-not-listed",
    seen="servers whose CAPA names neither USER nor SASL mechanisms, and that take USER and PASS",
    remedy="USER and PASS are tried where nothing else is offered",
)
UNHEARD_INITIAL = Quirk(
    name="initial-response-unheard",
    seen="servers that list SASL but know AUTH as of RFC 1734, without an initial response: they "
    "answer with an empty challenge",
    remedy="the response is said again",
)
TWO_STEPS = Quirk(
    name="xoauth2-in-two-steps",
    seen="Microsoft 365 (outlook.office365.com), whose documentation of XOAUTH2 for POP3 has "
    "AUTH XOAUTH2 in one line and the token in the next, and which refuses both in one",
    remedy="the token goes as the answer to an empty challenge",
)
TWICE = Quirk(
    name="uidl-twice",
    seen="servers that make the UIDL of a digest: two copies have the same (RFC 1939, 7 allows it)",
    remedy="the second is called by the UIDL, a space and 2, and so on",
)
UNCOUNTED = Quirk(
    name="size-unreadable",
    seen="LIST lines with a negative, missing or endless size",
    remedy="the size is 0, and nothing relies on it",
)
UNKNOWN_COMMAND = Quirk(
    name="command-not-implemented",
    seen="servers that say in words only that they do not know a command or mechanism",
    remedy="what the command is for is done in another way, where there is one",
    words=re.compile(
        r"(?:un(?:known|recogni[sz]ed|implemented|supported)|invalid|bad|illegal|no such)"
        r"\s+(?:\w+\s+){0,2}(?:command|mechanism|method|type|verb)"
        r"|not\s+(?:\w+\s+){0,2}(?:supported|implemented|recogni[sz]ed|understood|available)"
        r"|(?:command|mechanism|method|type)\s+(?:\S+\s+){0,3}"
        r"(?:unknown|unrecogni[sz]ed|unimplemented|unsupported|invalid)",
        re.IGNORECASE,
    ),
)
LOCKED = Quirk(
    name="locked-in-words",
    seen="servers without RESP-CODES that say in words only that another session has the mailbox",
    remedy="taken as [IN-USE] (RFC 2449, 8.1.1): it says nothing about the password",
    words=re.compile(
        r"(?:mail\s?box|mail\s?drop)\b.{0,60}\b(?:lock|in use|busy|already open)"
        r"|(?:can't|cannot|could not|couldn't|unable to|failed to)\s+(?:\w+\s+){0,3}lock\b",
        re.IGNORECASE,
    ),
)

QUIRKS = (
    BARE_LF,
    GLUED,
    NO_CAPA,
    SILENT_USER,
    UNHEARD_INITIAL,
    TWO_STEPS,
    TWICE,
    UNCOUNTED,
    UNKNOWN_COMMAND,
    LOCKED,
)
