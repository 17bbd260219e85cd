"""Remember where one IMAP conversation stands.

The states are RFC 3501, 3: without ``user`` not authenticated, with ``user`` authenticated, with
``view`` selected. ``Mode`` says how the next octets are to be read; commands switch it, the machine
obeys it::

    COMMAND ──AUTHENTICATE──▶ RESPONSE ──OK, NO, BAD──▶ COMMAND
    COMMAND ──IDLE──▶ IDLE ──DONE──▶ COMMAND
    COMMAND ──STARTTLS──▶ TLS ──tls_started()──▶ COMMAND
    any ──LOGOUT, BYE──▶ CLOSED

Only state lives here, and the questions that it answers by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from courriel.sandbox.accounts import Accounts
from courriel.sandbox.folders import Folders
from courriel.sandbox.imap.policy import ImapPolicy
from courriel.sandbox.imap.replies import astring, no
from courriel.sandbox.imap.view import View
from courriel.sandbox.mailbox import Mailbox
from courriel.sandbox.sasl import Exchange
from courriel.sandbox.store import Store
from courriel.wire.imap import names


class Mode(Enum):
    """What the next octets are."""

    COMMAND = auto()
    RESPONSE = auto()
    IDLE = auto()
    TLS = auto()
    CLOSED = auto()


@dataclass(slots=True)
class Conversation:
    """All that is remembered between two commands.

    ``tag`` is that of the command being obeyed, ``behind`` whether octets were
    waiting behind it; ``enabled`` are the words that ENABLE or a command like
    it has switched on (RFC 5161); ``untagged`` is what a command says before
    its end, without star and CRLF, ``prompt`` a continuation.
    """

    policy: ImapPolicy
    accounts: Accounts
    store: Store
    nonce: Callable[[], str]
    changed: Callable[[], None]
    secured: bool = False
    server_end_point: bytes | None = None
    mode: Mode = Mode.COMMAND
    user: str | None = None
    view: View | None = None
    exchange: Exchange | None = None
    tag: bytes = b"*"
    behind: bool = False
    enabled: set[str] = field(default_factory=set)
    untagged: list[bytes] = field(default_factory=list)
    prompt: bytes | None = None
    errors: int = 0
    auth_failures: int = 0

    def has(self, capability: str) -> bool:
        """Tell whether the sandbox was told to offer it."""
        return capability in self.policy.capabilities

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms on offer at this point."""
        if not self.may_sign_in or not self.has("AUTH"):
            return ()
        return tuple(
            name
            for name in self.policy.mechanisms
            if self.server_end_point or not name.endswith("-PLUS")
        )

    @property
    def may_sign_in(self) -> bool:
        """Whether credentials are taken on this connection as it is."""
        policy = self.policy
        return self.secured or not (policy.auth_requires_tls or policy.tls_required)

    @property
    def capabilities(self) -> list[str]:
        """The words of CAPABILITY at this point."""
        words = ["IMAP4rev1"]
        for word in sorted(self.policy.capabilities):
            match word:
                case "AUTH":
                    words += [f"AUTH={name}" for name in self.mechanisms]
                case "LOGIN":
                    pass
                case "STARTTLS":
                    words += [] if self.secured else [word]
                case "APPENDLIMIT":
                    words.append(f"{word}={self.policy.message_size}")
                case "UTF8=ACCEPT":
                    # Nobody could accept it without ENABLE.
                    words += [word] if self.has("ENABLE") else []
                case _:
                    words.append(word)
        if not self.has("LOGIN") or not self.may_sign_in:
            words.append("LOGINDISABLED")
        return words

    @property
    def utf8(self) -> bool:
        """Whether names and quoted strings are UTF-8 (RFC 6855, 3)."""
        return "UTF8=ACCEPT" in self.enabled

    @property
    def folders(self) -> Folders:
        """The folders of the user."""
        assert self.user is not None
        return self.store.folders(self.user)

    def named(self, raw: bytes) -> str:
        """Return the name that the client writes as ``raw``."""
        return names.decoded(raw, utf8=self.utf8)

    def written(self, name: str) -> bytes:
        """Return a name as the client reads it, as an astring."""
        octets = names.encoded(name, utf8=self.utf8)
        if self.utf8 and not name.isascii() and '"' not in name and "\\" not in name:
            # RFC 6855, 3: what is quoted may be UTF-8.
            return b'"%b"' % octets
        return astring(octets)

    def mailbox(self, raw: bytes, code: str = "NONEXISTENT") -> Mailbox:
        """Return the mailbox of a name; raises Refused with ``code`` when there is none."""
        mailbox = self.folders.find(self.named(raw))
        if mailbox is None:
            raise no("There is no such mailbox", code)
        return mailbox

    def selected(self, *, writable: bool = False) -> View:
        """Return the view of the selected mailbox; Refused when it must not be changed."""
        assert self.view is not None
        if writable and self.view.read_only:
            raise no("The mailbox was opened by EXAMINE", "READ-ONLY")
        return self.view

    def say(self, line: bytes) -> None:
        """Say something before the command's end."""
        self.untagged.append(line)

    def sync(self, *, expunge: bool) -> None:
        """Say what has happened in the selected mailbox."""
        if self.view is not None:
            self.untagged += self.view.sync(expunge=expunge, modseq="CONDSTORE" in self.enabled)

    def listen(self) -> None:
        """Begin to be told of changes in the selected mailbox."""
        if self.view is not None:
            self.view.mailbox.listen(self.changed)

    def unlisten(self) -> None:
        """Be told of them no more."""
        if self.view is not None:
            self.view.mailbox.unlisten(self.changed)
