"""Name the services of the sandbox, and make the machine that speaks on each connection.

A service is a line in ``SERVICES`` and a function from what all services share, the ``House``, to
something that makes connections. Nothing here listens or knows a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from courriel.sandbox.accounts import Accounts
from courriel.sandbox.authority import Authority
from courriel.sandbox.connection import Connection, Machine, Registry
from courriel.sandbox.delivery import Delivery
from courriel.sandbox.imap.machine import ImapMachine
from courriel.sandbox.imap.policy import ImapPolicy
from courriel.sandbox.pop3.machine import Pop3Machine
from courriel.sandbox.pop3.maildrop import Maildrops
from courriel.sandbox.pop3.policy import Pop3Policy
from courriel.sandbox.smtp.events import MessageReceived
from courriel.sandbox.smtp.machine import SmtpMachine
from courriel.sandbox.smtp.policy import SmtpPolicy
from courriel.sandbox.store import Store

__all__ = ["SERVICES", "House", "Service"]

Begin: TypeAlias = Callable[[], Connection]

# Seconds of silence. RFC 1939, 3: at least ten minutes; RFC 3501, 5.4: at least thirty.
_POP3_IDLE = 600.0
_IMAP_IDLE = 1_830.0


@dataclass(frozen=True, slots=True)
class House:
    """What all services of one server share: users, mailboxes, certificate and policies."""

    accounts: Accounts
    store: Store
    authority: Authority
    smtp: SmtpPolicy
    pop3: Pop3Policy
    imap: ImapPolicy
    maildrops: Maildrops = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "maildrops", Maildrops(self.store.mailbox))

    def connection(
        self,
        machine: Machine,
        registry: Registry,
        *,
        implicit: bool,
        obey: Callable[[object], None] | None = None,
        idle: float | None = None,
    ) -> Connection:
        """Return a connection for ``machine``; what it means is said at ``Connection``."""
        return Connection(
            machine,
            registry,
            tls=self.authority.server_context,
            implicit=implicit,
            obey=obey,
            idle=idle,
        )


@dataclass(frozen=True, slots=True)
class Service:
    """One listening port: its name, what is spoken there, and whether TLS is there at once."""

    name: str
    begin: Callable[[House, Registry, bool], Begin]
    implicit: bool = False


def _smtp(house: House, registry: Registry, implicit: bool, *, lmtp: bool = False) -> Begin:
    policy = replace(house.smtp, lmtp=lmtp)
    delivery = Delivery(policy, house.store)

    def connection() -> Connection:
        machine = SmtpMachine(
            policy,
            house.accounts,
            secured=implicit,
            server_end_point=house.authority.server_end_point,
        )

        def keep(event: object) -> None:
            assert isinstance(event, MessageReceived)
            machine.answer(delivery(event))

        return house.connection(machine, registry, implicit=implicit, obey=keep)

    return connection


def _lmtp(house: House, registry: Registry, implicit: bool) -> Begin:
    return _smtp(house, registry, implicit, lmtp=True)


def _pop3(house: House, registry: Registry, implicit: bool) -> Begin:
    def connection() -> Connection:
        machine = Pop3Machine(
            house.pop3,
            house.accounts,
            house.maildrops,
            secured=implicit,
            server_end_point=house.authority.server_end_point,
        )
        return house.connection(machine, registry, implicit=implicit, idle=_POP3_IDLE)

    return connection


def _imap(house: House, registry: Registry, implicit: bool) -> Begin:
    def connection() -> Connection:
        machine = ImapMachine(
            house.imap,
            house.accounts,
            house.store,
            secured=implicit,
            server_end_point=house.authority.server_end_point,
        )
        made = house.connection(machine, registry, implicit=implicit, idle=_IMAP_IDLE)
        machine.wake = made.wake
        return made

    return connection


SERVICES = (
    Service("smtp", _smtp),
    Service("smtp_tls", _smtp, implicit=True),
    Service("lmtp", _lmtp),
    Service("pop3", _pop3),
    Service("pop3_tls", _pop3, implicit=True),
    Service("imap", _imap),
    Service("imap_tls", _imap, implicit=True),
)
"""Every service that a server has, in the order in which it begins them."""
