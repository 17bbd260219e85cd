"""What a caller may ask of a server about one message, besides taking it.

::

    NOTIFY = "NEVER" / ("SUCCESS" / "FAILURE" / "DELAY") list   RFC 3461, 4.1
    ORCPT  = addr-type ";" xtext                                RFC 3461, 4.2
    RET    = "FULL" / "HDRS"                                    RFC 3461, 4.3
    ENVID  = xtext, at most 100 characters                      RFC 3461, 4.4
    SIZE                                                        RFC 1870
    REQUIRETLS                                                  RFC 8689

Only the checked value lives here; ``wire.smtp`` turns it into parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from courriel.errors import Misused
from courriel.model.addrspec import wire_addr_spec
from courriel.model.characters import excerpt, single_line

__all__ = ["SendOptions"]

_NOTIFY = ("NEVER", "SUCCESS", "FAILURE", "DELAY")
_RETURN = {"FULL": "FULL", "HEADERS": "HDRS", "HDRS": "HDRS"}
_ENVELOPE_ID = 100
_ORIGINAL_RECIPIENT = 500
_OPERATION = "SendOptions"


@dataclass(frozen=True, slots=True)
class SendOptions:
    """Options of ``send``; the defaults ask for nothing.

    ``notify``: when to send a delivery status notification, any of
    ``"success"``, ``"failure"``, ``"delay"``, or ``"never"`` alone; kept in
    upper case. ``return_``: ``"full"`` or ``"headers"``, how much of the
    message it quotes; kept as ``FULL`` or ``HDRS``. ``envelope_id``: printable
    ASCII, at most 100 characters, returned in notifications.
    ``original_recipients``: address -> the address it first had; with
    ``notify`` every other recipient is given its own. ``size_check``: refuse a
    message larger than the server's limit before sending it. ``require_tls``:
    every hop must use TLS. ``binary``: send files as they are, without base64,
    where the server offers BINARYMIME and CHUNKING (RFC 3030); few mailboxes
    give them back unharmed. Raises Misused for anything else.
    """

    notify: tuple[str, ...] = ()
    return_: str | None = None
    envelope_id: str | None = None
    size_check: bool = True
    require_tls: bool = False
    original_recipients: Mapping[str, str] | None = None
    binary: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "notify", _checked_notify(self.notify))
        object.__setattr__(self, "return_", _checked_return(self.return_))
        if self.envelope_id is not None:
            _check_envelope_id(self.envelope_id)
        if self.original_recipients is not None:
            checked = _checked_originals(self.original_recipients)
            object.__setattr__(self, "original_recipients", checked)
        for name in ("size_check", "require_tls", "binary"):
            if not isinstance(getattr(self, name), bool):
                raise Misused(f"{name} must be True or False", operation=_OPERATION)


def _checked_notify(value: Iterable[str] | str) -> tuple[str, ...]:
    if not isinstance(value, Iterable):
        raise Misused(
            f"notify must hold words, not {type(value).__name__}",
            operation=_OPERATION,
            hint='Write notify=("success", "failure").',
        )
    words = value.split(",") if isinstance(value, str) else list(value)
    given = {
        single_line(word, what="notify", operation=_OPERATION).strip().upper() for word in words
    }
    unknown = given - set(_NOTIFY)
    if unknown:
        raise Misused(
            f"notify cannot hold {excerpt(sorted(unknown)[0])}",
            operation=_OPERATION,
            hint='Use "success", "failure", "delay", or "never" alone.',
        )
    if "NEVER" in given and len(given) > 1:
        raise Misused(
            'notify holds "never" together with something else',
            operation=_OPERATION,
            hint="RFC 3461, 4.1 allows it only alone.",
        )
    return tuple(word for word in _NOTIFY if word in given)


def _checked_return(value: str | None) -> str | None:
    if value is None:
        return None
    word = single_line(value, what="return_", operation=_OPERATION).upper()
    if word not in _RETURN:
        raise Misused(
            f"return_ cannot be {excerpt(value)}",
            operation=_OPERATION,
            hint='Use "full" or "headers".',
        )
    return _RETURN[word]


def _check_envelope_id(value: str) -> None:
    single_line(value, what="envelope_id", operation=_OPERATION)
    if not value or not value.isascii() or len(value) > _ENVELOPE_ID:
        raise Misused(
            "envelope_id must be printable ASCII",
            operation=_OPERATION,
            hint=f"Use 1 to {_ENVELOPE_ID} characters.",
        )


def _checked_originals(value: Mapping[str, str]) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Misused(
            f"original_recipients must be a mapping, not {type(value).__name__}",
            operation=_OPERATION,
            hint="Write {address: the address it first had}.",
        )
    checked: dict[str, str] = {}
    for recipient, original in value.items():
        single_line(recipient, what="a recipient", operation=_OPERATION)
        single_line(original, what="an original recipient", operation=_OPERATION)
        if not original or len(original.encode()) > _ORIGINAL_RECIPIENT:
            raise Misused(
                f"the original recipient of {excerpt(recipient)} must have 1 to "
                f"{_ORIGINAL_RECIPIENT} octets",
                operation=_OPERATION,
            )
        checked[wire_addr_spec(recipient) if "@" in recipient else recipient] = original
    return checked


PLAIN_OPTIONS = SendOptions()
"""The options that ask for nothing, made once."""
