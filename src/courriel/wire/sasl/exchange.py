"""What a SASL mechanism is here: a generator that is fed challenges and yields responses.

A mechanism (RFC 4422) is a generator function of ``Credentials``. It is started with ``next()``,
which yields its initial response, or None when the server speaks first. Each ``send(challenge)``
yields the next response. When the server reports success the driver of the exchange sends None;
the mechanism then returns, or raises when it has not seen the proof that it wants (SCRAM's server
signature). Costly arithmetic is yielded as ``Compute`` and its result sent back, so that an event
loop can have a thread do it. Nothing here encodes base64: that belongs to the protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

from courriel.model.secret import Secret


@dataclass(frozen=True, slots=True)
class Compute:
    """Arithmetic that takes long: run ``function`` anywhere and send its result back."""

    function: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a mechanism may use to prove who the user is.

    ``server_end_point`` is the channel binding of RFC 5929, 4 (the hash of the
    server's certificate), None without TLS; ``binding_offered`` says whether
    the server offers the chosen mechanism with ``-PLUS`` too, so that SCRAM
    can tell it when the offer got lost on the way (RFC 5802, 6); fill it in
    with ``choice.choose``. ``host`` and ``port`` go into OAUTHBEARER (RFC 7628, 3.1).
    """

    user: str
    password: Secret | None = None
    token: Secret | None = None
    host: str = ""
    port: int = 0
    server_end_point: bytes | None = None
    binding_offered: bool = False
    iterations_minimum: int = 4_096
    iterations_maximum: int = 1_000_000


Exchange: TypeAlias = Generator["bytes | Compute | None", Any, None]
Mechanism: TypeAlias = Callable[[Credentials], Exchange]
