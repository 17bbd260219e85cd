"""One test body for both colours: a blocking session that is spoken to as if it were asyncio's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Self

import courriel

STREAMS = frozenset({"send_many", "messages", "fetch_many", "watch"})


class Tamed:
    """A blocking session or pipeline whose calls can be awaited; they are done by then."""

    def __init__(self, plain: Any) -> None:
        self.plain = plain

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.plain, name)
        if not callable(member) or name == "result":
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            if name == "pipeline":
                return Tamed(member())
            if name in STREAMS:
                return _iterated(member(*args, **kwargs))
            return _ready(member, args, kwargs)

        return call

    async def __aenter__(self) -> Self:
        self.plain.__enter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        self.plain.__exit__(*error)


async def _ready(member: Any, args: Any, kwargs: Any) -> Any:
    """Make the call when it is awaited."""
    return member(*args, **kwargs)


async def _iterated(items: Any) -> AsyncIterator[Any]:
    try:
        for item in items:
            yield item
    finally:
        items.close()


class Face:
    """One of the two colours."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def blocking(self) -> bool:
        return self.name == "blocking"

    def tame(self, session: Any) -> Any:
        """Return the session as the test bodies speak to it."""
        return Tamed(session) if self.blocking else session

    def smtp(self, host: str = "127.0.0.1", **arguments: Any) -> Any:
        """Return an SMTP session of this colour, not yet open."""
        return self.tame(self.kind("SMTPSession")(host, **arguments))

    def lmtp(self, host: str = "127.0.0.1", **arguments: Any) -> Any:
        """Return an LMTP session of this colour, not yet open."""
        return self.tame(self.kind("LMTPSession")(host, **arguments))

    def pop3(self, host: str = "127.0.0.1", **arguments: Any) -> Any:
        """Return a POP3 session of this colour, not yet open."""
        return self.tame(self.kind("POP3Session")(host, **arguments))

    def kind(self, name: str) -> Any:
        """Return the class of that name, or its asyncio twin."""
        return getattr(courriel, name if self.blocking else f"Async{name}")

    def scripted(self, server: Any, kind: str = "SMTPSession", **arguments: Any) -> Any:
        """Return a session of this colour that talks to a ``ScriptedServer``."""
        options = {"security": "plaintext"} | arguments
        if kind in ("SMTPSession", "LMTPSession"):
            options = {"local_name": "me.example.org"} | options
        return self.tame(server.attach(self.kind(kind)("mx.example.org", **options)))
