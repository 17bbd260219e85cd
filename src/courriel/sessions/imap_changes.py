r"""The operations of IMAP sessions that search a folder and change what is in it.

Every operation is one line over a flow; what it means is told in its docstring. Messages are named
by id (a UID) or ``Summary``, one or several; ``folder`` None means the folder that was named last.
Ids that the folder does not hold are passed over, as IMAP does (RFC 9051, 6.4.9). They may be any
iterable, ``session.messages(…)`` among them: it is taken as a whole before anything is begun, and a
pipeline takes an asynchronous one when it is left.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from datetime import datetime

from courriel.faces import Flow, operation
from courriel.flows import appending, appending_many, changing, conversations, sorting, transferring
from courriel.flows.appending import Storable
from courriel.flows.changing import Flags, Ids
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.flows.taking import settled
from courriel.model.folder import Folder
from courriel.model.query import Query, where
from courriel.model.thread import Thread


class ChangeOperations:
    """What can be done with the messages of an IMAP folder, besides reading them."""

    __slots__ = ()

    _dialogue: ImapDialogue

    @operation
    def search(
        self,
        query: Query,
        folder: str | Folder = "INBOX",
        *,
        sort: str | Iterable[str] | None = None,
    ) -> Flow[list[int]]:
        """Return the ids of the messages that answer a query, ascending, or in an order.

        ``sort``: ``"date"``, ``"arrival"``, ``"subject"``, ``"from"``, ``"to"``,
        ``"cc"`` or ``"size"``, with ``-`` in front for the reverse; several, the
        most important first (RFC 5256, 3; done here where the server cannot).

        Without WITHIN, ``where.younger`` and ``where.older`` go by our clock, and
        cost two more round trips. Raises NotSupported for other criteria that the
        server does not know, with the capability that they need; Refused, Misused.
        """
        return sorting.search(self._dialogue, query, folder, settled(sort))

    @operation
    def threads(
        self, query: Query = where.all, folder: str | Folder = "INBOX"
    ) -> Flow[list[Thread]]:
        """Return the conversations of the messages that answer a query (THREAD, RFC 5256, 3).

        Raises NotSupported where the server does not sort messages so.
        """
        return conversations.threads(self._dialogue, query, folder)

    @operation
    def flag(
        self,
        ids: Ids,
        *,
        add: Flags = (),
        remove: Flags = (),
        replace: Flags | None = None,
        folder: str | Folder | None = None,
    ) -> Flow[None]:
        """Add flags to messages and remove some, or replace all they have (RFC 9051, 6.4.6).

        A flag is ``"seen"``, ``"flagged"``, ``"answered"``, ``"draft"``,
        ``"deleted"``, or a keyword. Raises Refused, also for a folder that can
        only be read; Misused.
        """
        return changing.flag(
            self._dialogue,
            settled(ids),
            folder,
            add=settled(add),
            remove=settled(remove),
            replace=settled(replace),
        )

    @operation
    def copy(
        self, ids: Ids, to: str | Folder, *, folder: str | Folder | None = None
    ) -> Flow[dict[int, int]]:
        """Copy messages, with their flags, into another folder (RFC 9051, 6.4.7).

        Returns the id of each in that folder by the id that it has here; empty
        when the server does not say (UIDPLUS). Raises Refused (TRYCREATE when
        there is no folder ``to``).
        """
        return transferring.copy(self._dialogue, settled(ids), to, folder)

    @operation
    def move(
        self, ids: Ids, to: str | Folder, *, folder: str | Folder | None = None
    ) -> Flow[dict[int, int]]:
        r"""Move messages into another folder (RFC 9051, 6.4.8). Returns and raises as ``copy``.

        Without MOVE they are copied, and then marked and expunged by their ids.
        A server that cannot do that either (UIDPLUS) keeps them, marked
        ``\Deleted``: to expunge them could remove what somebody else has marked.
        """
        return transferring.move(self._dialogue, settled(ids), to, folder)

    @operation
    def delete(self, ids: Ids, *, folder: str | Folder | None = None) -> Flow[None]:
        r"""Mark messages as ``\Deleted``; ``expunge`` removes them for good."""
        return changing.delete(self._dialogue, settled(ids), folder)

    @operation
    def expunge(self, ids: Ids | None = None, *, folder: str | Folder | None = None) -> Flow[None]:
        r"""Remove for good the messages that are marked ``\Deleted`` (RFC 9051, 6.4.3).

        ``ids`` None: all of them, whoever has marked them. Otherwise only
        those, which raises NotSupported without UIDPLUS. Raises Refused.
        """
        return changing.expunge(self._dialogue, settled(ids), folder)

    @operation
    def append(
        self,
        folder: str | Folder,
        email: Storable,
        *,
        flags: Flags = (),
        received: datetime | None = None,
    ) -> Flow[int | None]:
        """Put a message into a folder (RFC 9051, 6.3.12).

        ``email`` is an ``Email``, an ``email.message.EmailMessage``, bytes, or a
        file opened in binary mode, which is read from where it stands and never
        held as a whole. Line ends become CRLF. ``received``: when it arrived,
        now unless it is said.

        Returns its id in that folder, None when the server does not say
        (UIDPLUS). Raises Refused (TRYCREATE when there is no such folder,
        TOOBIG), Uncertain when it was handed over and no answer came, Misused.
        """
        return appending.append(self._dialogue, folder, email, settled(flags), received)

    @operation
    def append_many(
        self,
        folder: str | Folder,
        emails: Iterable[Storable] | AsyncIterable[Storable],
        *,
        flags: Flags = (),
        received: datetime | None = None,
    ) -> Flow[list[int | None]]:
        """Put many messages into a folder, in their order, without waiting for each.

        ``emails`` are what ``append`` takes; ``flags`` and ``received`` are
        those of all. They are taken as the line takes them: no more is held
        than ``Limits.window_octets``. Async iterables need an asyncio session.

        Returns their ids, as ``append`` does. When a message cannot be stored
        no further ones are begun, and the error says which are in the folder,
        counted from 1: Refused, Misused, or what the iterable raised. With
        MULTIAPPEND the server stores all messages of a command, 2 MiB of them,
        or none; without it each by itself. Raises Uncertain when some were
        handed over and no answer came.
        """
        return appending_many.append_many(self._dialogue, folder, emails, settled(flags), received)
