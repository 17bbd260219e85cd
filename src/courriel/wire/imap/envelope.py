"""Read an ENVELOPE: who wrote to whom, about what, and when.

::

    envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP
               env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")"    RFC 9051, 9
    env-from = "(" 1*address ")" / nil
    address  = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"

A well-formed one without literals is read by its shape (``shapes``). Anything else is walked field
by field: a list may be missing, empty, or written as text; fields may be missing at the end; where
nothing can be read any more, what came before stands. Nothing raises.

Only the reading of this one value lives here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from courriel.errors import Garbled
from courriel.model.address import Address, escaped
from courriel.model.characters import scrubbed
from courriel.model.decoding import decoded_words, header_text, unfolded
from courriel.model.envelope import Envelope
from courriel.model.limits import Limits
from courriel.model.moulds import mould
from courriel.model.tolerant import read_addresses
from courriel.wire.imap import moments
from courriel.wire.imap.cursor import Cursor, Raw
from courriel.wire.imap.envelope_shape import envelope_plan
from courriel.wire.imap.quirks import NO_DOMAINS, NO_MAILBOXES
from courriel.wire.imap.shapes import cut

Fields: TypeAlias = "tuple[bytes | None, bytes | None, bytes | None]"
"""The fields of an address that say something: name, mailbox, host."""

_IDENTIFIER = re.compile(r"<[^<>]{1,998}>")
_PLAIN_IDENTIFIER = re.compile(rb"<[!-;=@-~]{1,998}>")
# dot-atom of RFC 5322, 3.2.3, letters beyond ASCII included.
_PLAIN_LOCAL = re.compile(r"[^\s\"(),.:;<>@\[\\\]]+(?:\.[^\s\"(),.:;<>@\[\\\]]+)*")
# The names that servers invent for a domain have no dot, or begin with one.
_PLAIN_ADDRESS = re.compile(
    rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*"
    rb"@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)+"
)
_REVERSED = re.compile(rb"<[^<>@\s]+@[^<>@\s]+>")
_DATED = re.compile(rb'\( *(?!(?i:NIL)\b|""|\{0)[^ ()]')
_LISTS = 6
_envelope = mould(Envelope)
_address_as_read = mould(Address)


def read(raw: Raw, limits: Limits) -> tuple[Envelope, list[str]]:
    """Return the envelope, and what was wrong with it."""
    usual = by_shape(raw, limits)
    value, defects = by_walking(raw, limits) if usual is None else (usual, [])
    if value.date is None and _DATED.match(raw.text):
        defects.append("a date that cannot be read")
    return value, defects


def by_shape(raw: Raw, limits: Limits) -> Envelope | None:
    """Return the envelope when it is as the grammar has it, else None."""
    pieces = cut(raw)
    if pieces is None:
        return None
    shape, strings = pieces
    plan = envelope_plan(shape)
    if plan is None or plan.addresses > limits.imap_addresses:
        return None
    # Sender and Reply-To are nearly always the same as From.
    known: dict[tuple[Fields, ...], tuple[Address, ...]] = {}
    people: list[tuple[Address, ...]] = []
    for places in plan.lists:
        if not places:
            people.append(())
            continue
        fields = tuple([(strings[name], strings[box], strings[host]) for name, box, host in places])
        found = known.get(fields)
        if found is None:
            found = tuple([_person(*one) for one in fields]) if plan.whole else _people(fields)
            known[fields] = found
        people.append(found)
    texts = (plan.date, plan.subject, plan.in_reply_to, plan.message_id)
    return _made([strings[place] for place in texts], people)


def by_walking(raw: Raw, limits: Limits) -> tuple[Envelope, list[str]]:
    """Return whatever can be read, and what was wrong with it."""
    return _Walk(raw, limits).envelope()


def _made(texts: list[bytes | None], people: list[tuple[Address, ...]]) -> Envelope:
    date, subject, reply, identifier = texts
    authors, senders, reply_to, to, cc, bcc = people
    return _envelope(
        None if date is None else moments.written(date),
        "" if subject is None else header_text(subject),
        authors[0] if authors else senders[0] if senders else None,
        authors,
        reply_to or authors,
        to,
        cc,
        bcc,
        _first_identifier(reply, whole=False),
        _first_identifier(identifier, whole=True),
    )


def _first_identifier(octets: bytes | None, *, whole: bool) -> str | None:
    if octets is None:
        return None
    if _PLAIN_IDENTIFIER.fullmatch(octets):
        return octets.decode("ascii")
    text = header_text(octets).strip()
    found = _IDENTIFIER.search(text)
    if found is not None:
        return found[0]
    return (text or None) if whole else None


def _people(fields: Sequence[Fields]) -> tuple[Address, ...]:
    """Return the addresses of one list; the marks of a group (no host) are none.

    A group begins with (NIL NIL name NIL) and ends with (NIL NIL NIL NIL). Where no end follows,
    the first form is a local address without a domain.
    """
    ends = sum(1 for one in fields if one[1] is None and one[2] is None)
    found: list[Address] = []
    for name, mailbox, host in fields:
        if mailbox is None and host is None:
            ends -= 1
            if name:
                found.append(Address.as_read(_name(name), ""))
            continue
        if host is None and name and mailbox and _REVERSED.fullmatch(name):
            found.append(Address.as_read(_name(mailbox), unfolded(name)[1:-1]))
            continue
        if host is None and (ends > 0 or not (name or mailbox)):
            continue
        found.append(_person(name, mailbox, host))
    return tuple(found)


def _person(name: bytes | None, mailbox: bytes | None, host: bytes | None) -> Address:
    if mailbox and host and mailbox not in NO_MAILBOXES:
        address = b"%b@%b" % (mailbox, host)
        if _PLAIN_ADDRESS.fullmatch(address):
            # Nothing is left to clean but the name.
            return _address_as_read(scrubbed(_name(name)).strip(), address.decode("ascii"))
    return Address.as_read(_name(name), _address(mailbox, host))


def _name(octets: bytes | None) -> str:
    if not octets:
        return ""
    text = unfolded(octets)
    if len(text) > 1 and text[0] == text[-1] == '"':
        # The quotes of the header were taken for a part of the name.
        text = text[1:-1]
    return decoded_words(text)


def _address(mailbox: bytes | None, host: bytes | None) -> str:
    local = "" if mailbox is None or mailbox in NO_MAILBOXES else unfolded(mailbox)
    domain = "" if host is None or host in NO_DOMAINS else unfolded(host)
    if local[:1] == "<" and domain[-1:] == ">":
        local, domain = local[1:], domain[:-1]
    if local and _PLAIN_LOCAL.fullmatch(local) is None and local[0] != '"':
        # The server took the quotes away (RFC 9051, 7.5.2).
        if "@" in local and not domain:
            return local
        local = f'"{escaped(local)}"'
    return f"{local}@{domain}" if domain else local


class _Walk:
    """Reads an envelope that is not as the grammar has it, up to where it makes no sense."""

    def __init__(self, raw: Raw, limits: Limits) -> None:
        self.cursor = Cursor(raw.text, raw.literals, limits, long_strings=True)
        self.left = limits.imap_addresses
        self.limits = limits
        self.texts: list[bytes | None] = []
        self.people: list[tuple[Address, ...]] = []
        self.defects: list[str] = []

    def envelope(self) -> tuple[Envelope, list[str]]:
        try:
            self._fields()
        except Garbled as error:
            self.defects.append(f"an ENVELOPE that breaks off at octet {error.position}")
        self.texts += [None] * (4 - len(self.texts))
        self.people += [()] * (_LISTS - len(self.people))
        if self.left < 0:
            self.defects.append(f"more than {self.limits.imap_addresses} addresses")
        return _made(self.texts, self.people), self.defects

    def _fields(self) -> None:
        cursor = self.cursor
        if cursor.skip_nil():
            self.defects.append("NIL for an ENVELOPE")
            return
        cursor.insist(b"(")
        for is_list in (False, False, *[True] * _LISTS, False, False):
            cursor.spaces()
            if cursor.text.startswith(b")", cursor.position):
                self.defects.append("an ENVELOPE without all of its fields")
                return
            if is_list:
                self.people.append(())
                self.people[-1] = self._list()
            else:
                self.texts.append(self._text())

    def _text(self) -> bytes | None:
        if self.cursor.text.startswith(b"(", self.cursor.position):
            self.defects.append("a list where an ENVELOPE has text")
            self.cursor.skip_value()
            return None
        return self.cursor.nstring()

    def _list(self) -> tuple[Address, ...]:
        cursor = self.cursor
        if not cursor.skip(b"("):
            text = cursor.nstring()
            if text is None or b"@" not in text:
                if text:
                    self.defects.append("a text where an ENVELOPE has addresses")
                return ()
            return self._taken(read_addresses(unfolded(text))[0])
        fields: list[Fields] = []
        try:
            cursor.spaces()
            while not cursor.skip(b")"):
                cursor.spaces()
                if cursor.skip_nil():
                    continue
                if self.left > 0:
                    fields.append(self._one())
                else:
                    cursor.skip_value()
                self.left -= 1
                cursor.spaces()
        except Garbled:
            self.people[-1] = _people(fields)
            raise
        return _people(fields)

    def _taken(self, found: list[Address]) -> tuple[Address, ...]:
        room = max(self.left, 0)
        self.left -= len(found)
        return tuple(found[:room])

    def _one(self) -> Fields:
        cursor = self.cursor
        if not cursor.skip(b"("):
            # An address as text in the place of four fields.
            text = cursor.nstring()
            local, at, domain = (text or b"").rpartition(b"@")
            return (None, local, domain) if at else (None, text, None)
        parts: list[bytes | None] = []
        cursor.spaces()
        while not cursor.skip(b")"):
            part = self._text()
            if len(parts) < 4:
                parts.append(part)
            cursor.spaces()
        name, _, mailbox, host = (*parts, None, None, None, None)[:4]
        return name, mailbox, host
