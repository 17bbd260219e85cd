"""Hold one file that goes with a message, or came with it.

The octets may be in memory, in a file that is read when they are asked for, or inside a mail that
has not been decoded yet. ``pieces`` gives them a little at a time, so that a large file never sits
in memory as a whole: sending and saving use it. A file is read only where the caller named one;
nothing in a mail can make an attachment read a file.

Only the attachment lives here; how its name is made safe is in ``filename``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from courriel.errors import Misused
from courriel.model.characters import excerpt, forbidden_in, scrubbed, single_line
from courriel.model.filename import safe_name, shown_name
from courriel.model.store import PIECE, Store, file_at, spooled

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Attachment", "AttachmentLike", "Content"]

Content: TypeAlias = "bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO"

_WORD = r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+"
_CONTENT_TYPE = re.compile(
    rf"({_WORD}/{_WORD})"
    rf"((?:\s*;\s*{_WORD}\s*=\s*(?:{_WORD}|\"(?:[^\"\\]|\\[ -~])*\"))*)\s*;?"
)
# What a mail that was read may carry on, and what may be given here: with one "@" between words.
_INLINE_ID = re.compile(r"[!-;=?-~]{1,200}")
_OWN_INLINE_ID = re.compile(r"(?=.{1,200}\Z)[!-;=?A-~]+(?:@[!-;=?A-~]+)?")
_COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
}
_UNKNOWN = "application/octet-stream"
_OPERATION = "Attachment"


class Attachment:
    """A file in a message.

    ``name`` is the name to show (of a path, the last part; ``shown_name`` says
    what else cannot stand in it), ``content`` its octets: bytes, a path, which
    is read when the message goes out, or an open binary file, which is read
    at once (a long one into a temporary file). ``content_type`` is guessed
    from the name when None. ``inline_id`` is the Content-ID by which HTML shows it
    (``<img src="cid:…">``), without angle brackets. It never changes. Raises
    Misused when a value cannot stand in a header, or the path is no file.
    """

    __slots__ = ("_content", "_content_type", "_inline_id", "_load", "_name", "_store")

    def __init__(
        self,
        name: str,
        content: Content,
        content_type: str | None = None,
        inline_id: str | None = None,
    ) -> None:
        single_line(name, what="an attachment's name", operation=_OPERATION)
        self._name = shown_name(name)
        self._content_type = (
            guessed_type(name) if content_type is None else _checked_type(content_type)
        )
        self._inline_id = None if inline_id is None else _checked_id(inline_id)
        self._content: bytes | None = None
        self._load: Callable[[], bytes] | None = None
        self._store: Store | None = None
        if isinstance(content, (bytes, bytearray, memoryview)):
            self._content = bytes(content)
        elif isinstance(content, (str, os.PathLike)):
            self._store = file_at(os.fspath(content))
        else:
            spool = spooled(content)
            if spool.in_memory:
                self._content = spool.read()
            else:
                self._store = spool

    @classmethod
    def of(cls, value: AttachmentLike) -> Attachment:
        """Return an Attachment: itself, or one made from a path or an open binary file."""
        if isinstance(value, Attachment):
            return value
        if isinstance(value, (str, os.PathLike)):
            return cls(_name_of(os.fspath(value)), value)
        if hasattr(value, "read"):
            name = getattr(value, "name", "")
            return cls(os.path.basename(name) if isinstance(name, str) else "", value)
        raise Misused(
            f"an attachment cannot be made from {type(value).__name__}",
            operation=_OPERATION,
            hint="Give a path, an open binary file, or Attachment(name, bytes).",
        )

    @classmethod
    def as_read(
        cls, name: str, load: Callable[[], bytes], content_type: str, inline_id: str | None
    ) -> Attachment:
        """Return an attachment of a mail that was read; ``load`` decodes it when asked."""
        made = cls.__new__(cls)
        made._name = shown_name(scrubbed(name))
        made._content_type = content_type
        made._inline_id = inline_id
        made._content = None
        made._load = load
        made._store = None
        return made

    @classmethod
    def stored(cls, name: str, store: Store, content_type: str) -> Attachment:
        """Return an attachment whose octets are somewhere else, to be read from there."""
        made = cls(name, b"", content_type)
        made._content = None
        made._store = store
        return made

    def sendable(self) -> Attachment:
        """Return the file with a type and an id that can be written, as those of a mail need not.

        A type that is none becomes application/octet-stream; without a proper
        id it is a file like any other.
        """
        try:
            _checked_type(self.content_type)
            type_ = self.content_type
        except Misused:
            type_ = _UNKNOWN
        inline_id = self.inline_id
        if inline_id is not None and _INLINE_ID.fullmatch(inline_id) is None:
            inline_id = None
        return self._described(type_, inline_id)

    def beside(self) -> Attachment:
        """Return the file as one that no HTML shows."""
        return self._described(self.content_type, None)

    def _described(self, content_type: str, inline_id: str | None) -> Attachment:
        if (content_type, inline_id) == (self.content_type, self.inline_id):
            return self
        made = Attachment.as_read(self.name, lambda: self.content, content_type, inline_id)
        made._store = self._store
        return made

    @property
    def name(self) -> str:
        """The name to show, without directories; ``safe_name`` is the one to save it under."""
        return self._name

    @property
    def content_type(self) -> str:
        """The type, such as ``application/pdf``; of a file in a mail, what the mail says."""
        return self._content_type

    @property
    def inline_id(self) -> str | None:
        """The Content-ID by which HTML shows it, without angle brackets; None for any other."""
        return self._inline_id

    @property
    def store(self) -> Store | None:
        """Where the octets are when they are not in memory and need no decoding, else None."""
        return self._store if self._content is None else None

    @property
    def content(self) -> bytes:
        """The octets of the file, decoded; loaded when first asked for."""
        if self._content is None:
            if self._store is not None:
                self._content = b"".join(self._store.pieces(PIECE))
            else:
                assert self._load is not None  # One of the three is always there.
                self._content = self._load()
                self._load = None
        return self._content

    @property
    def size(self) -> int:
        """The number of octets of ``content``."""
        store = self.store
        return len(self.content) if store is None else store.size

    def pieces(self, octets: int = PIECE) -> Iterator[bytes]:
        """Yield ``content`` in pieces of that many octets, the last one shorter.

        What is in a file is read from there and not kept. Raises OSError when
        the file cannot be read any more.
        """
        store = self.store
        if store is not None:
            return store.pieces(octets)
        content = self.content
        return (content[start : start + octets] for start in range(0, len(content), octets))

    @property
    def safe_name(self) -> str:
        """The name under which ``save`` stores it, when that is free."""
        return safe_name(self.name)

    def save(self, directory: str | os.PathLike[str]) -> Path:
        """Write the content to a new file in ``directory`` and return its path.

        The name is made safe; when it is taken, a number is added: nothing is
        ever overwritten, no link is followed. Raises Misused when there is no
        such directory, OSError when the file system refuses.
        """
        from courriel.model.saving import saved

        return saved(directory, self.safe_name, self.pieces)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Attachment):
            return NotImplemented
        mine = (self.name, self.content_type, self.inline_id)
        theirs = (other.name, other.content_type, other.inline_id)
        return mine == theirs and self.content == other.content

    def __hash__(self) -> int:
        return hash((self.name, self.content_type, self.inline_id))

    def __reduce__(self) -> tuple[Callable[..., Attachment], tuple[str, bytes, str, str | None]]:
        return _revived, (self.name, self.content, self.content_type, self.inline_id)

    def __repr__(self) -> str:
        return f"Attachment({self.name!r}, {self.content_type})"


def _revived(name: str, content: bytes, content_type: str, inline_id: str | None) -> Attachment:
    return Attachment.as_read(name, lambda: content, content_type, inline_id)


AttachmentLike: TypeAlias = "Attachment | str | os.PathLike[str] | BinaryIO"


def guessed_type(name: str) -> str:
    """Return the content type that a file name suggests, else application/octet-stream."""
    import mimetypes

    guessed, encoding = mimetypes.guess_type(name.rpartition("/")[2])
    if encoding is not None:
        return _COMPRESSED.get(encoding, _UNKNOWN)
    # Only the sender's own program can tell the parts of these types apart.
    if guessed is None or guessed.startswith(("multipart/", "message/")):
        return "message/rfc822" if guessed == "message/rfc822" else _UNKNOWN
    return guessed


def _checked_type(value: str) -> str:
    single_line(value, what="content_type", operation=_OPERATION)
    if not value.isascii() or len(value) > 500 or _CONTENT_TYPE.fullmatch(value) is None:
        raise Misused(
            f"{excerpt(value)} is no content type",
            operation=_OPERATION,
            hint="Write type/subtype, such as application/pdf.",
        )
    if value.lower().startswith("multipart/"):
        raise Misused("an attachment cannot be a multipart", operation=_OPERATION)
    return value


def _name_of(path: str) -> str:
    """Return the name of the file at a path. Raises Misused when it cannot be shown in a mail."""
    name: object = os.path.basename(path)
    if not isinstance(name, str) or "\0" in path:
        # The path itself is refused, with better words.
        return ""
    fault = forbidden_in(name)
    if fault is not None:
        raise Misused(
            f"the name of the file {excerpt(path)} holds {fault}",
            operation=_OPERATION,
            hint='Give it a name to be shown: Attachment("name", path).',
        )
    return name


def _checked_id(value: str) -> str:
    single_line(value, what="inline_id", operation=_OPERATION)
    bare = value[1:-1] if value.startswith("<") and value.endswith(">") else value
    if _OWN_INLINE_ID.fullmatch(bare) is None:
        raise Misused(
            f"{excerpt(value)} is no Content-ID",
            operation=_OPERATION,
            hint="Use letters, digits and dots, such as logo@example.org.",
        )
    return bare
