"""Commands about the connection and the account: who we are, how we talk.

Those that change how octets are read (STARTTLS, COMPRESS, ENABLE) or who we are (LOGIN,
AUTHENTICATE) are barriers with silence before them: nothing may be read or written in between.

Only values that encode themselves live here; ``protocol.imap`` knows when to send them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from courriel.errors import Misused
from courriel.model.secret import Secret, discreet
from courriel.wire.imap.arguments import (
    astring,
    atom,
    quoted,
)
from courriel.wire.imap.fragments import (
    Dialect,
    Fragment,
    spaced,
)
from courriel.wire.imap.traits import Command, Does, Need

_ALONE = frozenset({Need.SILENCE})
_BARRIER = frozenset({Does.BARRIER, Does.MAY_EXPUNGE})

DONE = b"DONE"
"""The line that ends IDLE, without its CRLF (RFC 2177, 3)."""

_ID_FIELDS = 30
_ID_NAME = 30
_ID_VALUE = 1_024


@dataclass(frozen=True, slots=True)
class Capability(Command):
    """CAPABILITY (RFC 3501, 6.1.1)."""

    VERB: ClassVar[str] = "CAPABILITY"

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return [b"CAPABILITY"]


@dataclass(frozen=True, slots=True)
class Noop(Command):
    """NOOP: whatever is new may come before its answer (RFC 3501, 6.1.2)."""

    VERB: ClassVar[str] = "NOOP"

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return [b"NOOP"]


@dataclass(frozen=True, slots=True)
class Logout(Command):
    """LOGOUT (RFC 3501, 6.1.3)."""

    VERB: ClassVar[str] = "LOGOUT"
    DOES: ClassVar[frozenset[Does]] = _BARRIER | {Does.SELECTS}

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return [b"LOGOUT"]


@dataclass(frozen=True, slots=True)
class StartTls(Command):
    """STARTTLS (RFC 3501, 6.2.1)."""

    VERB: ClassVar[str] = "STARTTLS"
    NEEDS: ClassVar[frozenset[Need]] = _ALONE
    DOES: ClassVar[frozenset[Does]] = _BARRIER

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return [b"STARTTLS"]


@dataclass(frozen=True, slots=True)
class Compress(Command):
    """COMPRESS DEFLATE (RFC 4978, 3)."""

    VERB: ClassVar[str] = "COMPRESS"
    NEEDS: ClassVar[frozenset[Need]] = _ALONE
    DOES: ClassVar[frozenset[Does]] = _BARRIER

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return [b"COMPRESS DEFLATE"]


@dataclass(frozen=True, slots=True)
class Enable(Command):
    """ENABLE with the capabilities to switch on, such as ``("CONDSTORE",)`` (RFC 5161, 3.1)."""

    words: tuple[str, ...]

    VERB: ClassVar[str] = "ENABLE"
    NEEDS: ClassVar[frozenset[Need]] = _ALONE
    DOES: ClassVar[frozenset[Does]] = _BARRIER

    def encode(self, dialect: Dialect) -> list[Fragment]:
        if not self.words:
            raise Misused("ENABLE needs a word", operation="ENABLE")
        return spaced(b"ENABLE", *(atom(word, "a capability") for word in self.words))


@dataclass(frozen=True, slots=True)
class Id(Command):
    """ID with what we say of ourselves, or None to say nothing (RFC 2971, 3.1 and 3.3).

    At most 30 fields, names of at most 30 octets, values of at most 1024; a
    value may be None.
    """

    fields: Mapping[str, str | None] | None = None

    VERB: ClassVar[str] = "ID"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"ID"})

    def encode(self, dialect: Dialect) -> list[Fragment]:
        if not self.fields:
            return [b"ID NIL"]
        if len(self.fields) > _ID_FIELDS:
            raise Misused(f"ID takes {_ID_FIELDS} fields at most", operation="ID")
        words: list[bytes] = []
        for name, value in self.fields.items():
            words.append(_bounded(name, _ID_NAME, "the name of an ID field"))
            words.append(b"NIL" if value is None else _bounded(value, _ID_VALUE, f"ID's {name}"))
        return [b"ID (" + b" ".join(words) + b")"]


def _bounded(text: str, most: int, what: str) -> bytes:
    """Return ``text`` quoted: ID takes nothing else from servers that know no literals there."""
    written = quoted(text, what)
    if len(text) > most or not text.isascii():
        raise Misused(
            f"{what} must be ASCII, at most {most} characters",
            operation="ID",
            hint="Shorten it or leave it out.",
        )
    return written


@dataclass(frozen=True, slots=True)
class Login(Command):
    """LOGIN (RFC 3501, 6.2.3). Its arguments never show themselves."""

    user: str = field(repr=False)
    password: Secret = field(repr=False)

    VERB: ClassVar[str] = "LOGIN"
    NEEDS: ClassVar[frozenset[Need]] = _ALONE
    DOES: ClassVar[frozenset[Does]] = _BARRIER

    @discreet
    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(
            b"LOGIN",
            astring(self.user, dialect, "the user's name"),
            astring(self.password.reveal(), dialect, "the password"),
        )

    def shown(self) -> str:
        return "LOGIN … …"


@dataclass(frozen=True, slots=True)
class Authenticate(Command):
    """AUTHENTICATE, with an initial response where the server has SASL-IR (RFC 4959, 3)."""

    mechanism: str
    initial: bytes | None = field(default=None, repr=False)

    VERB: ClassVar[str] = "AUTHENTICATE"
    NEEDS: ClassVar[frozenset[Need]] = _ALONE
    DOES: ClassVar[frozenset[Does]] = _BARRIER

    def encode(self, dialect: Dialect) -> list[Fragment]:
        start = b"AUTHENTICATE " + atom(self.mechanism, "a SASL mechanism")
        if self.initial is None:
            return [start]
        # An empty initial response is written as "=", RFC 4959, 3.
        return [start + b" " + (b64encode(self.initial) or b"=")]

    def shown(self) -> str:
        return f"AUTHENTICATE {self.mechanism}" + ("" if self.initial is None else " …")


@dataclass(frozen=True, slots=True)
class AuthenticateResponse:
    """The answer to a challenge; None cancels the exchange with ``*`` (RFC 3501, 6.2.2)."""

    response: bytes | None = field(repr=False)

    def encode(self) -> bytes:
        """Return the line without its CRLF."""
        return b"*" if self.response is None else b64encode(self.response)

    def shown(self) -> str:
        return "*" if self.response is None else "…"


@dataclass(frozen=True, slots=True)
class Idle(Command):
    """IDLE, which ``DONE`` ends (RFC 2177, 3)."""

    VERB: ClassVar[str] = "IDLE"
    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.SETTLED_SELECTION})
    DOES: ClassVar[frozenset[Does]] = _BARRIER | {Does.USES_SELECTION}

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return [b"IDLE"]
