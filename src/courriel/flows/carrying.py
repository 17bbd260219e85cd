"""One SASL exchange, whichever protocol carries it (RFC 4422; RFC 4954, RFC 5034, RFC 9051, 6.2.2).

A mechanism (``wire.sasl``) makes responses out of challenges; a protocol has words to carry both.
Here is what lies between: who speaks first, how often the server may ask, how large a challenge
may be, what a success proves, and how an exchange is cancelled. A protocol brings a subclass of
``Carrier``, a page long, which says its words and nothing else::

    mechanisms   what the server offers, without "AUTH="
    secured      whether TLS protects the connection
    usable       whether the connection still stands
    fits(…)      whether an initial response may go along with the command
    begin(…)     name the mechanism, with an initial response or without  -> Verdict
    respond(…)   answer a challenge, or cancel with None                  -> Verdict
    perform(…)   sign in by a command of the protocol's own, which is no SASL  -> Verdict
    choices(…)   what may be used now, best first; add the protocol's own commands to it

A response never stands in a frame as bytes, since a traceback has locals: it travels as
``Response``. Which mechanism is used, and what may follow a refusal, is decided in ``signing``.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from courriel.errors import CourrielError, Garbled, InsecureConnection
from courriel.faces import Flow
from courriel.flows.effects import Offload
from courriel.model.limits import Limits
from courriel.wire.sasl.choice import Choice, Needs, choose
from courriel.wire.sasl.echo import Echo
from courriel.wire.sasl.exchange import Compute, Credentials, Exchange
from courriel.wire.sasl.oauth import explain


@dataclass(frozen=True, slots=True)
class Response:
    """What a mechanism says, hidden from whoever looks at frames. It encodes no base64."""

    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Denial:
    """How a server said no.

    ``shown``: the whole answer, for the error's message; ``text``: its words;
    ``code``, ``enhanced`` and ``condition`` as in ``Refused``. ``transient``:
    it says nothing about the credentials. ``unimplemented``: it is about the
    mechanism, and another one may do. ``renewable``: a new token may help.
    ``hint``: what to try, when the answer tells more than the usual.
    """

    shown: str
    text: str = ""
    code: int | None = None
    enhanced: str | None = None
    condition: str | None = None
    transient: bool = False
    unimplemented: bool = False
    renewable: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came back: a ``challenge`` in base64, a ``denial``, or neither, which is success."""

    challenge: str | None = None
    denial: Denial | None = None

    @property
    def accepted(self) -> bool:
        """Whether the server reports success."""
        return self.challenge is None and self.denial is None


class Carrier:
    """How one protocol carries an exchange. Subclasses say its words."""

    __slots__ = ()

    service: ClassVar[str]
    """The protocol's name, for errors."""
    verb: ClassVar[str]
    """The command that a refusal is an answer to."""
    capability: ClassVar[str] = "AUTH"
    """What a server lacks that offers no way to sign in."""

    @property
    def mechanisms(self) -> Sequence[str]:
        """The mechanisms that the server offers."""
        raise NotImplementedError

    @property
    def secured(self) -> bool:
        """Whether TLS protects the connection."""
        raise NotImplementedError

    @property
    def usable(self) -> bool:
        """Whether the connection still stands."""
        raise NotImplementedError

    def choices(
        self, credentials: Credentials, *, allow_clear: bool, external: bool
    ) -> list[Choice]:
        """Return what may be used now, best first."""
        return choose(
            self.mechanisms,
            credentials,
            secured=self.secured,
            allow_clear=allow_clear,
            external=external,
        )

    def fits(self, mechanism: str, response: Response) -> bool:
        """Tell whether an initial response may go along with the command."""
        raise NotImplementedError

    def begin(self, mechanism: str, response: Response | None, echo: Echo) -> Flow[Verdict]:
        """Begin an exchange; ``echo`` is what the answer must not show."""
        raise NotImplementedError

    def respond(self, response: Response | None, echo: Echo) -> Flow[Verdict]:
        """Answer a challenge; None cancels the exchange."""
        raise NotImplementedError

    def perform(self, choice: Choice, echo: Echo) -> Flow[Verdict]:
        """Sign in by the protocol's own command that ``choice`` stands for."""
        raise NotImplementedError

    def advice(self) -> str:
        """Say what to try with a server that offers no way to sign in."""
        return "Try auth='optional' to go on without, or another security."


def carry(carrier: Carrier, choice: Choice, limits: Limits) -> Flow[tuple[Verdict, str]]:
    """Carry one exchange; return its last verdict, and what an error challenge said.

    Raises Garbled for what is no exchange, InsecureConnection for a success
    that proves nothing.
    """
    secrets = tuple(filter(None, (choice.credentials.password, choice.credentials.token)))
    echo = Echo(secrets)
    if choice.commanded:
        return (yield from carrier.perform(choice, echo)), ""
    exchange = choice.begin()
    response = yield from _step(exchange, None)
    withheld: Response | None = None
    if response is not None and not carrier.fits(choice.name, response):
        response, withheld = None, response
    verdict = yield from carrier.begin(choice.name, response, echo)
    echo = _after(echo, response)
    words = ""
    for rounds in range(limits.sasl_rounds + 1):
        if verdict.challenge is None:
            if verdict.accepted:
                _conclude(exchange, withheld)
            exchange.close()
            return verdict, words
        try:
            if rounds == limits.sasl_rounds:
                raise Garbled(
                    f"the server asked more than {limits.sasl_rounds} times during {choice.name}",
                    hint="Try again; its authentication may be misconfigured.",
                )
            if withheld is not None:
                # This challenge is empty (RFC 4954, 4); what a server says all the same is ignored.
                response, withheld = withheld, None
            else:
                challenge = _challenge(verdict.challenge, limits)
                if choice.needs is Needs.TOKEN:
                    words = echo.removed(explain(challenge))
                response = yield from _step(exchange, challenge)
        except CourrielError:
            # A lone "*" cancels the exchange; the server answers with a refusal.
            yield from carrier.respond(None, echo)
            raise
        verdict = yield from carrier.respond(response or Response(b""), echo)
        echo = _after(echo, response)
    raise AssertionError("the loop ends by itself")


def _after(echo: Echo, response: Response | None) -> Echo:
    return echo if response is None else echo.after(response.octets)


def _step(exchange: Exchange, challenge: bytes | None) -> Flow[Response | None]:
    """Feed a challenge; have long arithmetic done elsewhere; return the response."""
    try:
        wanted = exchange.send(challenge)
        while isinstance(wanted, Compute):
            result = yield from Offload(wanted.function)
            wanted = exchange.send(result)
    except StopIteration:
        raise Garbled("the server went on asking after the exchange had ended") from None
    return None if wanted is None else Response(wanted)


def _conclude(exchange: Exchange, withheld: Response | None) -> None:
    """Tell the mechanism that the server reports success; it raises if that proves nothing."""
    try:
        exchange.send(None)
    except StopIteration:
        if withheld is None:
            return
    raise InsecureConnection("the server reported success before the exchange had ended")


def _challenge(text: str, limits: Limits) -> bytes:
    text = text.strip()
    if len(text) > limits.sasl_challenge * 4 // 3 + 4:
        raise Garbled(f"a challenge is larger than {limits.sasl_challenge} octets")
    try:
        return binascii.a2b_base64(text.encode(), strict_mode=True) if text else b""
    except (binascii.Error, ValueError):
        raise Garbled("a challenge is not base64") from None
