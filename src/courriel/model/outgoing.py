"""Turn whatever a caller wants to send into its envelope and its bytes.

``prepare`` takes an ``Email``, a message of the standard library, or bytes, and gives an
``Outgoing``: the reverse-path, the forward-paths and the content, each checked. Bcc goes into the
envelope and never into the content. For ready-made bytes the envelope is read from the very bytes
that will be sent (To, Cc, Bcc; Sender when there are several From), by the strict reader: what is
ambiguous is refused. Resent fields are ignored.

Only that step lives here; it decodes no body, and bytes stay byte for byte as they are, except
for the blind copies. A composed message is not written before the transport is known.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from courriel.errors import Misused
from courriel.model.address import Address, AddressesLike, AddressLike, addresses, check_path
from courriel.model.addrspec import ADDR_SPEC
from courriel.model.headerblock import fields, header_end, message_id_of, without_blind
from courriel.model.transfer import Transfer

if TYPE_CHECKING:
    from email.message import Message

    from courriel.model.draft import Draft
    from courriel.model.email import Email

__all__ = ["Outgoing", "Route", "Sendable", "peek", "prepare", "prepare_for"]

_OPERATION = "send"
_DESTINATIONS = frozenset({"to", "cc", "bcc"})

Sendable: TypeAlias = "Email | Message | bytes | bytearray | memoryview"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, ready for an SMTP transaction.

    ``sender`` is the reverse-path, ``""`` for the null one; ``recipients`` are
    the forward-paths, each once, in order; ``labels`` the same addresses as
    the caller wrote them, in step with ``recipients``. ``message`` is the
    composed message, or the bytes of one that was ready, without Bcc, with the
    line ends it was given. ``utf8`` tells that an address or a header needs
    SMTPUTF8 (RFC 6531), ``delivery_receipt`` that the message asks for a
    notification of success, ``recodable`` that these bytes are only one way to
    write it, which a server without 8BITMIME does not take.
    """

    sender: str
    recipients: tuple[str, ...]
    labels: tuple[str, ...]
    message: bytes | Email
    message_id: str | None = None
    utf8: bool = False
    delivery_receipt: bool = False
    recodable: bool = False

    @property
    def composed(self) -> bool:
        """Whether the message was composed here, so that its form can be chosen."""
        return not isinstance(self.message, bytes)

    @property
    def content(self) -> bytes:
        """The whole message as it was given, or in the form that every server takes."""
        return self.message if isinstance(self.message, bytes) else self.message.source

    def written(self, transfer: Transfer) -> bytes:
        """Return the message in the form for a transport; ready bytes have but one."""
        if isinstance(self.message, bytes):
            if self.recodable and transfer is Transfer.SEVEN_BIT:
                from courriel.model.recoding import seven_bit

                return seven_bit(self.message)
            return self.message
        from courriel.model.writing import written

        return written(self.message, transfer)

    def draft(self, transfer: Transfer = Transfer.SEVEN_BIT) -> Draft | None:
        """Return the message with its files still to be read, None when it has no such files."""
        if isinstance(self.message, bytes):
            return None
        from courriel.model.writing import draft_of

        return draft_of(self.message, transfer)


@dataclass(frozen=True, slots=True)
class Route:
    """From where to where: checked once, for as many messages as go that way.

    None where each message says it itself.
    """

    sender: str | None
    paths: dict[str, str] | None

    @classmethod
    def of(cls, sender: AddressLike | None, recipients: AddressesLike) -> Route:
        """Return the route of an envelope. Raises Misused when an address is not plainly one."""
        return cls(
            None if sender is None else _reverse_path(sender),
            None if recipients is None else _forward_paths(recipients),
        )


def prepare(
    email: Sendable,
    *,
    sender: AddressLike | None = None,
    recipients: AddressesLike = None,
) -> Outgoing:
    """Return what is to be sent, checked.

    ``sender`` (``""`` for the null reverse-path) and ``recipients`` replace
    those of the message in the envelope; the header keeps its own. Raises
    Misused when there is no sender or no recipient, and when an address or a
    header is not plainly one.
    """
    return prepare_for(email, Route.of(sender, recipients))


def prepare_for(email: Sendable, route: Route) -> Outgoing:
    """Return what is to be sent on a route; see ``prepare``."""
    if _is_email(email):
        if email.composed:
            return _prepare_composed(email, route)
        return _prepare_bytes(email.source, route)
    if isinstance(email, (bytes, bytearray, memoryview)):
        return _prepare_bytes(bytes(email), route)
    if _is_standard_message(email):
        from courriel.model.standard import serialised

        outgoing = _prepare_bytes(serialised(email), route)
        # It came as what it says, not as octets, so that these may be others.
        return outgoing if outgoing.content.isascii() else replace(outgoing, recodable=True)
    raise Misused(
        f"a message cannot be made from {type(email).__name__}",
        operation=_OPERATION,
        hint="Give an Email, an email.message.EmailMessage, or bytes.",
    )


def peek(header_block: bytes) -> str | None:
    """Return the Message-ID of a header block, angle brackets included, or None."""
    return message_id_of(header_block, header_block.lower())


