"""From nothing to a session: connect, secure, greet, sign in. And back: say QUIT, hang up.

The order is the security of it. With implicit TLS nothing is said before the handshake. With
STARTTLS the only things said in clear are EHLO and STARTTLS; what was heard before the handshake
is forgotten (RFC 3207, 4.2), and octets that were slipped in before it end the attempt.
"""

from __future__ import annotations

from copy import copy

from courriel.errors import (
    CourrielError,
    Disconnected,
    Garbled,
    InsecureConnection,
    Refused,
)
from courriel.faces import Flow
from courriel.flows.dialogue import Dialogue
from courriel.flows.effects import Allow, Connect, HangUp, Secure, Secured
from courriel.model.options import Security
from courriel.model.profile import Profile
from courriel.model.receipt import Reply
from courriel.protocol.machine import Machine
from courriel.protocol.smtp import SmtpMachine
from courriel.protocol.ticket import Turn
from courriel.wire.smtp.commands import QUIT, STARTTLS, Hello


def open_dialogue(dialogue: Dialogue) -> Flow[None]:
    """Open a connection and sign in; on any error hang up and leave nothing behind."""
    dialogue.closed = False
    machine = dialogue.opening = SmtpMachine(dialogue.profile.limits)
    try:
        yield from _open(dialogue, machine)
        if machine.error is not None:
            raise machine.error
    except CourrielError as error:
        error.operation = error.operation or "open"
        # Even if only the operation's time was over: there is no session to go on with.
        error.session_usable = False
        machine.condemn(error)
        yield from HangUp(machine)
        raise
    except BaseException:
        machine.condemn(Disconnected("opening the session was abandoned"))
        raise
    finally:
        if dialogue.opening is machine:
            dialogue.opening = None
    dialogue.current = machine


def replace_connection(dialogue: Dialogue, machine: SmtpMachine) -> Flow[None]:
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


def _open(dialogue: Dialogue, machine: SmtpMachine) -> Flow[None]:
    profile = dialogue.profile
    yield from Allow(profile.timeout.connect, _silence_hint(profile))
    peer = yield from Connect(machine, profile.host, profile.port, profile.proxy)
    tls: Secured | None = None
    if profile.security is Security.TLS:
        tls = yield from Secure(profile.tls, profile.host)
        machine.begin_secured()
    greeting = yield from machine.greeted
    _check_greeting(greeting)
    yield from Allow(None)
    name = profile.local_name or peer.local_name
    yield from _say_hello(dialogue, machine, name)
    if profile.security is Security.STARTTLS:
        tls = yield from _start_tls(machine, profile)
        yield from _say_hello(dialogue, machine, name)
    # Not before TLS: an attacker's words shall reach nobody.
    dialogue.greeting = greeting.text
    if profile.user or profile.password or profile.token:
        # Who never signs in does not pay for the mechanisms.
        from courriel.flows.authenticate import authenticate

        yield from authenticate(machine, profile, tls)
    if dialogue.quirks:
        machine.distrust(dialogue.quirks)


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


def _say_hello(dialogue: Dialogue, machine: SmtpMachine, name: str) -> Flow[None]:
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
    machine.seal()
    yield from Allow(profile.timeout.connect)
    tls = yield from Secure(profile.tls, profile.host)
    machine.begin_secured()
    yield from Allow(None)
    return tls


def _silence_hint(profile: Profile) -> str:
    if profile.security is Security.TLS:
        return f"Is port {profile.port} open in the firewall, and does it speak TLS at once?"
    return (
        f"Is port {profile.port} open in the firewall? A server that says nothing may want "
        "security='tls'."
    )


def close_dialogue(dialogue: Dialogue) -> Flow[None]:
    """Say QUIT if the line is free for it, wait a moment for the answer, hang up."""
    dialogue.closed = True
    if dialogue.opening is not None:
        dialogue.opening.condemn(
            Disconnected("the session was closed while it was being opened", hint="Open it again.")
        )
    machine, dialogue.current = dialogue.current, None
    if machine is None:
        return
    try:
        if machine.usable and machine.idle:
            yield from Allow(dialogue.profile.limits.farewell)
            yield from machine.submit(QUIT)
    except CourrielError:
        # Whatever is wrong with a connection that we leave, it is over.
        pass
    finally:
        # Also for whoever does not wait so long: the driver lets go of what is condemned.
        machine.condemn(
            Disconnected("the session was closed while this was going on", hint="Open it again.")
        )
    yield from HangUp(machine)


def part(machine: Machine) -> None:
    """Say QUIT without waiting for its answer, if the line is free for it."""
    if isinstance(machine, SmtpMachine) and machine.usable and machine.idle:
        machine.submit(QUIT)
