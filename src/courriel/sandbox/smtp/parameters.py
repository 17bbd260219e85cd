"""Read the parameters of MAIL and RCPT: a line in a table and a function for each.

``MAIL`` and ``RCPT`` map a keyword to the extension that brings it and to a function from its value
to fields of the envelope. A keyword whose extension was not offered is unknown (RFC 5321, 4.1.1.11:
555), a value that does not fit is refused with 501 5.5.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from courriel.sandbox.smtp.replies import refused
from courriel.sandbox.smtp.syntax import xtext

Reader: TypeAlias = Callable[["str | None"], dict[str, Any]]
Table: TypeAlias = Mapping[str, tuple[str, Reader]]

# RFC 3461, 4.2 and 4.4: at most 500 characters for ORCPT, 100 for ENVID.
_ORCPT = re.compile(r"([A-Za-z0-9-]+);(.{1,500})")
_ENVID_LENGTH = 100


def read(parameters: dict[str, str | None], table: Table, offers: Callable[[str], bool]) -> Any:
    """Return the fields that ``parameters`` set, by name.

    Raises Refused: 555 5.5.4 for what was not offered, 501 5.5.4 for a bad value.
    """
    fields: dict[str, Any] = {}
    for keyword, value in parameters.items():
        extension, reader = table.get(keyword, ("", _flag))
        if not extension or not offers(extension):
            raise refused(555, "5.5.4", "A parameter of an extension that was not offered")
        try:
            fields |= reader(value)
        except ValueError:
            raise refused(501, "5.5.4", f"The value of {keyword} does not fit") from None
    return fields


def _flag(value: str | None) -> dict[str, Any]:
    if value is not None:
        raise ValueError(value)
    return {}


def _given(value: str | None) -> str:
    if value is None:
        raise ValueError(value)
    return value


def _one_of(value: str | None, *words: str) -> str:
    word = _given(value).upper()
    if word not in words:
        raise ValueError(value)
    return word


def _size(value: str | None) -> dict[str, Any]:
    digits = _given(value)
    # RFC 1870, 4: 1*20DIGIT.
    if not digits.isascii() or not digits.isdigit() or len(digits) > 20:
        raise ValueError(value)
    return {"size": int(digits)}


def _body(value: str | None) -> dict[str, Any]:
    return {"body": _one_of(value, "7BIT", "8BITMIME", "BINARYMIME")}


def _utf8(value: str | None) -> dict[str, Any]:
    return _flag(value) | {"utf8": True}


def _require_tls(value: str | None) -> dict[str, Any]:
    return _flag(value) | {"require_tls": True}


def _return(value: str | None) -> dict[str, Any]:
    return {"return_": _one_of(value, "FULL", "HDRS")}


def _envelope_id(value: str | None) -> dict[str, Any]:
    text = _given(value)
    if len(text) > _ENVID_LENGTH:
        raise ValueError(value)
    return {"envelope_id": xtext(text)}


def _submitter(value: str | None) -> dict[str, Any]:
    text = _given(value)
    return {"submitter": "" if text == "<>" else xtext(text)}


def _notify(value: str | None) -> dict[str, Any]:
    words = tuple(_given(value).upper().split(","))
    known = {"SUCCESS", "FAILURE", "DELAY"}
    # NEVER stands alone (RFC 3461, 4.1).
    if words != ("NEVER",) and (not known.issuperset(words) or len(set(words)) < len(words)):
        raise ValueError(value)
    return {"notify": words}


def _original(value: str | None) -> dict[str, Any]:
    match = _ORCPT.fullmatch(_given(value))
    if match is None:
        raise ValueError(value)
    kind, address = match.groups()
    # RFC 6533, 3: an utf-8 address has a form of its own, which is kept as it came.
    return {"original": f"{kind};{address if kind.lower() == 'utf-8' else xtext(address)}"}


MAIL: Table = {
    "SIZE": ("SIZE", _size),
    "BODY": ("8BITMIME", _body),
    "SMTPUTF8": ("SMTPUTF8", _utf8),
    "RET": ("DSN", _return),
    "ENVID": ("DSN", _envelope_id),
    "AUTH": ("AUTH", _submitter),
    "REQUIRETLS": ("REQUIRETLS", _require_tls),
}

RCPT: Table = {
    "NOTIFY": ("DSN", _notify),
    "ORCPT": ("DSN", _original),
}
