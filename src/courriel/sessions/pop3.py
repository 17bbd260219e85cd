"""POP3 sessions: the operations, once, and the classes that people use.

Every operation is one line over a flow; what it means is told in its docstring. The blocking and
the asyncio class differ in nothing but their face.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import Any, ClassVar, Self

from courriel.faces import Flow, Items, operation, stream
from courriel.flows import collecting, collecting_many
from courriel.flows.collecting import Ids
from courriel.flows.pop3_opening import Pop3Dialogue
from courriel.flows.taking import settled
from courriel.model.email import Email
from courriel.model.limits import Limits
from courriel.model.options import Auth, Security, Timeout
from courriel.model.profile import Profile, TokenSource
from courriel.model.query import Query
from courriel.model.secret import Secret, discreet
from courriel.model.summary import Part, Summary
from courriel.sessions.base import AsyncSession, BlockingSession
from courriel.sessions.described import Described
from courriel.sessions.lacking import Lacking
from courriel.sessions.pipeline import AsyncPipeline, BlockingPipeline
from courriel.sessions.profile import POP3, Service


class POP3Operations(Lacking):
    """What can be done in a POP3 session.

    An id is the UIDL of a message (RFC 1939, 7), a ``str`` that means the
    same message in every session. Where two messages have the same, the
    second is called by it, a space and 2. Where a server has no UIDL, an id
    is made of the message's number and a digest of its header; it stands for
    the message as long as none in front of it is deleted. What only IMAP
    has raises NotSupported with the name of what is missing.
    """

    __slots__ = ()

    _dialogue: Pop3Dialogue

    @operation
    def count(self, folder: str = "INBOX") -> Flow[int]:
        """Return how many messages there are (STAT, RFC 1939, 5).

        Raises NotSupported for any other folder.
        """
        return collecting.count(self._dialogue, folder)

    @stream
    def messages(
        self,
        folder: str = "INBOX",
        *,
        unread: bool | None = None,
        query: Query | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Items[Summary]:
        """Yield a summary of each message, oldest first, without downloading any body.

        Sizes and ids come in one flight, headers in flight behind it (LIST,
        UIDL, TOP). A ``query`` is evaluated here, since POP3 cannot search; it
        costs the headers of all messages, and when it looks into bodies the
        messages as a whole. ``parts`` of a summary is empty unless the query
        did so.

        Raises NotSupported for ``unread``, for what a query asks of a server,
        and for any folder but INBOX; Misused for a wrong ``limit``; Refused,
        behind all others, when the server refuses to show a message.
        """
        return collecting_many.messages(self._dialogue, folder, unread, query, newest_first, limit)

    @operation
    def fetch(self, id: str | Summary, *, folder: str | None = None) -> Flow[Email]:  # noqa: A002
        """Download a message and return it (RETR, RFC 1939, 5).

        ``id`` is what ``Summary.id`` holds (a UIDL), or the summary. ``folder``
        None means INBOX, the only one there is; any other raises NotSupported.
        Raises Refused (NONEXISTENT) when there is no such message.
        """
        return collecting.fetch(self._dialogue, id, folder)

    @stream
    def fetch_many(
        self,
        ids: Iterable[str | Summary] | AsyncIterable[str | Summary],
        *,
        folder: str | None = None,
    ) -> Items[Email]:
        """Download many messages and yield them in the order of ``ids``.

        ``ids`` is any iterable, ``session.messages(…)`` among them, and is taken
        as a whole before the first message is asked for. Messages stream: no
        more is held than ``Limits.retrievals`` of them and
        ``Limits.window_octets``, the large ones in temporary files.
        If there is no message of one of the ids, or the server refuses one,
        Refused is raised behind all others.
        """
        return collecting_many.fetch_many(self._dialogue, ids, folder)

    @operation
    def headers(self, id: str | Summary, *, folder: str | None = None) -> Flow[Email]:  # noqa: A002
        """Download only the header of a message; its text is empty. Raises as ``fetch`` does.

        By TOP (RFC 1939, 7); where the server has none, with the message.
        """
        return collecting.headers(self._dialogue, id, folder)

    @operation
    def part(
        self,
        id: str | Summary,  # noqa: A002 - The public API names it so.
        part: Part | str,
        *,
        folder: str | None = None,
    ) -> Flow[bytes]:
        """Download one part of a message, decoded; the whole message is downloaded for it.

        ``part`` is one of ``Summary.parts``, or its place, such as ``"1.2"``
        (RFC 9051, 6.4.5.1). Raises Misused when there is no such part, Refused
        when there is no such message.
        """
        return collecting.part(self._dialogue, id, part, folder)

    @operation
    def source(self, id: str | Summary, *, folder: str | None = None) -> Flow[bytes]:  # noqa: A002
        """Download a message as the server stores it. Raises as ``fetch`` does."""
        return collecting.source(self._dialogue, id, folder)

    @operation
    def delete(self, ids: Ids, *, folder: str | None = None) -> Flow[None]:
        """Mark messages for deletion (DELE, RFC 1939, 5).

        They are deleted when the session is closed, and not at all when it
        breaks before. ``reset`` takes that back. Raises Refused when there is
        no message of one of the ids, before any is marked.
        """
        return collecting.delete(self._dialogue, settled(ids), folder)

    @operation
    def reset(self) -> Flow[None]:
        """Take back all deletions of this session (RSET, RFC 1939, 5)."""
        return collecting.reset(self._dialogue)

    @operation
    def noop(self) -> Flow[None]:
        """Do nothing, to keep the session alive (NOOP, RFC 1939, 5)."""
        return collecting.noop(self._dialogue)

    @operation
    def languages(self) -> Flow[dict[str, str]]:
        """Return the languages that the server speaks, tag and description (RFC 6856, 3.2).

        Raises NotSupported when the server does not offer LANG.
        """
        return collecting.languages(self._dialogue)

    @operation
    def use_language(self, tag: str) -> Flow[None]:
        """Have the server speak another language in its answers (RFC 6856, 3.2).

        Raises NotSupported when the server does not offer LANG, Misused for
        what is no tag, Refused for a language that it does not speak.
        """
        return collecting.use_language(self._dialogue, tag)


class _DescribedPop3(POP3Operations, Described):
    """The constructor of the POP3 classes."""

    __slots__ = ()

    _service: ClassVar[Service] = POP3

    @discreet
    def __init__(
        self,
        host: str,
        *,
        port: int | None = None,
        user: str | None = None,
        password: str | Secret | None = None,
        token: str | Secret | TokenSource | None = None,
        security: Security | str = Security.TLS,
        auth: Auth | str = Auth.REQUIRED,
        timeout: Timeout | float | None = Timeout(),
        tls: Any = None,
        proxy: str | None = None,
        limits: Limits = Limits(),
    ) -> None:
        self._describe(locals(), named=True)

    def _dialogue_of(self, profile: Profile) -> Pop3Dialogue:
        return Pop3Dialogue(profile)


class POP3Session(_DescribedPop3, BlockingSession):
    """A POP3 session (RFC 1939): open, read, delete, close.

    ::

        with POP3Session("mail.example.org", user="ada", password="…") as session:
            for summary in session.messages(newest_first=True, limit=20):
                print(summary.envelope.sender, summary.envelope.subject)

    The constructor only describes; it does no I/O. ``security``: ``"tls"``
    (implicit, the default, port 995), ``"starttls"`` (required, 110) or
    ``"plaintext"`` (110). ``password`` signs in with the best mechanism both
    sides know; ``token`` is an OAuth token, or a callable that returns one.
    ``timeout``: a ``Timeout`` or seconds. ``tls``: an ``ssl.SSLContext``
    instead of the verified default. ``proxy``: ``socks5://…`` or
    ``http://…`` (extra ``proxy``). Raises Misused.

    What was marked by ``delete`` is deleted by ``close``, at the end of the
    ``with`` block too. Any number of threads may use one session at once.
    """

    __slots__ = ()

    def pipeline(self) -> POP3Pipeline:
        """Return a face on which the same calls return ``Pending`` at once."""
        return POP3Pipeline(self)


class AsyncPOP3Session(_DescribedPop3, AsyncSession):
    """The asyncio twin of ``POP3Session``, with the same words.

    Any number of tasks of one event loop may use one session at once.
    """

    __slots__ = ()

    def pipeline(self) -> AsyncPOP3Pipeline:
        """Return a face on which the same calls return ``Pending`` at once."""
        return AsyncPOP3Pipeline(self)


class POP3Pipeline(POP3Operations, BlockingPipeline):
    """Operations of a POP3 session in flight together; see ``POP3Session.pipeline``.

    Entering it asks for the list of messages, unless that is known already.
    """

    __slots__ = ()

    def __enter__(self) -> Self:
        self._driver.run(collecting.listed(self._dialogue))
        return super().__enter__()


class AsyncPOP3Pipeline(POP3Operations, AsyncPipeline):
    """Operations of an asyncio POP3 session in flight together."""

    __slots__ = ()

    async def __aenter__(self) -> Self:
        await self._driver.run(collecting.listed(self._dialogue))
        return await super().__aenter__()
