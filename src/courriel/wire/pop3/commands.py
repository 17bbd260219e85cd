"""POP3 commands as values that encode themselves.

Every line that leaves the house is made here, and no argument can hold a CR, LF or NUL, whatever
happened above. ``shown`` is what the log may see: secrets are left out by structure, not found by
pattern.

Each command says what its answer ``brings`` when it is positive, and whether it ``ends_group``:
whether nothing may be written behind it before it is answered (RFC 2449, 6.8).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import ClassVar, TypeAlias

from courriel.errors import Misused
from courriel.model.characters import forbidden_in
from courriel.model.secret import Secret
from courriel.wire.sasl.echo import Echo
from courriel.wire.sasl.prep import verbatim

COMMAND_LINE = 255
"""Octets of a command line with its CRLF (RFC 2449, 4)."""

# The quirk "xoauth2-in-two-steps".
_TWO_STEPS = frozenset({"XOAUTH2"})


class Brings(Enum):
    """What follows the status line of a positive answer."""

    NOTHING = auto()
    LISTING = auto()
    """Lines that are read as a whole: CAPA, LIST, UIDL."""
    MESSAGE = auto()
    """A message, or its beginning, which may be larger than memory."""


def _line(text: str) -> bytes:
    fault = forbidden_in(text)
    if fault is not None:
        raise Misused(
            f"an argument of {text.split(' ', 1)[0]} holds {fault}",
            operation="POP3 command",
            hint="Control characters cannot be sent; remove them.",
        )
    return text.encode() + b"\r\n"


@dataclass(frozen=True, slots=True)
class Simple:
    """A command that is answered by one line: STAT, NOOP, RSET, QUIT, STLS, UTF8, USER, LANG."""

    verb: str
    argument: str = ""
    brings: ClassVar[Brings] = Brings.NOTHING
    echo: ClassVar[None] = None

    @property
    def ends_group(self) -> bool:
        return self.verb in ("STLS", "QUIT", "UTF8", "USER", "LANG")

    def encode(self) -> bytes:
        return _line(self.shown())

    def shown(self) -> str:
        return f"{self.verb} {self.argument}" if self.argument else self.verb


STAT = Simple("STAT")
NOOP = Simple("NOOP")
RSET = Simple("RSET")
QUIT = Simple("QUIT")
STLS = Simple("STLS")


@dataclass(frozen=True, slots=True)
class Listing:
    """A command that is answered by lines: CAPA (RFC 2449, 5), LIST, UIDL (RFC 1939, 5 and 7)."""

    verb: str
    brings: ClassVar[Brings] = Brings.LISTING
    ends_group: ClassVar[bool] = False
    echo: ClassVar[None] = None

    def encode(self) -> bytes:
        return _line(self.verb)

    def shown(self) -> str:
        return self.verb


CAPA = Listing("CAPA")
LIST = Listing("LIST")
UIDL = Listing("UIDL")


@dataclass(frozen=True, slots=True)
class Delete:
    """DELE (RFC 1939, 5): mark a message; QUIT removes it."""

    number: int
    verb: ClassVar[str] = "DELE"
    brings: ClassVar[Brings] = Brings.NOTHING
    ends_group: ClassVar[bool] = False
    echo: ClassVar[None] = None

    def encode(self) -> bytes:
        return b"DELE %d\r\n" % self.number

    def shown(self) -> str:
        return f"DELE {self.number}"


@dataclass(frozen=True, slots=True)
class Retrieve:
    """RETR (RFC 1939, 5): a whole message."""

    number: int
    verb: ClassVar[str] = "RETR"
    brings: ClassVar[Brings] = Brings.MESSAGE
    ends_group: ClassVar[bool] = False
    echo: ClassVar[None] = None

    def encode(self) -> bytes:
        return b"RETR %d\r\n" % self.number

    def shown(self) -> str:
        return f"RETR {self.number}"


@dataclass(frozen=True, slots=True)
class Top:
    """TOP (RFC 1939, 7): the header of a message, an empty line, and ``lines`` of its body."""

    number: int
    lines: int = 0
    verb: ClassVar[str] = "TOP"
    brings: ClassVar[Brings] = Brings.MESSAGE
    ends_group: ClassVar[bool] = False
    echo: ClassVar[None] = None

    def encode(self) -> bytes:
        return b"TOP %d %d\r\n" % (self.number, self.lines)

    def shown(self) -> str:
        return f"TOP {self.number} {self.lines}"


@dataclass(frozen=True, slots=True)
class Pass:
    """PASS (RFC 1939, 7): the password, in clear; ``secrets`` are what no answer may repeat."""

    password: Secret
    verb: ClassVar[str] = "PASS"
    brings: ClassVar[Brings] = Brings.NOTHING
    ends_group: ClassVar[bool] = True

    @property
    def echo(self) -> Echo:
        """What an answer to it might repeat."""
        return Echo((self.password,))

    def encode(self) -> bytes:
        return b"PASS " + verbatim(self.password, "password", "USER") + b"\r\n"

    def shown(self) -> str:
        return "PASS …"


@dataclass(frozen=True, slots=True)
class Apop:
    """APOP (RFC 1939, 7): the MD5 of the greeting's timestamp and the password, in hexadecimal."""

    user: str
    digest: Secret
    verb: ClassVar[str] = "APOP"
    brings: ClassVar[Brings] = Brings.NOTHING
    ends_group: ClassVar[bool] = True

    @property
    def echo(self) -> Echo:
        """What an answer to it might repeat."""
        return Echo((self.digest,))

    def encode(self) -> bytes:
        if " " in self.user:
            raise Misused("APOP cannot carry a user name with a space", operation="POP3 command")
        return _line(f"APOP {self.user}")[:-2] + b" " + self.digest.reveal().encode() + b"\r\n"

    def shown(self) -> str:
        return f"APOP {self.user} …"


