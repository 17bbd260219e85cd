"""Make what the server says: statuses out of errors, strings out of octets (RFC 3501, 9).

A command that is denied raises ``Refused``, which becomes NO; one that is wrong raises ``Misused``,
which becomes BAD. The response code (RFC 3501, 7.1) of a NO travels as the error's ``enhanced``.
Texts never repeat what the client sent, but for the name of a folder, escaped.

::

    string  = quoted / literal
    nstring = string / nil
    quoted  = DQUOTE *QUOTED-CHAR DQUOTE
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from courriel.errors import Misused, Refused, Unauthorised
from courriel.model.uids import UidSet

__all__ = ["Done", "Outcome", "Replies", "bad", "no", "status_of"]

Replies: TypeAlias = "Generator[bytes, None, Done]"
Outcome: TypeAlias = "Done | Replies"

_QUOTABLE = re.compile(rb"[ !#-\[\]-~]{0,1000}")
_QUOTABLE_WITH_SPECIALS = re.compile(rb"[ -~]{0,1000}")
_SPECIALS = re.compile(rb'(["\\])')
_ATOM = re.compile(rb"[A-Za-z0-9!#$&'+,\-./:;<=>?@^_`|~]+")
# Enhanced status codes (RFC 3463) of what protocols share here, as response codes (RFC 5530).
_CODES = {"4.3.1": "OVERQUOTA", "5.7.8": "AUTHENTICATIONFAILED"}


@dataclass(frozen=True, slots=True)
class Done:
    """The command is obeyed: the text, and the response code without its brackets."""

    text: str
    code: str = ""


def no(text: str, code: str = "") -> Refused:
    """Return the error that becomes NO."""
    return Refused(text, operation="IMAP", enhanced=code or None, text=text)


def bad(text: str) -> Misused:
    """Return the error that becomes BAD."""
    return Misused(text, operation="IMAP")


def status_of(outcome: Done | Refused | Misused) -> bytes:
    """Return the status, the response code and the text of a response."""
    match outcome:
        case Done():
            word, code, text = "OK", outcome.code, outcome.text
        case Misused():
            word, code, text = "BAD", "", outcome.message
        case Unauthorised(code=501):
            # RFC 3501, 6.2.2: what cannot be decoded is the client's mistake.
            word, code, text = "BAD", "", outcome.text
        case _:
            code = _CODES.get(outcome.enhanced or "", outcome.enhanced or "")
            word, text = "NO", outcome.text or outcome.message
    brackets = f"[{code}] " if code else ""
    # Texts are ours, but for a user's name in some.
    return f"{word} {brackets}{text}".encode("ascii", "replace")


def string(octets: bytes) -> bytes:
    """Return octets as a quoted string where they fit in one, else as a literal."""
    if _QUOTABLE.fullmatch(octets):
        return b'"%b"' % octets
    if _QUOTABLE_WITH_SPECIALS.fullmatch(octets):
        return b'"%b"' % _SPECIALS.sub(rb"\\\1", octets)
    return literal(octets)


def nstring(octets: bytes | None) -> bytes:
    """Return octets as a string, None as NIL."""
    return b"NIL" if octets is None else string(octets)


def literal(octets: bytes) -> bytes:
    """Return octets as a literal."""
    return b"{%d}\r\n%b" % (len(octets), octets)


def astring(octets: bytes) -> bytes:
    """Return octets as an atom where they are one, else as a string."""
    if _ATOM.fullmatch(octets) and octets.upper() != b"NIL":
        return octets
    return string(octets)


def parenthesised(items: Iterable[bytes]) -> bytes:
    """Return items between parentheses, with spaces between them."""
    return b"(%b)" % b" ".join(items)


def flag_list(flags: Iterable[str]) -> bytes:
    """Return flags between parentheses, in the order of the alphabet."""
    return f"({' '.join(sorted(flags))})".encode()


def number_set(numbers: Iterable[int]) -> bytes:
    """Return numbers as ranges, such as ``1:3,7``."""
    return UidSet.of(numbers).encode()
