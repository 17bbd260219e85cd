"""One test body for both colours: a blocking session that is spoken to as if it were asyncio's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import courriel


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
            if name == "send_many":
                return _iterated(member(*args, **kwargs))
            return _Ready(member, args, kwargs)

        return call

    async def __aenter__(self) -> Tamed:
        self.plain.__enter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        self.plain.__exit__(*error)


class _Ready:
    """A call that is made when it is awaited, or at once for what is asked of its result."""

    def __init__(self, member: Any, args: Any, kwargs: Any) -> None:
        self._call = lambda: member(*args, **kwargs)

    def __await__(self) -> Any:
        return self._call()
        yield


async def _iterated(items: Iterator[Any]) -> AsyncIterator[Any]:
    try:
        for item in items:
            yield item
    finally:
        items.close()  # type: ignore[attr-defined]  # The driver's iterators are generators.


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

    def kind(self, name: str) -> Any:
        """Return the class of that name, or its asyncio twin."""
        return getattr(courriel, name if self.blocking else f"Async{name}")

    def scripted(self, server: Any, kind: str = "SMTPSession", **arguments: Any) -> Any:
        """Return a session of this colour that talks to a ``ScriptedServer``."""
        options = {"security": "plaintext", "local_name": "me.example.org"} | arguments
        return self.tame(server.attach(self.kind(kind)("mx.example.org", **options)))
