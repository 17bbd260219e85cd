"""IMAP sessions keep what the conformance suite says, with every kind of server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from courriel.sandbox import Authority, Server
from courriel.sessions.imap import AsyncIMAPSession, IMAPSession
from courriel.testing import ReadingSuite
from tests.servers.dovecot import Dovecot


class OnTheSandbox(ReadingSuite):
    """On the embedded server."""

    kind: ClassVar[Any] = IMAPSession

    @pytest.fixture(autouse=True)
    def _trusted(self, mail_authority: Authority) -> None:
        self.authority = mail_authority

    @contextmanager
    def account(self, sources: Sequence[bytes]) -> Iterator[Callable[[], Any]]:
        with Server(authority=self.authority) as server:
            for source in sources:
                server.deliver("ada", source)
            yield lambda: self.kind(
                server.host,
                port=server.imap_tls_port,
                user="ada",
                password="secret",
                tls=server.ssl_context,
            )


class TestBlocking(OnTheSandbox):
    """The blocking session."""


class TestAsyncio(OnTheSandbox):
    """Its twin."""

    kind = AsyncIMAPSession


@pytest.mark.server
class TestBlockingOnDovecot(ReadingSuite):
    """The blocking session, on a server that other people have written."""

    kind: ClassVar[Any] = IMAPSession

    @pytest.fixture(autouse=True)
    def _running(self, dovecot: Dovecot) -> None:
        self.dovecot = dovecot

    @property
    def host(self) -> str:
        return self.dovecot.host

    @contextmanager
    def account(self, sources: Sequence[bytes]) -> Iterator[Callable[[], Any]]:
        user = self.dovecot.reader()
        for source in sources:
            self.dovecot.stock.put(user, source)
        yield lambda: self.kind(
            self.host,
            port=self.dovecot.imaps_port,
            user=user,
            password="secret",
            tls=self.dovecot.ssl_context,
        )


class TestAsyncioOnDovecot(TestBlockingOnDovecot):
    """Its twin."""

    kind = AsyncIMAPSession


class TestOnBareDovecot(TestBlockingOnDovecot):
    """Where the server says that it has IMAP4rev1 and no extension."""

    @property
    def host(self) -> str:
        return self.dovecot.bare_host
