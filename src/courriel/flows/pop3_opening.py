"""A POP3 dialogue: what is remembered of the server, how it is entered and left.

With STLS the only things said in clear are CAPA and STLS (RFC 2595, 4), and neither capabilities
nor the timestamp of APOP that were heard before the handshake are believed behind it. QUIT is what
makes deletions happen (RFC 1939, 6): whoever hangs up without it has deleted nothing.
"""

from __future__ import annotations

from courriel.errors import InsecureConnection
from courriel.faces import Flow
from courriel.flows.dialogue import Dialogue
from courriel.flows.effects import Allow, Secured
from courriel.flows.maildrop import Maildrop, refusal
from courriel.flows.opening import connect, shake_hands
from courriel.model.options import Security
from courriel.model.profile import Profile
from courriel.protocol.pop3 import Pop3Machine
from courriel.protocol.ticket import Turn
from courriel.wire.pop3.capabilities import Capabilities
from courriel.wire.pop3.commands import CAPA, QUIT, STLS, Simple
from courriel.wire.pop3.replies import Answer


class Pop3Dialogue(Dialogue[Pop3Machine]):
    """The dialogue with a POP3 server."""

    __slots__ = ("loading", "maildrop")

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.maildrop: Maildrop | None = None
        """What lies in the mailbox, once it was asked for; it cannot change during a session."""
        self.loading: list[Turn] | None = None
        """Those who wait while one of them asks for it; None when nobody does."""

    def new_machine(self) -> Pop3Machine:
        self.maildrop = None
        return Pop3Machine(self.profile.limits)

    def enter(self, machine: Pop3Machine) -> Flow[None]:
        """Connect, secure, greet and sign in (RFC 1939, 4; RFC 2595; RFC 5034)."""
        profile = self.profile
        _, tls = yield from connect(profile, machine)
        greeting = yield from machine.greeted
        if not greeting.positive:
            raise refusal(greeting, "greeting", "the server does not want us")
        yield from Allow(None)
        believed = greeting.text
        yield from _ask_capabilities(machine)
        if profile.security is Security.STARTTLS:
            tls = yield from _start_tls(machine, profile)
            believed = ""
            yield from _ask_capabilities(machine)
        # Not before TLS: an attacker's words shall reach nobody.
        self.greeting = greeting.text
        if "UTF8" in machine.capabilities:
            # Only before signing in (RFC 6856, 2); without it some servers rewrite mails.
            yield from machine.submit(Simple("UTF8"))
        if profile.user or profile.password or profile.token:
            yield from _sign_in(machine, profile, tls, believed)

    def leave(self, machine: Pop3Machine) -> Flow[Answer]:
        """Say QUIT; a server that has much to delete is given the time for it."""
        if machine.marked:
            # The read timeout, which counts what comes of a long message in front of it.
            yield from Allow(None)
        return (yield from machine.submit(QUIT))

    def may_leave(self, machine: Pop3Machine) -> bool:
        # What was asked for and is not wanted any more must not cost the deletions.
        return machine.idle or bool(machine.marked)


def _ask_capabilities(machine: Pop3Machine) -> Flow[None]:
    answer = yield from machine.submit(CAPA)
    machine.learn(Capabilities.of(answer.content) if answer.positive else Capabilities())


def _start_tls(machine: Pop3Machine, profile: Profile) -> Flow[Secured]:
    if "STLS" not in machine.capabilities:
        raise InsecureConnection(
            "the server does not offer STLS, or somebody removed the offer",
            hint="Use implicit TLS (port 995); nothing secret was sent.",
        )
    answer = yield from machine.submit(STLS)
    if not answer.positive:
        raise InsecureConnection(
            f"the server refused STLS: {answer}",
            hint="Nothing secret was sent; try again later.",
        )
    return (yield from shake_hands(profile, machine))


def _sign_in(
    machine: Pop3Machine, profile: Profile, tls: Secured | None, greeting: str
) -> Flow[None]:
    # Who never signs in does not pay for the mechanisms.
    from courriel.flows.pop3_signing import Pop3Carrier, timestamp_in
    from courriel.flows.signing import sign_in

    yield from sign_in(Pop3Carrier(machine, timestamp_in(greeting)), profile, tls)
    if machine.capabilities.known:
        # Some capabilities show only now, and some have other values (RFC 2449, 5).
        yield from _ask_capabilities(machine)
