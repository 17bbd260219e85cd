r"""Name the words of IMAP's grammar: patterns, and how octets for people become text.

::

    quoted  = DQUOTE *QUOTED-CHAR DQUOTE                               RFC 9051, 9
    literal = "{" number64 ["+"] "}" CRLF *CHAR8
    atom    = 1*ATOM-CHAR ; no CTL, SP, "(", ")", "{", "%", "*", DQUOTE, "\", "]"

What is read is wider than what the grammar allows, as far as no two readings are possible: 8-bit
and controls stand in quotes, ``]`` and ``\`` in atoms. A literal stands as ``{n}``, its octets are
beside the text (``frames``).

A repeated group is atomic, ``(?>(?:…)*)``, and never possessive, ``(?:…)*+``: up to Python 3.11.4
a possessive one keeps octets of a last round that failed (cpython gh-106052).

Only patterns and pure functions of a few octets live here; ``cursor`` walks.
"""

from __future__ import annotations

import re

from courriel.model.characters import scrubbed
from courriel.model.decoding import decoded
from courriel.model.flags import canonical

QUOTED = rb'"[^"\\]*+(?:\\.[^"\\]*+)*"'
"""A quoted string; nothing in it can be matched in two ways."""
UNESCAPED = rb'"[^"]*+"'
"""A quoted string, where no backslash is near; it is found in half the time."""
NESTS = 12
"""Parentheses inside parentheses that one pattern goes through; ordinary mail has five or six."""

QUOTED_STRING = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*)"', re.DOTALL)
ATOM = re.compile(rb'[^\x00-\x20(){"\x7f]+')
LITERAL = re.compile(rb"~?\{([0-9]{1,20})\}")
NUMBER = re.compile(rb"[0-9]{1,20}(?![0-9])")
SIGNED = re.compile(rb"-?[0-9]{1,19}+(?:\.[0-9]{1,19}+)?(?:[eE][+]?[0-9]{1,2})?(?![0-9.eE])")
RANGES = re.compile(rb"[0-9]{1,20}(?::[0-9]{1,20})?(?>(?:,[0-9]{1,20}(?::[0-9]{1,20})?)*)")
NIL = re.compile(rb"NIL(?![^\x00-\x20()])", re.IGNORECASE)
SPACES = re.compile(rb"[ \t]*+")
# One step over anything: a parenthesis, a string, a literal, or what stands between.
STEP = re.compile(rb"[()]|" + QUOTED + rb'|~?\{[0-9]{1,20}\}|[^()"{ ]++|[ ]++|\{|"', re.DOTALL)

_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

ATTRIBUTES = {
    name.lower(): name
    for name in (
        *("\\Noselect", "\\NonExistent", "\\Noinferiors", "\\Marked", "\\Unmarked"),
        *("\\HasChildren", "\\HasNoChildren", "\\Subscribed", "\\Remote", "\\NoAccess"),
        *("\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash"),
        *("\\Important", "\\Memos", "\\Scheduled", "\\Snoozed", "\\Inbox"),
    )
}
"""Folder attributes by their lower-case form (RFC 9051, 7.3.1; RFC 6154; RFC 8457; IANA)."""


def nested(string: bytes = QUOTED) -> bytes:
    """Return a pattern for a parenthesised value without literals, ``NESTS`` deep at most.

    ``string`` is the pattern of the strings in it. One run of the pattern matcher is several times
    as quick as a step for every token. Every repetition is atomic, so that a value without its end
    costs one look at it.
    """
    between = rb'[^()"{]*+'
    pattern = rb"\(" + between + rb"(?>(?:" + string + between + rb")*)\)"
    for _ in range(NESTS - 1):
        inner = rb"(?:" + string + rb"|" + pattern + rb")"
        pattern = rb"\(" + between + rb"(?>(?:" + inner + between + rb")*)\)"
    return pattern


def unescaped(inside: bytes) -> bytes:
    """Return what the inside of a quoted string stands for."""
    return _ESCAPED.sub(rb"\1", inside) if b"\\" in inside else inside


def readable(octets: bytes) -> str:
    """Return text for people: UTF-8, else Windows-1252; control characters become U+FFFD."""
    if octets.isascii():
        text = octets.decode("ascii")
        if text.isprintable():
            return text
    else:
        text = decoded(octets, None)[0]
    return _CONTROL.sub("\ufffd", text)


def whole(text: bytes) -> int:
    """Return the number that ``SIGNED`` matched, cut to a whole one; -1 when it has no sense."""
    if text.isdigit():
        value = int(text)
    else:
        # A size of several MiB, written as a floating point number; see ``oddities``.
        value = int(float(text)) if len(text) < 40 else -1
    return value if value < 1 << 63 else -1


def word(octets: bytes) -> str:
    """Return an atom or a short string as text on one line."""
    return scrubbed(decoded(octets, None)[0])


def flag(octets: bytes) -> str:
    """Return a flag, a system flag in its one spelling."""
    return canonical(word(octets))


def attribute(octets: bytes) -> str:
    """Return an attribute of a folder in its usual spelling."""
    text = word(octets)
    return ATTRIBUTES.get(text.lower(), text)
