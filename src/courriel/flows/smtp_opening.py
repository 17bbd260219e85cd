"""An SMTP or LMTP dialogue: what is remembered of the server, how it is entered and left.

With STARTTLS the only things said in clear are EHLO and STARTTLS. A connection that a deviation of
the server has cost is replaced by one that does not walk into it again.
"""

from __future__ import annotations

from copy import copy

from courriel.errors import (
    CourrielError,
    Garbled,
    InsecureConnection,
    Refused,
)
from courriel.faces import Flow
from courriel.flows.dialogue import Dialogue
from courriel.flows.effects import Allow, Secured
from courriel.flows.opening import connect, open_dialogue, shake_hands
from courriel.model.options import Security
from courriel.model.profile import Profile
from courriel.model.receipt import Reply
from courriel.protocol.smtp import SmtpMachine
from courriel.protocol.ticket import Turn
from courriel.wire.smtp.commands import QUIT, STARTTLS, Hello


class SmtpDialogue(Dialogue[SmtpMachine]):
    """The dialogue with an SMTP or LMTP server."""

    __slots__ = ("lmtp", "queue", "quirks", "unreplaced")

    def __init__(self, profile: Profile, *, lmtp: bool = False) -> None:
        super().__init__(profile)
        self.lmtp = lmtp
        self.queue: list[Turn] | None = None
        """Those who wait while one of them replaces the connection; None when nobody does."""
        self.unreplaced: tuple[SmtpMachine, CourrielError] | None = None
        """A connection that could not be replaced, and why."""
        self.quirks: frozenset[str] = frozenset()
        """Names from ``wire.smtp.quirks`` that this server has shown."""

    def new_machine(self) -> SmtpMachine:
        return SmtpMachine(self.profile.limits)

    def enter(self, machine: SmtpMachine) -> Flow[None]:
        """Connect, secure, greet and sign in (RFC 5321, 3.1; RFC 3207; RFC 4954)."""
        profile = self.profile
        peer, tls = yield from connect(profile, machine)
        greeting = yield from machine.greeted
        _check_greeting(greeting)
        yield from Allow(None)
        name = profile.local_name or peer.local_name
        yield from _say_hello(self, machine, name)
        if profile.security is Security.STARTTLS:
            tls = yield from _start_tls(machine, profile)
            yield from _say_hello(self, machine, name)
        # Not before TLS: an attacker's words shall reach nobody.
        self.greeting = greeting.text
        if profile.user or profile.password or profile.token:
            # Who never signs in does not pay for the mechanisms.
            from courriel.flows.authenticate import authenticate

            yield from authenticate(machine, profile, tls)
        if self.quirks:
            machine.distrust(self.quirks)

    def leave(self, machine: SmtpMachine) -> Flow[Reply]:
        """Say QUIT."""
        return (yield from machine.submit(QUIT))


def replace_connection(dialogue: SmtpDialogue, machine: SmtpMachine) -> Flow[None]:
    """Open a new connection in place of a broken one; of many who want that, one does it."""
    while dialogue.current is machine:
        if dialogue.unreplaced is not None and dialogue.unreplaced[0] is machine:
            raise copy(dialogue.unreplaced[1])
        if dialogue.queue is not None:
            turn = Turn()
            dialogue.queue.append(turn)
            yield from turn
            continue
        dialogue.queue = []
        try:
            yield from open_dialogue(dialogue)
        except CourrielError as error:
            dialogue.unreplaced = machine, error
            raise
        finally:
            waiting, dialogue.queue = dialogue.queue, None
            for turn in waiting:
                turn.resolve(None)


def _check_greeting(reply: Reply) -> None:
    if reply.code == 220:
        return
    if reply.code >= 400:
        raise Refused(
            f"the server does not want us: {reply}",
            hint="Try again later." if reply.transient else "Ask the server's operator why.",
            code=reply.code,
            enhanced=reply.enhanced,
            text=reply.text,
            command="greeting",
        )
    raise Garbled(f"the greeting is not one: {reply}", hint="Check host and port.")


def _say_hello(dialogue: SmtpDialogue, machine: SmtpMachine, name: str) -> Flow[None]:
    """EHLO, and HELO where that is not known (RFC 5321, 3.2); LHLO has no fallback."""
    verb = "LHLO" if dialogue.lmtp else "EHLO"
    reply = yield from machine.submit(Hello(verb, name))
    if reply.code == 250:
        machine.learn(reply)
        return
    _keep_step(reply, verb)
    must_secure = dialogue.profile.security is Security.STARTTLS and not machine.secured
    if must_secure and not reply.transient:
        raise InsecureConnection(
            f"the server refused {verb}, so TLS cannot be started: {reply}",
            hint="Use implicit TLS (port 465).",
        )
    if reply.code >= 500 and not dialogue.lmtp:
        reply = yield from machine.submit(Hello("HELO", name))
        if reply.code == 250:
            return
        _keep_step(reply, "HELO")
        verb = "HELO"
    raise Refused(
        f"the server refused {verb}: {reply}",
        hint="It may not like our name: set local_name to a host name it can look up.",
        code=reply.code,
        enhanced=reply.enhanced,
        text=reply.text,
        command=verb,
    )


def _keep_step(reply: Reply, verb: str) -> None:
    if reply.code < 400:
        raise Garbled(f"the server answered {reply} to {verb}", hint="Check host and port.")


def _start_tls(machine: SmtpMachine, profile: Profile) -> Flow[Secured]:
    if "STARTTLS" not in machine.capabilities:
        raise InsecureConnection(
            "the server does not offer STARTTLS, or somebody removed the offer",
            hint="Use implicit TLS (port 465); nothing secret was sent.",
        )
    reply = yield from machine.submit(STARTTLS)
    if reply.code != 220:
        raise InsecureConnection(
            f"the server refused STARTTLS: {reply}",
            hint="Nothing secret was sent; try again later.",
        )
    return (yield from shake_hands(profile, machine))
