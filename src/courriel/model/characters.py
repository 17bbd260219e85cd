"""Refuse the characters that may never reach a line of a command or a header.

A protocol line and a header line end where CR LF stands, and programs differ in what else they
take for a line end or for nothing: a bare CR or LF, NUL, U+0085, U+2028, U+2029. A lone surrogate
cannot be encoded at all. One validator stands in front of every value that becomes part of a line
(addresses, names, subjects, header values, file names, options), so that none can end its line.

Only that validator, and how its errors show what they refuse, lives here.
"""

from __future__ import annotations

import re

from courriel.errors import Misused

_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_ENDS = frozenset("\n\v\f\r\x00\x1c\x1d\x1e\x85\u2028\u2029")
"""What some programs take for the end of a line."""

_NAMES = {
    "\r": "a carriage return",
    "\n": "a line feed",
    "\x00": "a NUL",
    "\t": "a tab",
    "\u2028": "a line separator",
    "\u2029": "a paragraph separator",
}


def forbidden_in(text: str) -> str | None:
    """Return the name of the first character of ``text`` that no line may hold, or None."""
    if text.isascii() and text.isprintable():
        return None
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    character = found[0]
    if character in _NAMES:
        return _NAMES[character]
    kind = "a lone surrogate" if "\ud800" <= character <= "\udfff" else "a control character"
    return f"{kind} (U+{ord(character):04X})"


def remedy(text: str) -> str:
    """Return what to do about the first character that no line may hold."""
    found = _FORBIDDEN.search(text)
    character = found[0] if found else ""
    if character == "\t":
        return "Write a space instead."
    if character in _ENDS:
        return "Remove it: it could end the line and start another one."
    return "Remove it: no line may hold it."


def single_line(text: str, *, what: str, operation: str) -> str:
    """Return ``text`` when it can stand on one line; ``what`` names it in the error.

    Raises Misused for anything but a string, for C0 and C1 controls, DEL,
    U+2028, U+2029 and lone surrogates.
    """
    if not isinstance(text, str):
        raise Misused(
            f"{what} must be a string, not {type(text).__name__}",
            operation=operation,
            hint="Decode bytes before handing them over." if isinstance(text, bytes) else "",
        )
    fault = forbidden_in(text)
    if fault is not None:
        raise Misused(
            f"{what} holds {fault}",
            operation=operation,
            hint=remedy(text),
        )
    return text


def excerpt(value: object) -> str:
    """Return what an error shows of a value that was refused: its repr, cut to 80 characters."""
    quoted = isinstance(value, (str, bytes))
    text = repr(value[:80] if isinstance(value, (str, bytes)) else value)
    if len(text) <= 80:
        return text
    return f"{text[:76]}...{text[-1]}" if quoted else text[:77] + "..."


def scrubbed(text: str) -> str:
    """Return ``text`` with every forbidden character replaced by a space, for what was read."""
    if text.isprintable():
        return text
    return _FORBIDDEN.sub(" ", text)
