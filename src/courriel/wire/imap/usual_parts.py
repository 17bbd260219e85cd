"""Make the parts of a BODYSTRUCTURE that is as nearly all are.

Its shape has a plan (``body_shape``), its words for types and encodings are words, its parameters
are written in one piece. Whatever is not so is for ``body`` and ``leaf``, which give the same parts
of the rest, too, and take their time.

Only that quick way lives here.
"""

from __future__ import annotations

import re

from courriel.model.decoding import header_text, unfolded
from courriel.model.filename import safe_name
from courriel.model.limits import Limits
from courriel.model.moulds import mould
from courriel.model.parameters import assembled
from courriel.model.summary import Part
from courriel.wire.imap.body_shape import LeafPlan, Pairs, body_plan, without_numbers
from courriel.wire.imap.cursor import Raw
from courriel.wire.imap.leaf import identifier_of
from courriel.wire.imap.shapes import NIL, cut

_TOKEN = re.compile(rb"[A-Za-z0-9!#$&^_.+-]+")
_WORDS = {
    written: word
    for word in (
        *("text", "plain", "html", "calendar", "csv", "rfc822-headers"),
        *("application", "octet-stream", "pdf", "zip", "ics", "pkcs7-signature", "pgp-signature"),
        *("image", "jpeg", "png", "gif", "message", "delivery-status"),
        *("mixed", "alternative", "related", "signed", "report"),
        *("7bit", "8bit", "binary", "base64", "quoted-printable", "attachment", "inline"),
    )
    for written in (word.encode(), word.upper().encode())
}
"""What types and encodings usually are, as servers write them."""
_NAMES = {
    written: name
    for name in ("charset", "name", "filename", "format", "delsp", "boundary", "method", "type")
    for written in (name.encode(), name.upper().encode())
}
"""What parameters are usually called; none of these is a segment of one (RFC 2231)."""


_made = mould(Part)


class _Unusual(Exception):
    """A word that is no word."""


def usual_parts(raw: Raw, limits: Limits) -> tuple[Part, ...] | None:
    """Return the parts, or None when that takes more than a look at the plan."""
    pieces = cut(raw)
    if pieces is None:
        return None
    shape, strings = pieces
    counted = without_numbers(shape)
    if counted is None:
        return None
    shape, numbers = counted
    plan = body_plan(shape)
    if plan is None or plan.numbers != len(numbers) - 1:
        return None
    if len(plan.leaves) > limits.imap_parts or plan.depth > limits.imap_nesting:
        return None
    try:
        return tuple([_part(leaf, strings, numbers) for leaf in plan.leaves])
    except _Unusual:
        return None


def _part(leaf: LeafPlan, strings: list[bytes | None], numbers: list[int | None]) -> Part:
    (path, kind, subtype, pairs, identifier, encoding, octets, lines, disposition, more, around) = (
        leaf
    )
    parameters = _parameters(pairs, strings)
    disposed = _parameters(more, strings) if more else parameters
    name = (disposed.get("filename") if more else None) or parameters.get("name")
    return _made(
        path,
        f"{_word(strings[kind])}/{_word(strings[subtype])}",
        safe_name(name) if name else None,
        numbers[octets] or 0,
        _word(strings[encoding]),
        parameters.get("charset") or None,
        None if disposition == NIL else _word(strings[disposition]),
        None if identifier == NIL else identifier_of(strings[identifier]),
        parameters,
        numbers[lines],
        "" if around == NIL else f"multipart/{_word(strings[around])}",
    )


def _word(octets: bytes | None) -> str:
    assert octets is not None  # The plan has seen a string.
    word = _WORDS.get(octets)
    if word is not None:
        return word
    if _TOKEN.fullmatch(octets) is None:
        raise _Unusual
    return octets.decode("ascii").lower()


def _parameters(pairs: Pairs, strings: list[bytes | None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name_at, value_at in pairs:
        name = _NAMES.get(strings[name_at] or b"")
        if name is None:
            return assembled(
                (unfolded(strings[name_at] or b""), unfolded(strings[value_at] or b""))
                for name_at, value_at in pairs
            )
        found.setdefault(name, header_text(strings[value_at] or b"").strip())
    return found
