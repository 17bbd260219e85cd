"""POP3 sessions keep what the conformance suite says, with every kind of server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from courriel.sandbox import POP3_CAPABILITIES, Authority, Server
from courriel.sessions.pop3 import AsyncPOP3Session, POP3Session
from courriel.testing import ReadingSuite
from tests.servers.dovecot import Dovecot

LACKS = {"flags": "FLAGS", "folders": "FOLDERS"}


class OnTheSandbox(ReadingSuite):
    """On the embedded server, which offers what is left of its capabilities."""

    lacks = LACKS
    kind: ClassVar[Any] = POP3Session
    without: ClassVar[frozenset[str]] = frozenset()

    @pytest.fixture(autouse=True)
    def _trusted(self, mail_authority: Authority) -> None:
        self.authority = mail_authority

    @contextmanager
    def account(self, sources: Sequence[bytes]) -> Iterator[Callable[[], Any]]:
        capabilities = POP3_CAPABILITIES - self.without
        with Server(authority=self.authority, pop3_capabilities=capabilities) as server:
            for source in sources:
                server.deliver("ada", source)
            yield lambda: self.kind(
                server.host,
                port=server.pop3_tls_port,
                user="ada",
                password="secret",
                tls=server.ssl_context,
            )


class TestBlocking(OnTheSandbox):
    """The blocking session."""


class TestAsyncio(OnTheSandbox):
    """Its twin."""

    kind = AsyncPOP3Session


class TestWithoutPipelining(OnTheSandbox):
    """One command at a time."""

    without = frozenset({"PIPELINING"})


class TestWithoutTop(OnTheSandbox):
    """Headers come with whole messages."""

    without = frozenset({"TOP"})


class TestWithoutUidl(OnTheSandbox):
    """Ids are made of numbers and headers."""

    without = frozenset({"UIDL"})

    # Here an id stands for its message only as long as none in front of it is deleted.
    test_deleted_messages_are_gone_in_the_next_session = None  # type: ignore[assignment]


class TestOnAnOldServer(OnTheSandbox):
    """What RFC 1939 demands, with USER, TOP and UIDL, and nothing else."""

    without = POP3_CAPABILITIES - {"USER", "UIDL", "TOP"}


@pytest.mark.server
class TestBlockingOnDovecot(ReadingSuite):
    """The blocking session, on a server that other people have written."""

    lacks = LACKS
    kind: ClassVar[Any] = POP3Session

    @pytest.fixture(autouse=True)
    def _running(self, dovecot: Dovecot) -> None:
        self.dovecot = dovecot

    @contextmanager
    def account(self, sources: Sequence[bytes]) -> Iterator[Callable[[], Any]]:
        user = self.dovecot.reader()
        for source in sources:
            self.dovecot.stock.put(user, source)
        yield lambda: self.kind(
            self.dovecot.host,
            port=self.dovecot.pop3s_port,
            user=user,
            password="secret",
            tls=self.dovecot.ssl_context,
        )


class TestAsyncioOnDovecot(TestBlockingOnDovecot):
    """Its twin."""

    kind = AsyncPOP3Session
