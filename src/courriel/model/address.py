"""Hold one e-mail address with the name of its owner, and read what callers give for addresses.

An ``Address`` is checked when it is made: nothing in it can end a line, and its address part is
exactly one addr-spec. The same value is used for the header and for the envelope, so that the two
can never name different people.

The value, and the ways in which a caller may write one or several, live here; the grammar is in
``addrspec`` and ``mailboxes``.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TypeAlias

from courriel.errors import Misused
from courriel.model.addrspec import (
    LOCAL_PART,
    check_length,
    refusal,
    wire_addr_spec,
)
from courriel.model.characters import scrubbed, single_line

__all__ = ["Address", "AddressLike", "AddressesLike", "addresses", "check_path"]

_PLAIN_NAME = re.compile(r"[^\s\"(),.:;<>@\[\\\]]+(?: [^\s\"(),.:;<>@\[\\\]]+)*")


def escaped(text: str) -> str:
    """Return ``text`` as the inside of a quoted string (RFC 5322, 3.2.4)."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the owner's ``name`` (may be empty) and the ``address``, both in Unicode.

    Raises Misused when one of them holds a control character, a line end or a
    lone surrogate, or when ``address`` is not exactly one addr-spec (RFC 5322,
    3.4.1) of at most 254 octets.
    """

    name: str
    address: str

    def __post_init__(self) -> None:
        name = single_line(self.name, what="a display name", operation="Address")
        if name != name.strip():
            # White space at the ends of a name is lost on the way.
            _set_name(self, name.strip())
        single_line(self.address, what="an address", operation="Address")
        wire_addr_spec(self.address)

    @classmethod
    def of(cls, value: AddressLike) -> Address:
        """Return an Address: from one, from ``"Ada <ada@example.org>"``, or from a pair.

        Raises Misused when the text is not exactly one mailbox: what two
        programs could read in two ways is refused.
        """
        return _address_of(value)

    @classmethod
    def as_read(cls, name: str, address: str) -> Address:
        """Return what a mail says, however broken, with controls replaced by spaces.

        It is checked when something is sent to it.
        """
        return cls.as_scrubbed(scrubbed(name).strip(), scrubbed(address).strip())

    @classmethod
    def as_scrubbed(cls, name: str, address: str) -> Address:
        """Return the same, of texts that are known to hold no control and no space at the ends."""
        made = _new(cls)
        _set_name(made, name)
        _set_address(made, address)
        return made

    @classmethod
    def all_scrubbed(cls, names: Sequence[str], addresses: Sequence[str]) -> list[Address]:
        """Return the same of many at once, which takes half the time."""
        made: list[Address] = list(map(_new, repeat(cls, len(names))))
        for fill, values in ((_set_name, names), (_set_address, addresses)):
            # Nothing is kept of what it returns.
            deque(map(fill, made, values), 0)
        return made

    @property
    def local(self) -> str:
        """The part before the last ``@``, as written, quotes included."""
        return self.address.rpartition("@")[0] or self.address

    @property
    def domain(self) -> str:
        """The part after the last ``@``, as written; empty when there is none."""
        before, _, after = self.address.rpartition("@")
        return after if before else ""

    @property
    def wire(self) -> str:
        """The address as MAIL, RCPT and headers carry it: the domain in A-labels.

        Raises Misused when an address that was read from a mail is none.
        """
        return wire_addr_spec(self.address)

    @property
    def needs_utf8(self) -> bool:
        """Whether the local part is not ASCII, so that only SMTPUTF8 carries it (RFC 6531)."""
        return not self.local.isascii()

    def __str__(self) -> str:
        if not self.name:
            return self.address
        if _PLAIN_NAME.fullmatch(self.name):
            return f"{self.name} <{self.address}>"
        return f'"{escaped(self.name)}" <{self.address}>'


# A mail may name thousands: looked up once.
_new = object.__new__
_set_name = Address.__dict__["name"].__set__
_set_address = Address.__dict__["address"].__set__

AddressLike: TypeAlias = "str | tuple[str, str] | Address"
AddressesLike: TypeAlias = "AddressLike | Iterable[AddressLike] | None"


def addresses(value: AddressesLike) -> tuple[Address, ...]:
    """Return every address of ``value``, in order.

    ``value`` is one address in any form, a text with several separated by
    commas, an iterable of addresses, or None. A tuple of two strings is a pair
    (name, address), unless the first is itself a mailbox. Raises Misused when
    anything in it is not plainly an address.
    """
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        from courriel.model.mailboxes import MailboxReader

        return tuple(Address(*pair) for pair in MailboxReader(value).read())
    if isinstance(value, (Address, bytes, bytearray)) or _is_pair(value):
        return (_address_of(value),)
    if not isinstance(value, Iterable):
        raise _no_address(value)
    return tuple(_address_of(item) for item in value)


def _address_of(value: object) -> Address:
    if isinstance(value, Address):
        # One that was read from a mail has not been checked yet.
        value.__post_init__()
        return value
    if isinstance(value, str):
        from courriel.model.mailboxes import MailboxReader

        reader = MailboxReader(value)
        found = reader.read()
        if len(found) != 1 or reader.groups:
            raise refusal(value)
        return Address(*found[0])
    if isinstance(value, tuple) and len(value) == 2:
        return Address(*value)
    raise _no_address(value)


def _no_address(value: object) -> Misused:
    return Misused(
        f"an address cannot be made from {type(value).__name__}",
        operation="Address",
        hint='Give "Ada <ada@example.org>", ("Ada", "ada@example.org") or an Address.',
    )


def _is_pair(value: object) -> bool:
    if not (isinstance(value, tuple) and len(value) == 2):
        return False
    name, address = value
    if not (isinstance(name, str) and isinstance(address, str)):
        return False
    if "@" not in name:
        return True
    try:
        Address.of(name)
    except Misused:
        return True
    return False


def check_path(text: str, *, reverse: bool = False) -> str:
    """Return the wire form of a bare address for MAIL (``reverse``) or RCPT.

    ``""``, the null reverse-path (RFC 5321, 4.5.5), is allowed only for MAIL;
    a local name without a domain, such as ``postmaster`` (4.1.1.3), only for
    RCPT. Raises Misused for anything that is not one address.
    """
    operation = "MAIL" if reverse else "RCPT"
    single_line(text, what="an address", operation=operation)
    if reverse and not text:
        return ""
    if not reverse and text and "@" not in text and LOCAL_PART.fullmatch(text):
        check_length(text, operation=operation)
        return text
    return wire_addr_spec(text, operation=operation)