@dataclass(frozen=True, slots=True)
class Auth:
    """AUTH with an optional initial response (RFC 5034, 4).

    ``secrets`` are what an answer must not repeat, besides the response.
    """

    mechanism: str
    initial: bytes | None = field(default=None, repr=False)
    secrets: Echo = field(default=Echo(), repr=False)
    verb: ClassVar[str] = "AUTH"
    brings: ClassVar[Brings] = Brings.NOTHING
    ends_group: ClassVar[bool] = True

    @property
    def echo(self) -> Echo:
        """What an answer to it might repeat."""
        return self.secrets.after(self.initial)

    @property
    def fits(self) -> bool:
        """Whether the initial response may stand in the line.

        One that makes it longer than 255 octets must not (RFC 5034, 4); nor
        that of XOAUTH2, see the quirk.
        """
        return self.mechanism not in _TWO_STEPS and len(self.encode()) <= COMMAND_LINE

    def encode(self) -> bytes:
        if self.initial is None:
            return _line(f"AUTH {self.mechanism}")
        # An empty initial response is written as "=", RFC 5034, 4.
        return _line(f"AUTH {self.mechanism} {b64encode(self.initial).decode() or '='}")

    def shown(self) -> str:
        return f"AUTH {self.mechanism}" + ("" if self.initial is None else " …")


@dataclass(frozen=True, slots=True)
class AuthResponse:
    """The answer to a challenge; None cancels the exchange with ``*`` (RFC 5034, 4)."""

    response: bytes | None = field(repr=False)
    secrets: Echo = field(default=Echo(), repr=False)
    verb: ClassVar[str] = "AUTH"
    brings: ClassVar[Brings] = Brings.NOTHING
    ends_group: ClassVar[bool] = True

    @property
    def echo(self) -> Echo:
        """What an answer to it might repeat: this response, or one in front of it."""
        return self.secrets.after(self.response)

    def encode(self) -> bytes:
        return b"*\r\n" if self.response is None else b64encode(self.response) + b"\r\n"

    def shown(self) -> str:
        return "*" if self.response is None else "…"


Command: TypeAlias = Simple | Listing | Delete | Retrieve | Top | Pass | Apop | Auth | AuthResponse
"""A command that gets exactly one answer."""