def _is_email(value: object) -> TypeGuard[Email]:
    # Whoever holds an Email has imported its module; nobody else pays for the import.
    module = sys.modules.get("courriel.model.email")
    return module is not None and isinstance(value, module.Email)


def _is_standard_message(value: object) -> TypeGuard[Message]:
    module = sys.modules.get("email.message")
    return module is not None and isinstance(value, module.Message)


def _prepare_composed(email: Email, route: Route) -> Outgoing:
    sender, paths = route.sender, route.paths
    if sender is None:
        if email.sender is None:
            raise _no_sender()
        sender = _reverse_path(email.sender)
    if paths is None:
        paths = _forward_paths((*email.to, *email.cc, *email.bcc))
    return _outgoing(
        sender,
        paths,
        email,
        email.message_id,
        email.needs_utf8,
        email.request_delivery_receipt,
    )


def _prepare_bytes(content: bytes, route: Route) -> Outgoing:
    end = header_end(content)
    head = content[:end]
    lowered = head.lower()
    if b"\0" in head:
        raise Misused(
            "the header of the message holds a NUL",
            operation=_OPERATION,
            hint="Servers drop it or cut the line there; remove it.",
        )
    sender, paths = route.sender, route.paths
    if sender is None or paths is None:
        known = fields(head)
        if sender is None:
            sender = _reverse_path(_sender_in(known))
        if paths is None:
            paths = _forward_paths(_recipients_in(known))
    if b"bcc" in lowered or content[end : end + 1] in {b" ", b"\t"}:
        content = without_blind(content, end)
    return _outgoing(
        sender,
        paths,
        content,
        message_id_of(head, lowered),
        not head.isascii() and _is_utf8(head),
        False,
    )


def _outgoing(
    sender: str,
    paths: dict[str, str],
    message: bytes | Email,
    message_id: str | None,
    utf8: bool,
    delivery_receipt: bool,
) -> Outgoing:
    recipients = tuple(paths)
    if not utf8:
        utf8 = not (sender.isascii() and all(path.isascii() for path in recipients))
    return Outgoing(
        sender, recipients, tuple(paths.values()), message, message_id, utf8, delivery_receipt
    )


def _reverse_path(sender: AddressLike) -> str:
    if isinstance(sender, str) and (not sender or ADDR_SPEC.fullmatch(sender)):
        return check_path(sender, reverse=True)
    return Address.of(sender).wire


def _forward_paths(recipients: AddressesLike) -> dict[str, str]:
    """Return path -> label; of two that differ only in the domain's case the first stays."""
    paths: dict[str, str] = {}
    known: set[str] = set()
    for label in _labels(recipients):
        path = check_path(label)
        local, _, domain = path.rpartition("@")
        key = f"{local}@{domain.lower()}"
        if key not in known:
            known.add(key)
            paths[path] = label
    if not paths:
        raise Misused(
            "the message has no recipient",
            operation=_OPERATION,
            hint="Set to, cc or bcc, or give recipients=.",
        )
    return paths


def _labels(recipients: AddressesLike) -> list[str]:
    if recipients is None:
        return []
    if isinstance(recipients, str):
        if "," in recipients or "<" in recipients:
            return [address.address for address in addresses(recipients)]
        return [recipients] if recipients else []
    if isinstance(recipients, Address) or _is_single(recipients):
        return [address.address for address in addresses(recipients)]
    # A bare address is checked as a path, which also allows a local name such as postmaster.
    return [
        item if isinstance(item, str) and "<" not in item else Address.of(item).address
        for item in recipients
    ]


def _is_single(value: object) -> bool:
    """Tell whether a value is no collection, for ``addresses`` to take or to refuse."""
    if not isinstance(value, tuple):
        return isinstance(value, (bytes, bytearray)) or not isinstance(value, Iterable)
    # In a pair (name, address) the name holds no address.
    return len(value) == 2 and isinstance(value[0], str) and "@" not in value[0]


def _sender_in(known: list[tuple[str, bytes]]) -> Address:
    authors = [
        author for name, value in known if name == "from" for author in _addresses_in(name, value)
    ]
    if len(authors) > 1:
        authors = [
            author
            for name, value in known
            if name == "sender"
            for author in _addresses_in(name, value)
        ]
    if len(authors) != 1:
        raise _no_sender()
    return authors[0]


def _recipients_in(known: list[tuple[str, bytes]]) -> list[Address]:
    return [
        address
        for name, value in known
        if name in _DESTINATIONS
        for address in _addresses_in(name, value)
    ]


def _addresses_in(name: str, value: bytes) -> tuple[Address, ...]:
    try:
        return addresses(value.decode("utf-8").replace("\t", " ").strip())
    except UnicodeDecodeError as error:
        raise Misused(
            f"the header {name.title()} is not in UTF-8",
            operation=_OPERATION,
            hint="Encode its names by RFC 2047, or give sender= and recipients=.",
        ) from error


def _no_sender() -> Misused:
    return Misused(
        "the message has no single sender",
        operation=_OPERATION,
        hint="Set its sender, or give sender= (an empty string for the null reverse-path).",
    )


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
