"""An IMAP dialogue: what is remembered of the server, how it is entered and left.

::

    connect, [TLS], greeting, [CAPABILITY], [STARTTLS, CAPABILITY],
    sign in, [CAPABILITY], ENABLE, ID

What was heard before TLS is forgotten. A server that says PREAUTH before STARTTLS could not be
asked for it any more (RFC 9051, 7.1.4), which is what an attacker wants: it is refused.
"""

from __future__ import annotations

from courriel.errors import Garbled, InsecureConnection, Refused
from courriel.faces import Flow
from courriel.flows.dialogue import Dialogue
from courriel.flows.effects import Allow, Secured
from courriel.flows.foldernames import FolderNames
from courriel.flows.opening import connect, shake_hands
from courriel.model.folder import Namespaces
from courriel.model.options import Security
from courriel.model.profile import Profile
from courriel.protocol.imap.machine import ImapMachine
from courriel.wire.imap.answers import Condition
from courriel.wire.imap.commands import Capability, Enable, Id, Logout, StartTls

_REVISIONS = frozenset({"IMAP4REV1", "IMAP4REV2"})
_IDENTITY = {"name": "courriel", "vendor": "courriel"}


class ImapDialogue(Dialogue[ImapMachine]):
    """The dialogue with an IMAP server."""

    __slots__ = ("breaks_at_binary", "folder", "folder_before", "names", "namespaces")

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.folder = "INBOX"
        """The folder that a call means which names none: the one named last."""
        self.folder_before = "INBOX"
        self.namespaces: Namespaces | None = None
        self.names = FolderNames()
        self.breaks_at_binary = False
        """Whether a connection has ended while the server was to decode a part."""

    def new_machine(self) -> ImapMachine:
        return ImapMachine(self.profile.limits)

    def enter(self, machine: ImapMachine) -> Flow[None]:
        """Connect, secure, greet and sign in (RFC 9051, 2 and 6.2)."""
        profile = self.profile
        self.folder, self.folder_before, self.namespaces = "INBOX", "INBOX", None
        _, tls = yield from connect(profile, machine)
        greeting = yield from machine.greeted
        yield from Allow(None)
        _check_greeting(greeting)
        if profile.security is Security.STARTTLS:
            tls = yield from _start_tls(machine, profile, greeting)
        if machine.capabilities is None:
            yield from machine.submit(Capability())
        if not _REVISIONS & machine.words:
            raise Garbled(
                "the server does not speak IMAP4rev1 or IMAP4rev2", hint="Check host and port."
            )
        # Not before TLS: an attacker's words shall reach nobody.
        self.greeting = greeting.text
        if greeting.status == "PREAUTH":
            _check_preauth(machine, profile)
        elif profile.user or profile.password or profile.token:
            yield from self._sign_in(machine, tls)
        self._settle_in(machine)

    def _sign_in(self, machine: ImapMachine, tls: Secured | None) -> Flow[None]:
        # Who never signs in does not pay for the mechanisms.
        from courriel.flows.imap_signing import ImapCarrier
        from courriel.flows.signing import sign_in

        before = machine.learned
        yield from sign_in(ImapCarrier(machine, self.profile.security), self.profile, tls)
        if machine.learned == before:
            yield from machine.submit(Capability())

    def _settle_in(self, machine: ImapMachine) -> None:
        """Say who we are, and what we understand; nobody waits for the answers.

        Some servers (163.com, 126.com) let only those select a folder who have
        said ID. It comes behind ENABLE, which waits for silence, so that the
        first SELECT need not wait for it.
        """
        wanted = tuple(word for word in ("UTF8=ACCEPT", "QRESYNC") if word in machine.words)
        if wanted and ("ENABLE" in machine.words or "IMAP4REV2" in machine.words):
            machine.submit(Enable(wanted))
        if "ID" in machine.words:
            machine.submit(Id(_IDENTITY))

    def leave(self, machine: ImapMachine) -> Flow[object]:
        """Say LOGOUT."""
        return (yield from machine.submit(Logout()))


def _check_greeting(greeting: Condition) -> None:
    if greeting.status == "BYE":
        raise Refused(
            f"the server does not want us: {greeting.text}",
            hint="Try again later, or ask its operator.",
            text=greeting.text,
            command="greeting",
            condition=None if greeting.code is None else greeting.code.name,
        )


def _start_tls(machine: ImapMachine, profile: Profile, greeting: Condition) -> Flow[Secured]:
    if greeting.status == "PREAUTH":
        raise InsecureConnection(
            "the server says we are signed in already, so that TLS cannot be started",
            hint="Somebody may be tampering: use implicit TLS (port 993).",
        )
    try:
        if machine.capabilities is None:
            yield from machine.submit(Capability())
        offered = "STARTTLS" in machine.words
        if offered:
            yield from machine.submit(StartTls())
    except Refused as error:
        raise InsecureConnection(
            f"the server refused STARTTLS: {error.message}",
            hint="Use implicit TLS (port 993); nothing secret was sent.",
        ) from error
    if not offered:
        raise InsecureConnection(
            "the server does not offer STARTTLS, or somebody removed the offer",
            hint="Use implicit TLS (port 993); nothing secret was sent.",
        )
    return (yield from shake_hands(profile, machine))


def _check_preauth(machine: ImapMachine, profile: Profile) -> None:
    if machine.secured or profile.plaintext_named or profile.on_loopback:
        return
    raise InsecureConnection(
        "the server says we are signed in already, over a connection that nothing protects",
        hint='Use TLS, or ask for security="plaintext" by name.',
    )
