"""Hold what is known of a message whose body stayed where it is.

A list of ten thousand messages is made of these, so they are small, and what takes long to read
out of a server's answer (the envelope, the structure) is read when it is first asked for. Nothing
here can fetch anything: a summary knows no session.

Only ``Part`` and ``Summary`` live here; ``parts`` takes them from a mail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from courriel.model.envelope import Envelope
from courriel.model.flags import ANSWERED, FLAGGED, SEEN
from courriel.model.versions import TEXTS, is_version

__all__ = ["Part", "Summary"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message, by its place; only parts without parts are listed.

    ``path``: the section number of RFC 3501, 6.4.5 (``"1"``, ``"2.1"``); a
    message inside the message is listed, and after it its own parts, below
    its number. ``content_type``: ``type/subtype`` in lower case. ``name``: a
    file name that is safe to save under, None when the part has none.
    ``size``: octets as transferred, before decoding. ``encoding``: the
    Content-Transfer-Encoding in lower case. ``charset``: None unless it is
    said. ``disposition``: ``"attachment"``, ``"inline"`` or another word in
    lower case, or None. ``inline_id``: the Content-ID without angle brackets.
    ``parameters``: those of the content type, names in lower case. ``lines``:
    for texts and messages, when the server counts them. ``around``: the
    content type of the multipart, or of the message inside, that it is in;
    empty when there is none.
    """

    path: str
    content_type: str = "text/plain"
    name: str | None = None
    size: int = 0
    encoding: str = "7bit"
    charset: str | None = None
    disposition: str | None = None
    inline_id: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    lines: int | None = None
    around: str = ""

    @property
    def is_text(self) -> bool:
        """Whether it is what people read: plain text or HTML, without a name, no attachment."""
        return self.content_type in TEXTS and self.name is None and self.disposition != "attachment"

    @property
    def is_inline(self) -> bool:
        """Whether the HTML shows it (``<img src="cid:…">``), as far as a part can tell alone.

        ``Email.inline`` sees the HTML, and has no file that this does not name.
        """
        if self.inline_id is None or self.disposition == "attachment" or self.is_text:
            return False
        return self.disposition == "inline" or self.around == "multipart/related"

    @property
    def is_attachment(self) -> bool:
        """Whether it is a file to offer to the user: neither text, nor shown by the HTML.

        As ``Email.attachments`` has it, signatures and messages inside the
        message are files too, and the calendar among the alternatives of an
        invitation is none. A file that is called inline, and that no HTML
        names, is an attachment of the ``Email`` only.
        """
        if self.is_text or self.is_inline or self.content_type.startswith("multipart/"):
            return False
        return not is_version(self.content_type, self.around, self.name, self.disposition)

    def __hash__(self) -> int:
        return hash((self.path, self.content_type, self.size))


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class Summary:
    r"""What is known of one message without its body.

    ``id``: what ``fetch`` takes: the UID (int) of IMAP, the UIDL (str) of
    POP3. ``folder``: the name of its folder. ``size``: octets of the whole
    message. ``flags``: such as ``"\\Seen"``, in one spelling; always empty
    for POP3. ``received``: when the server took it, None when it does not
    say. ``preview``: the first words of the text (RFC 8970). ``thread_id``,
    ``email_id``: names that survive moving (RFC 8474). ``modseq``: the last
    change of its flags (RFC 7162). ``labels``: of Gmail. These five are None
    unless the server has them and they were asked for.

    ``envelope`` and ``parts`` may be given as functions without arguments;
    each is called once, when first asked for. ``defects`` may be one too; it
    is called when both have been read. Two summaries are equal when all they
    say is.
    """

    id: Any
    folder: str
    size: int
    flags: frozenset[str]
    received: datetime | None
    preview: str | None
    thread_id: str | None
    email_id: str | None
    modseq: int | None
    labels: frozenset[str] | None
    _envelope: Envelope | Callable[[], Envelope]
    _parts: tuple[Part, ...] | Callable[[], tuple[Part, ...]]
    _defects: tuple[str, ...] | Callable[[], tuple[str, ...]]

    def __init__(
        self,
        id: int | str,  # noqa: A002 - The public API names it so.
        folder: str,
        size: int = 0,
        flags: frozenset[str] = frozenset(),
        received: datetime | None = None,
        envelope: Envelope | Callable[[], Envelope] = Envelope(),  # noqa: B008 - Frozen.
        parts: tuple[Part, ...] | Callable[[], tuple[Part, ...]] = (),
        *,
        preview: str | None = None,
        thread_id: str | None = None,
        email_id: str | None = None,
        modseq: int | None = None,
        labels: frozenset[str] | None = None,
        defects: tuple[str, ...] | Callable[[], tuple[str, ...]] = (),
    ) -> None:
        put = object.__setattr__
        put(self, "id", id)
        put(self, "folder", folder)
        put(self, "size", size)
        put(self, "flags", flags)
        put(self, "received", received)
        put(self, "preview", preview)
        put(self, "thread_id", thread_id)
        put(self, "email_id", email_id)
        put(self, "modseq", modseq)
        put(self, "labels", labels)
        put(self, "_envelope", envelope)
        put(self, "_parts", parts)
        put(self, "_defects", defects)

    @property
    def envelope(self) -> Envelope:
        """Who wrote to whom, about what, and when."""
        value = self._envelope
        if not isinstance(value, Envelope):
            # Two threads may both read it: they read the same.
            value = value()
            object.__setattr__(self, "_envelope", value)
            self._conclude()
        return value

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, in order; empty where only a download would tell (POP3)."""
        value = self._parts
        if not isinstance(value, tuple):
            value = value()
            object.__setattr__(self, "_parts", value)
            self._conclude()
        return value

    @property
    def defects(self) -> tuple[str, ...]:
        """What could not be read of envelope and parts, in words; empty when nothing is wrong.

        Asking reads both. Where there are some, no parts need not mean that
        the message has none. For POP3, which has only the header, it is empty
        unless a query has looked into the body.
        """
        if not isinstance(self._defects, tuple):
            # Reading them is what finds it.
            _ = self.envelope, self.parts
            self._conclude()
        value = self._defects
        assert isinstance(value, tuple)
        return value

    def _conclude(self) -> None:
        """Note what was wrong when all has been read, so that the server's answer can be let go."""
        read = isinstance(self._envelope, Envelope) and isinstance(self._parts, tuple)
        if read and not isinstance(self._defects, tuple):
            object.__setattr__(self, "_defects", self._defects())

    @property
    def attachments(self) -> tuple[Part, ...]:
        """The parts that are files to offer, without those of messages inside the message."""
        found: list[tuple[Part, bool]] = []
        shows = False
        inside = "."
        for part in self.parts:
            if part.path.startswith(inside):
                continue
            if part.content_type == "message/rfc822":
                inside = part.path + "."
            shows = shows or (part.content_type == "text/html" and part.is_text)
            if part.is_attachment or part.is_inline:
                found.append((part, part.is_inline))
        # Without HTML there is nothing that could show a file.
        return tuple(part for part, inline in found if not (inline and shows))

    @property
    def unread(self) -> bool:
        """Whether nobody has read it yet; always for POP3, which does not know."""
        return SEEN not in self.flags

    @property
    def flagged(self) -> bool:
        """Whether it was marked as important."""
        return FLAGGED in self.flags

    @property
    def answered(self) -> bool:
        """Whether it was answered."""
        return ANSWERED in self.flags

    def _facts(self) -> tuple[Any, ...]:
        return (
            *(self.id, self.folder, self.size, self.flags, self.received),
            *(self.envelope, self.parts),
            *(self.preview, self.thread_id, self.email_id, self.modseq, self.labels),
            self.defects,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Summary):
            return NotImplemented
        return (self.id, self.folder) == (other.id, other.folder) and (
            self._facts() == other._facts()
        )

    def __hash__(self) -> int:
        return hash((self.id, self.folder))

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, self._facts()

    def __repr__(self) -> str:
        return f"Summary(id={self.id!r}, folder={self.folder!r}, size={self.size})"


def _revive(*facts: Any) -> Summary:
    names = ("preview", "thread_id", "email_id", "modseq", "labels", "defects")
    return Summary(*facts[:7], **dict(zip(names, facts[7:], strict=True)))
