"""The smallest sessions that read mail: a list of messages, blocking and for asyncio.

Each takes ``faults``: what it does wrong, so that the conformance suite can be seen to notice it.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Self

from courriel import Email, Envelope, NotSupported, Refused, Summary, where
from courriel.model.matching import matches
from courriel.model.parts import part_of


class Box:
    """What outlives a session: the messages by id, and the ids of those that are deleted."""

    def __init__(self, sources: Iterable[bytes]) -> None:
        self.mails = {f"m{number}": source for number, source in enumerate(sources)}
        self.read: set[str] = set()


class MemorySession:
    """A session on a ``Box``; without flags, with one folder."""

    def __init__(self, box: Box, faults: frozenset[str] = frozenset()) -> None:
        self._box = box
        self._faults = faults
        self._deleted: set[str] = set()

    def __enter__(self) -> Self:
        self._deleted = set()
        return self

    def __exit__(self, *error: object) -> None:
        for identifier in self._deleted:
            del self._box.mails[identifier]
        if "renumbers" in self._faults:
            self._box.mails = {f"n{n}": m for n, m in enumerate(self._box.mails.values())}

    def count(self, folder: str = "INBOX") -> int:
        self._check(folder)
        return len(self._box.mails)

    def messages(
        self,
        folder: str = "INBOX",
        *,
        unread: bool | None = None,
        query: Any = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Summary]:
        self._check(folder)
        if unread is not None and "ignores unread" not in self._faults:
            raise NotSupported(capability="FLAGS", operation="messages")
        asked = where.all if query is None or "ignores queries" in self._faults else query
        mails = list(self._box.mails.items())
        if newest_first and "keeps the order" not in self._faults:
            mails.reverse()
        for identifier, source in mails:
            email = Email.from_source(source)
            if not matches(asked, email, size=len(source), id=identifier):
                continue
            if limit is not None and "ignores limits" not in self._faults:
                if not limit:
                    return
                limit -= 1
            flags = frozenset({"\\Seen"} if identifier in self._box.read else ())
            yield Summary(identifier, folder, len(source), flags, None, Envelope.of(email))

    def folders(self, pattern: str = "*") -> list[Any]:
        if "hides what it lacks" in self._faults:
            return []
        raise NotSupported(capability="folders", operation="folders")

    def flag(self, ids: Any, **changes: Any) -> None:
        raise NotSupported(capability="FLAGS", operation="flag")

    def fetch(self, one: Any, *, folder: str | None = None) -> Email:
        if "marks as read" in self._faults:
            self._box.read.add(_id_of(one))
        return Email.from_source(self.source(one, folder=folder))

    def fetch_many(self, ids: Iterable[Any], *, folder: str | None = None) -> Iterator[Email]:
        if "sorts" in self._faults:
            ids = sorted(ids, key=_id_of)
        absent: Refused | None = None
        for one in ids:
            try:
                yield self.fetch(one, folder=folder)
            except Refused as error:
                if "stops" in self._faults:
                    raise
                absent = error
        if absent is not None and "conceals" not in self._faults:
            raise absent

    def headers(self, one: Any, *, folder: str | None = None) -> Email:
        head, _, _ = self.source(one, folder=folder).partition(b"\r\n\r\n")
        return Email.from_source(head + b"\r\n\r\n")

    def part(self, one: Any, part: Any, *, folder: str | None = None) -> bytes:
        source = self.source(one, folder=folder)
        return (
            source
            if "does not decode" in self._faults
            else part_of(Email.from_source(source), part)
        )

    def source(self, one: Any, *, folder: str | None = None) -> bytes:
        self._check(folder)
        identifier = one if "knows no summaries" in self._faults else _id_of(one)
        if identifier not in self._box.mails or identifier in self._deleted:
            if "does not know better" in self._faults:
                return b""
            raise Refused(f"there is no message {identifier!r}", operation="source")
        source = self._box.mails[identifier]
        return source.replace(b"\r\n", b"\n") if "changes line ends" in self._faults else source

    def delete(self, ids: Any, *, folder: str | None = None) -> None:
        if "looks anywhere" not in self._faults:
            self._check(folder)
        wanted = [_id_of(one) for one in ([ids] if isinstance(ids, (str, Summary)) else ids)]
        if "deletes all" in self._faults and not wanted:
            wanted = list(self._box.mails)
        if "deletes nothing" not in self._faults:
            self._deleted.update(wanted)

    def _check(self, folder: str | None) -> None:
        if folder not in (None, "INBOX") and "has every folder" not in self._faults:
            raise NotSupported(capability="folders", operation="select")


def _id_of(one: Any) -> Any:
    return one.id if isinstance(one, Summary) else one


class AsyncMemorySession:
    """The same for asyncio."""

    def __init__(self, box: Box) -> None:
        self._session = MemorySession(box)

    async def __aenter__(self) -> Self:
        self._session.__enter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._session.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        if name == "expunge":
            raise AttributeError(name)
        member = getattr(self._session, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            return member(*args, **kwargs)

        async def iterate(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            for item in member(*args, **kwargs):
                yield item

        return iterate if inspect.isgeneratorfunction(member) else call
