"""Which mechanism signs in: the table of those we know, best first, and the choice from it.

The order is the table's. A mechanism is usable when the server offers it, we have the secret that
it needs, and the connection is fit for it: one that shows the secret to whoever reads the line is
taken only when ``allow_clear`` says so.

No silent downgrade. An attacker who cannot break a strong exchange can make it fail, and hope for
a weaker one with the same secret behind it. So the list that ``choose`` returns is not a list to be
walked down: after a refusal only those follow of which ``may_follow`` is true, which need the same
secret and are not weaker. After any other error nothing follows. And a token that was refused is
never followed by a password.

A new mechanism is a file and a line in this table; nothing else lives here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum, auto
from itertools import islice

from courriel.wire.sasl.cram_md5 import cram_md5
from courriel.wire.sasl.exchange import Credentials, Exchange, Mechanism
from courriel.wire.sasl.external import external as external_mechanism
from courriel.wire.sasl.login import login
from courriel.wire.sasl.oauth import oauthbearer, xoauth2
from courriel.wire.sasl.plain import plain
from courriel.wire.sasl.scram import (
    scram_sha_1,
    scram_sha_1_plus,
    scram_sha_256,
    scram_sha_256_plus,
)

_NAMES_LOOKED_AT = 100
"""Names of an offer; IANA has registered about fifty mechanisms since 1997."""


class Strength(IntEnum):
    """What an exchange gives away, and what it proves. More is better."""

    CLEAR = 0
    """The secret itself goes over the line; only TLS hides it."""
    DIGEST = 1
    """A digest of the secret goes over the line; the server proves nothing."""
    MUTUAL = 2
    """Both ends prove that they know the secret."""
    BOUND = 3
    """They prove it for this TLS connection and no other."""


class Needs(Enum):
    """What a mechanism must have to prove who the user is."""

    PASSWORD = auto()
    TOKEN = auto()
    CERTIFICATE = auto()


@dataclass(frozen=True, slots=True)
class Choice:
    """A mechanism that may be used now, with all that it needs to begin."""

    name: str
    mechanism: Mechanism
    needs: Needs
    strength: Strength
    credentials: Credentials = field(repr=False)
    commanded: bool = False
    """Whether it is a command of the protocol's own, which takes no exchange."""

    @property
    def clear(self) -> bool:
        """Whether whoever reads the line can read the secret."""
        return self.strength is Strength.CLEAR

    def begin(self) -> Exchange:
        """Return a new exchange, not yet started."""
        return self.mechanism(self.credentials)

    def may_follow(self, refused: Choice) -> bool:
        """Tell whether this may be tried after the server refused ``refused``."""
        return (
            self.name != refused.name
            and self.needs is refused.needs
            and self.strength >= refused.strength
        )


def own_command(name: str, credentials: Credentials, strength: Strength) -> Choice:
    """Return the choice of a protocol's own command that takes user and password."""
    return Choice(name, _no_exchange, Needs.PASSWORD, strength, credentials, commanded=True)


def _no_exchange(_: Credentials) -> Exchange:
    yield from ()


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    mechanism: Mechanism
    needs: Needs
    strength: Strength


_TABLE = (
    _Row("EXTERNAL", external_mechanism, Needs.CERTIFICATE, Strength.BOUND),
    _Row("SCRAM-SHA-256-PLUS", scram_sha_256_plus, Needs.PASSWORD, Strength.BOUND),
    _Row("SCRAM-SHA-256", scram_sha_256, Needs.PASSWORD, Strength.MUTUAL),
    _Row("SCRAM-SHA-1-PLUS", scram_sha_1_plus, Needs.PASSWORD, Strength.BOUND),
    _Row("SCRAM-SHA-1", scram_sha_1, Needs.PASSWORD, Strength.MUTUAL),
    _Row("OAUTHBEARER", oauthbearer, Needs.TOKEN, Strength.CLEAR),
    _Row("XOAUTH2", xoauth2, Needs.TOKEN, Strength.CLEAR),
    _Row("CRAM-MD5", cram_md5, Needs.PASSWORD, Strength.DIGEST),
    _Row("PLAIN", plain, Needs.PASSWORD, Strength.CLEAR),
    _Row("LOGIN", login, Needs.PASSWORD, Strength.CLEAR),
)


def choose(
    offered: Iterable[str],
    credentials: Credentials,
    *,
    secured: bool,
    allow_clear: bool,
    external: bool = False,
) -> list[Choice]:
    """Return the mechanisms that may be used, best first; often there is none.

    ``offered`` is what the server says, in any case, with or without "AUTH=";
    of a long list the first hundred are looked at. ``secured`` says whether
    TLS protects the connection, ``allow_clear`` whether the secret may go over
    it in clear (TLS, or plaintext asked for by name), ``external`` whether a
    client certificate was given to TLS. Never raises.

    To tell a server that offers nothing we know from one that we must not
    trust with the secret, call it again with ``allow_clear=True``.
    """
    names = {
        name.upper().removeprefix("AUTH=")
        for name in islice(offered, _NAMES_LOOKED_AT)
        # Some letters beyond ASCII have ASCII ones as their upper case.
        if name.isascii()
    }
    return [
        Choice(row.name, row.mechanism, row.needs, row.strength, _ready(row, credentials, names))
        for row in _TABLE
        if row.name in names
        and _has(row, credentials, external=external and secured)
        and (row.strength is not Strength.BOUND or secured)
        and (row.strength is not Strength.CLEAR or allow_clear)
    ]


def _ready(row: _Row, credentials: Credentials, names: set[str]) -> Credentials:
    return replace(credentials, binding_offered=f"{row.name}-PLUS" in names)


def _has(row: _Row, credentials: Credentials, *, external: bool) -> bool:
    """Tell whether we have what ``row`` needs."""
    if row.needs is Needs.CERTIFICATE:
        return external
    if row.needs is Needs.TOKEN:
        return bool(credentials.token)
    if row.strength is Strength.BOUND and not credentials.server_end_point:
        return False
    return bool(credentials.password)
