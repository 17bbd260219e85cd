"""From nothing to a session, and back, whatever the protocol: the frame of every opening.

The order is the security of it. With implicit TLS nothing is said before the handshake. With
STARTTLS only what leads to it is said in clear; what was heard before the handshake is forgotten
(RFC 3207, 4.2; RFC 2595, 2), and octets that were slipped in before it end the attempt. What each
protocol says in between is its dialogue's ``enter``.
"""

from __future__ import annotations

from typing import TypeVar

from courriel.errors import CourrielError, Disconnected, InsecureConnection
from courriel.faces import Flow
from courriel.flows.dialogue import Dialogue
from courriel.flows.effects import Allow, Connect, HangUp, Peer, Secure, Secured
from courriel.model.options import Security
from courriel.model.profile import Profile
from courriel.protocol.machine import Machine

M = TypeVar("M", bound=Machine)


def open_dialogue(dialogue: Dialogue[M]) -> Flow[None]:
    """Open a connection and sign in; on any error hang up and leave nothing behind."""
    dialogue.closed = False
    machine = dialogue.opening = dialogue.new_machine()
    try:
        yield from dialogue.enter(machine)
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


def connect(profile: Profile, machine: Machine) -> Flow[tuple[Peer, Secured | None]]:
    """Connect, and shake hands at once under implicit TLS.

    The time for it runs on, to cover the greeting; the caller ends it with
    ``Allow(None)``.
    """
    yield from Allow(profile.timeout.connect, _silence_hint(profile))
    peer = yield from Connect(machine, profile.host, profile.port, profile.proxy)
    tls: Secured | None = None
    if profile.security is Security.TLS:
        try:
            tls = yield from Secure(profile.tls, profile.host)
        except InsecureConnection as error:
            error.hint = error.hint or _ports_hint(profile)
            raise
        machine.begin_secured()
    return peer, tls


def shake_hands(profile: Profile, machine: Machine) -> Flow[Secured]:
    """Begin TLS on a connection whose server has just agreed to it."""
    machine.seal()
    yield from Allow(profile.timeout.connect)
    tls = yield from Secure(profile.tls, profile.host)
    machine.begin_secured()
    yield from Allow(None)
    return tls


def _ports_hint(profile: Profile) -> str:
    """Return what to try where no TLS was spoken: the ports of this protocol, and of no other."""
    later, at_once = (profile.ports.get(each) for each in (Security.STARTTLS, Security.TLS))
    hint = "Try security='starttls'" + (f" (port {later})" if later else "")
    if at_once in (later, None):
        return f"{hint}."
    return f"{hint}, or the port for implicit TLS ({at_once})."


def _silence_hint(profile: Profile) -> str:
    if profile.security is Security.TLS:
        return f"Is port {profile.port} open in the firewall, and does it speak TLS at once?"
    return (
        f"Is port {profile.port} open in the firewall? A server that says nothing may want "
        "security='tls'."
    )


def close_dialogue(dialogue: Dialogue[M]) -> Flow[None]:
    """Say goodbye if the line is free for it, wait a moment for the answer, hang up."""
    dialogue.closed = True
    if dialogue.opening is not None:
        dialogue.opening.condemn(
            Disconnected("the session was closed while it was being opened", hint="Open it again.")
        )
    machine, dialogue.current = dialogue.current, None
    if machine is None:
        return
    try:
        if machine.usable and dialogue.may_leave(machine):
            yield from Allow(dialogue.profile.limits.farewell)
            yield from dialogue.leave(machine)
    except CourrielError:
        # Whatever is wrong with a connection that we leave, it is over.
        pass
    finally:
        # Also for whoever does not wait so long: the driver lets go of what is condemned.
        machine.condemn(
            Disconnected("the session was closed while this was going on", hint="Open it again.")
        )
    yield from HangUp(machine)
