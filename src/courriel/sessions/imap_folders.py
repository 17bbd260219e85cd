"""The operations of IMAP sessions on folders and on the account.

Every operation is one line over a flow; what it means is told in its docstring. A folder is named
in plain Unicode, or by the ``Folder`` that ``folders`` has given; these calls select none.
"""

from __future__ import annotations

from collections.abc import Mapping

from courriel.faces import Flow, operation
from courriel.flows import arranging, folders
from courriel.flows.imap_dialogue import ImapDialogue
from courriel.model.folder import Counters, Folder, Namespaces, Quota


class FolderOperations:
    """What can be done with the folders of an IMAP account."""

    __slots__ = ()

    _dialogue: ImapDialogue

    @operation
    def folders(self, pattern: str = "*") -> Flow[list[Folder]]:
        """List the folders whose names match (LIST, RFC 9051, 6.3.9).

        In ``pattern`` ``*`` stands for anything, ``%`` for anything within one
        level. ``Folder.use`` says what a folder is for, ``use_source`` whether
        the server says so or its name; ``Folder.counters`` is filled by
        servers that count with the list (LIST-STATUS, RFC 5819).
        """
        return folders.folders(self._dialogue, pattern)

    @operation
    def create_folder(self, name: str, *, use: str | None = None) -> Flow[None]:
        """Make a folder, with those above it (RFC 9051, 6.3.4).

        ``use``: what it is for, such as ``"archive"`` (RFC 6154, 3). Raises
        Refused (ALREADYEXISTS), NotSupported for a use that the server cannot
        be told (CREATE-SPECIAL-USE).
        """
        return arranging.create_folder(self._dialogue, name, use)

    @operation
    def delete_folder(self, name: str | Folder) -> Flow[None]:
        """Delete a folder and all its messages, for good (RFC 9051, 6.3.5).

        Raises Refused when there is none, and for INBOX.
        """
        return arranging.delete_folder(self._dialogue, name)

    @operation
    def rename_folder(self, name: str | Folder, new_name: str) -> Flow[None]:
        """Rename a folder, and with it those in it (RFC 9051, 6.3.6).

        ``new_name`` is a whole name, parents included. Renaming INBOX moves
        its messages into a new folder. Raises Refused.
        """
        return arranging.rename_folder(self._dialogue, name, new_name)

    @operation
    def subscribe(self, name: str | Folder) -> Flow[None]:
        """Mark a folder as one that programs shall show (RFC 9051, 6.3.7)."""
        return arranging.subscribe(self._dialogue, name)

    @operation
    def unsubscribe(self, name: str | Folder) -> Flow[None]:
        """Take the mark of ``subscribe`` away (RFC 9051, 6.3.8)."""
        return arranging.unsubscribe(self._dialogue, name)

    @operation
    def status(self, folder: str | Folder = "INBOX") -> Flow[Counters]:
        """Ask for all that the server counts in a folder (STATUS, RFC 9051, 6.3.11).

        What it does not count is None. Raises Refused when there is no such
        folder.
        """
        return arranging.status(self._dialogue, folder)

    @operation
    def count(self, folder: str | Folder = "INBOX") -> Flow[int]:
        """Count the messages of a folder. Raises Refused when there is none."""
        return arranging.count(self._dialogue, folder)

    @operation
    def namespaces(self) -> Flow[Namespaces]:
        """Ask whose folders begin where (NAMESPACE, RFC 2342).

        A server that does not know has all folders in one space of one's own.
        """
        return arranging.namespaces(self._dialogue)

    @operation
    def quota(self, folder: str | Folder = "INBOX") -> Flow[list[Quota]]:
        """Ask how much may be kept where a folder lies, and how much is (RFC 9208).

        Empty when nothing bounds it. Raises NotSupported (QUOTA), Refused.
        """
        return arranging.quota(self._dialogue, folder)

    @operation
    def identify(self, /, **fields: str | None) -> Flow[Mapping[str, str | None]]:
        """Tell the server what program this is, and return what it says it is itself (RFC 2971).

        Fields such as ``name``, ``version``, ``support_url``; none: only ask.
        Raises NotSupported (ID), Misused for what is too long or not ASCII.
        """
        return arranging.identify(self._dialogue, fields)

    @operation
    def noop(self) -> Flow[None]:
        """Do nothing, to keep the session alive and to let the server tell what is new."""
        return arranging.noop(self._dialogue)
