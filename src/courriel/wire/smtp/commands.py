"""SMTP commands as values that encode themselves.

Every line that leaves the house is made by ``_line``, which refuses control characters: a CR, LF
or NUL cannot be expressed in any argument of any command, whatever happened above. Octets above 127
are for the commands that SMTPUTF8 extends (RFC 6531, 3.4). ``shown`` is what the log may see:
secrets are left out by structure, not found by pattern.

One frozen class a command; which of them must be the last of a pipelined group is RFC 2920, 3.1.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from courriel.errors import Misused
from courriel.model.characters import forbidden_in
from courriel.wire.sasl.echo import Echo

COMMAND_LINE = 512
"""Octets of a command line with its CRLF (RFC 5321, 4.5.3.1.4)."""

# A path that needs no closer look: no quoting, no space, no angle bracket.
_PLAIN_PATH = re.compile(r'[^\s<>"\\@(),:;\[\]]+(?:@[^\s<>"\\@(),;]+)?')
# Quoted-string "@" domain, RFC 5321, 4.1.2; what a quoted pair hides is harmless.
_QUOTED_PATH = re.compile(r'"(?:[^"\\]|\\.)*"(?:@[^\s<>"\\@(),;]+)?')


def _line(text: str, *, utf8: bool = False) -> bytes:
    fault = forbidden_in(text)
    if fault is None and not utf8 and not text.isascii():
        raise Misused(
            f"an argument of {text.split(' ', 1)[0]} holds a character that is not ASCII",
            operation="SMTP command",
            hint="Leave it out: this command has no form for it.",
        )
    if fault is not None:
        raise Misused(
            f"an argument of {text.split(' ', 1)[0]} holds {fault}",
            operation="SMTP command",
            hint="Control characters cannot be sent; remove them.",
        )
    return text.encode() + b"\r\n"


def check_path(path: str) -> str:
    """Return ``path`` if it can stand between angle brackets, else raise Misused.

    The last guard before the wire; ``model.address`` judges syntax with more care.
    """
    if _PLAIN_PATH.fullmatch(path) or _QUOTED_PATH.fullmatch(path):
        return path
    raise Misused(
        f"{path[:80]!r} is not an e-mail address",
        operation="SMTP command",
        hint="Give it as local-part@domain.",
    )


@dataclass(frozen=True, slots=True)
class Hello:
    """EHLO, HELO or LHLO (RFC 5321, 4.1.1.1; RFC 2033, 4.1)."""

    verb: str
    name: str
    ends_group: ClassVar[bool] = True

    def encode(self) -> bytes:
        if not self.name or " " in self.name:
            raise Misused(
                f"{self.name[:80]!r} is no host name", operation=self.verb, hint="Set local_name."
            )
        return _line(f"{self.verb} {self.name}")

    def shown(self) -> str:
        return f"{self.verb} {self.name}"


@dataclass(frozen=True, slots=True)
class Simple:
    """A command of one word with an optional argument: RSET, NOOP, HELP, VRFY, QUIT, STARTTLS."""

    verb: str
    argument: str = ""
    utf8: bool = False
    """Whether VRFY says SMTPUTF8, and may be more than ASCII (RFC 6531, 3.7.4.2)."""

    @property
    def ends_group(self) -> bool:
        return self.verb not in ("RSET", "HELP")

    def encode(self) -> bytes:
        return _line(self.shown(), utf8=self.utf8)

    def shown(self) -> str:
        words = (self.verb, self.argument, "SMTPUTF8" if self.utf8 else "")
        return " ".join(filter(None, words))


RSET = Simple("RSET")
NOOP = Simple("NOOP")
QUIT = Simple("QUIT")
STARTTLS = Simple("STARTTLS")


@dataclass(frozen=True, slots=True)
class Auth:
    """AUTH with an optional initial response (RFC 4954, 4).

    ``secrets`` are what a reply must not repeat, besides the response.
    """

    mechanism: str
    initial: bytes | None = None
    secrets: Echo = field(default=Echo(), repr=False)
    verb: ClassVar[str] = "AUTH"
    ends_group: ClassVar[bool] = True

    @property
    def echo(self) -> Echo:
        """What a reply to it might repeat."""
        return self.secrets.after(self.initial)

    @property
    def fits(self) -> bool:
        """Whether the initial response may stand in the line.

        One that makes the line longer than 512 octets must not be sent with it
        (RFC 4954, 4); as the answer to an empty challenge it may be that long.
        """
        return len(self.encode()) <= COMMAND_LINE

    def encode(self) -> bytes:
        if self.initial is None:
            return _line(f"AUTH {self.mechanism}")
        # An empty initial response is written as "=", RFC 4954, 4.
        return _line(f"AUTH {self.mechanism} {b64encode(self.initial).decode() or '='}")

    def shown(self) -> str:
        return f"AUTH {self.mechanism}" + ("" if self.initial is None else " …")

    def __repr__(self) -> str:
        return f"<{self.shown()}>"


@dataclass(frozen=True, slots=True)
class AuthResponse:
    """The answer to a 334 challenge; None cancels the exchange with ``*`` (RFC 4954, 4)."""

    response: bytes | None
    secrets: Echo = field(default=Echo(), repr=False)
    verb: ClassVar[str] = "AUTH"
    ends_group: ClassVar[bool] = True

    @property
    def echo(self) -> Echo:
        """What a reply to it might repeat: this response, or one in front of it."""
        return self.secrets.after(self.response)

    def encode(self) -> bytes:
        if self.response is None:
            return b"*\r\n"
        return b64encode(self.response) + b"\r\n"

    def shown(self) -> str:
        return "*" if self.response is None else "…"

    def __repr__(self) -> str:
        return f"<AUTH response {self.shown()}>"


@dataclass(frozen=True, slots=True)
class Mail:
    """MAIL FROM with its parameters, ready-made as ``KEYWORD=value`` (RFC 5321, 4.1.1.2)."""

    reverse_path: str
    parameters: tuple[str, ...] = ()
    verb: ClassVar[str] = "MAIL"

    @property
    def announces(self) -> bool:
        """Whether a parameter only informs the server, and could be left out."""
        return any(p.startswith("SIZE=") or p == "BODY=8BITMIME" for p in self.parameters)

    def encode(self) -> bytes:
        if self.reverse_path:
            check_path(self.reverse_path)
        return _line(self.shown(), utf8="SMTPUTF8" in self.parameters)

    def shown(self) -> str:
        return " ".join((f"MAIL FROM:<{self.reverse_path}>", *self.parameters))


@dataclass(frozen=True, slots=True)
class Rcpt:
    """RCPT TO with its parameters (RFC 5321, 4.1.1.3)."""

    forward_path: str
    parameters: tuple[str, ...] = ()
    verb: ClassVar[str] = "RCPT"

    def encode(self) -> bytes:
        check_path(self.forward_path)
        # Whether its MAIL said SMTPUTF8 is seen to where both are made (flows.envelope).
        return _line(self.shown(), utf8=True)

    def shown(self) -> str:
        return " ".join((f"RCPT TO:<{self.forward_path}>", *self.parameters))


Command: TypeAlias = Hello | Simple | Auth | AuthResponse
"""A command that is submitted alone and gets exactly one reply."""


def bdat(octets: int, *, last: bool) -> bytes:
    """Return a BDAT line (RFC 3030, 2)."""
    return b"BDAT %d LAST\r\n" % octets if last else b"BDAT %d\r\n" % octets


def xtext(text: str) -> str:
    """Return ``text`` as xtext: the encoding of parameter values (RFC 3461, 4).

    ::

        xtext   = *( xchar / hexchar )
        xchar   = any ASCII CHAR between "!" (33) and "~" (126) inclusive, except for "+" and "="
        hexchar = "+" two capital hexadecimal digits
    """
    return "".join(
        character if "!" <= character <= "~" and character not in "+=" else f"+{ord(character):02X}"
        for character in text
    )
