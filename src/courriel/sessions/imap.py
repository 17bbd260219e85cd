"""IMAP sessions: the operations, once, and the classes that people use.

Every operation is one line over a flow; what it means is told in its docstring. Calls name their
folder in plain Unicode, or mean the one that was named last; nothing is marked as seen by reading.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import Any, ClassVar

from courriel.faces import Flow, Items, operation, stream
from courriel.flows import compressing, imap_parts, listing, messages, watching
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.model.email import Email
from courriel.model.events import Event
from courriel.model.folder import Folder
from courriel.model.limits import Limits
from courriel.model.options import Auth, Security, Timeout
from courriel.model.profile import Profile, TokenSource
from courriel.model.query import Query
from courriel.model.secret import Secret, discreet
from courriel.model.summary import Part, Summary
from courriel.sessions.base import AsyncSession, BlockingSession
from courriel.sessions.described import Described
from courriel.sessions.imap_changes import ChangeOperations
from courriel.sessions.imap_folders import FolderOperations
from courriel.sessions.pipeline import AsyncPipeline, BlockingPipeline
from courriel.sessions.profile import IMAP, Service


class ImapOperations(FolderOperations, ChangeOperations):
    """What can be done in an IMAP session."""

    __slots__ = ()

    _dialogue: ImapDialogue

    @stream
    def messages(
        self,
        folder: str | Folder = "INBOX",
        *,
        unread: bool | None = None,
        query: Query | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Items[Summary]:
        """List a folder's messages: summaries, streamed, with no body downloaded.

        ``unread`` True or False: only those not seen, or seen. ``query``: only
        those that answer it, as ``where.sender("bob")``. Oldest first, unless
        ``newest_first``; at most ``limit`` of them, without listing the rest.

        Raises Refused for a folder that cannot be selected, NotSupported for a
        query that the server cannot be asked, Misused, Broken.
        """
        return listing.messages(self._dialogue, folder, unread, query, newest_first, limit)

    @operation
    def fetch(self, id: int | Summary, *, folder: str | Folder | None = None) -> Flow[Email]:  # noqa: A002
        """Download a message and return it.

        ``id`` is what ``Summary.id`` holds (a UID), or the summary. ``folder``
        None means the folder named last. Raises Refused (NONEXISTENT) when the
        folder has no such message.
        """
        return messages.fetch(self._dialogue, id, folder, messages.WHOLE, "fetch")

    @stream
    def fetch_many(
        self,
        ids: Iterable[int | Summary] | AsyncIterable[int | Summary],
        *,
        folder: str | Folder | None = None,
    ) -> Items[Email]:
        """Download many messages and yield them in the order of ``ids``.

        ``ids`` is any iterable, ``session.messages(…)`` among them, and is taken
        as a whole before the first message is asked for. Messages stream: no
        more is held than ``Limits.fetch_window`` of them, the large ones in
        temporary files. Those that the folder does not hold are named in the
        Refused that is raised behind all others.
        """
        return messages.fetch_many(self._dialogue, ids, folder)

    @operation
    def headers(self, id: int | Summary, *, folder: str | Folder | None = None) -> Flow[Email]:  # noqa: A002
        """Download only the header of a message; its text is empty. Raises as ``fetch`` does."""
        return messages.fetch(self._dialogue, id, folder, messages.HEADER, "headers")

    @operation
    def part(
        self,
        id: int | Summary,  # noqa: A002 - The public API names it so.
        part: Part | str,
        *,
        folder: str | Folder | None = None,
    ) -> Flow[bytes]:
        """Download one part of a message, decoded, without the rest of it.

        ``part`` is one of ``Summary.parts``, or its place, such as ``"1.2"``
        (RFC 9051, 6.4.5.1). Raises Misused when there is no such part, Refused
        when there is no such message.
        """
        return imap_parts.part(self._dialogue, id, part, folder)

    @operation
    def source(self, id: int | Summary, *, folder: str | Folder | None = None) -> Flow[bytes]:  # noqa: A002
        """Download a message as the server stores it. Raises as ``fetch`` does."""
        return messages.source(self._dialogue, id, folder, messages.WHOLE, "source")

    @stream
    def watch(
        self, folder: str | Folder = "INBOX", *, timeout: float | None = None
    ) -> Items[Event]:
        """Wait for what happens in a folder and yield it: arrived, vanished, flags changed.

        By IDLE, taken up again before the server loses patience, and left for
        every other call on the session; by looking every ``Limits.poll``
        seconds where the server has no IDLE, or wants none. Ends after
        ``timeout`` seconds, None for never; ``Timeout.total`` does not count.
        Raises Disconnected when the connection ends.
        """
        return watching.watch(self._dialogue, folder, timeout)

    @operation
    def compress(self) -> Flow[None]:
        """Have the connection compressed in both directions (RFC 4978).

        It pays on slow lines. Raises NotSupported when the server does not
        offer COMPRESS=DEFLATE, Refused when compression is on already.
        """
        return compressing.compress(self._dialogue)


class _DescribedImap(ImapOperations, Described):
    """The constructor of the IMAP classes."""

    __slots__ = ()

    _service: ClassVar[Service] = IMAP

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

    def _dialogue_of(self, profile: Profile) -> ImapDialogue:
        return ImapDialogue(profile)

    @property
    def alerts(self) -> tuple[str, ...]:
        """What the server wants people to read (RFC 9051, 7.1); not to be trusted."""
        machine = self._dialogue.current
        return () if machine is None else tuple(machine.alerts)


class IMAPSession(_DescribedImap, BlockingSession):
    """An IMAP session (RFC 3501, RFC 9051): open, read, close.

    ::

        with IMAPSession("mail.example.org", user="ada", password="…") as session:
            for summary in session.messages(unread=True, newest_first=True, limit=20):
                print(summary.envelope.subject)

    The constructor only describes; it does no I/O. Its arguments are those of
    ``SMTPSession`` but for ``local_name``; the ports are 993 (TLS) and 143.
    Raises Misused.

    Any number of threads may use one session at once.
    """

    __slots__ = ()

    def pipeline(self) -> IMAPPipeline:
        """Return a face on which the same calls return ``Pending`` at once."""
        return IMAPPipeline(self)


class AsyncIMAPSession(_DescribedImap, AsyncSession):
    """The asyncio twin of ``IMAPSession``, with the same words.

    Any number of tasks of one event loop may use one session at once.
    """

    __slots__ = ()

    def pipeline(self) -> AsyncIMAPPipeline:
        """Return a face on which the same calls return ``Pending`` at once."""
        return AsyncIMAPPipeline(self)


class IMAPPipeline(ImapOperations, BlockingPipeline):
    """Operations of an IMAP session in flight together; see ``IMAPSession.pipeline``."""

    __slots__ = ()


class AsyncIMAPPipeline(ImapOperations, AsyncPipeline):
    """Operations of an asyncio IMAP session in flight together."""

    __slots__ = ()
