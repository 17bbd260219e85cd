r"""Hold what one FETCH says of one message; what takes long to read stays octets until asked for.

::

    message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))     RFC 9051, 9

Ten thousand of these come in one go, so that making one is cheap: the date, the envelope and the
structure are read when somebody looks, within the bounds of ``Limits``. Reading them never raises;
what was wrong is in ``defects``.

Only that value lives here; ``fetch`` fills it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from courriel.model.envelope import Envelope
from courriel.model.limits import Limits
from courriel.model.spool import Spool
from courriel.model.summary import Part
from courriel.wire.imap import body, envelope, moments
from courriel.wire.imap.cursor import Raw
from courriel.wire.imap.oddities import GHOST_DATE, GHOST_ENVELOPE


class Fetched:
    r"""A FETCH answer. What it does not say is None, or empty.

    ``number``: the message sequence number. ``flags``: system flags in one
    spelling. ``sections``: octets by the section as IMAP writes it, in upper
    case: ``""`` for the whole message, ``"HEADER"``, ``"1.2"``, ``"1.MIME"``,
    ``"HEADER.FIELDS (DATE FROM)"``, ``"BINARY:1.2"``, with ``"<0>"`` behind
    it for a part of it from that octet on; None where the server says NIL.
    ``binary_sizes``: BINARY.SIZE by section. ``modseq``: RFC 7162.
    ``preview``: RFC 8970. ``email_id``, ``thread_id``: RFC 8474. ``saved``:
    the octets of SAVEDATE (RFC 8514). ``labels``, ``gm_message_id``,
    ``gm_thread_id``: X-GM-EXT-1. ``unknown``: octets of any other item by its
    name in upper case. ``defects``: what could not be read.
    """

    __slots__ = (
        "arrival",
        "binary_sizes",
        "defects",
        "email_id",
        "envelope",
        "flags",
        "gm_message_id",
        "gm_thread_id",
        "labels",
        "limits",
        "modseq",
        "number",
        "preview",
        "saved",
        "sections",
        "size",
        "structure",
        "thread_id",
        "uid",
        "unknown",
    )

    def __init__(self, number: int, limits: Limits) -> None:
        self.number = number
        self.limits = limits
        self.uid: int | None = None
        self.flags: frozenset[str] | None = None
        self.size: int | None = None
        self.arrival: bytes | None = None
        self.envelope: Raw | None = None
        self.structure: Raw | None = None
        self.sections: dict[str, bytes | Spool | None] = {}
        self.binary_sizes: dict[str, int] = {}
        self.modseq: int | None = None
        self.preview: str | None = None
        self.email_id: str | None = None
        self.thread_id: str | None = None
        self.saved: bytes | None = None
        self.labels: frozenset[str] | None = None
        self.gm_message_id: int | None = None
        self.gm_thread_id: int | None = None
        self.unknown: dict[str, bytes] = {}
        self.defects: tuple[str, ...] = ()

    @property
    def describes(self) -> bool:
        """Whether it describes a message that is there, and is not only news about its flags."""
        if self.size:
            return True
        ghostly = self.size == 0 and self.arrival == GHOST_DATE and self.envelope is not None
        if ghostly and self.envelope == Raw(GHOST_ENVELOPE):
            return False
        return self.size is not None or self.envelope is not None

    @property
    def received(self) -> datetime | None:
        """When the server took the message (INTERNALDATE), or None."""
        return None if self.arrival is None else moments.arrival(self.arrival)

    @property
    def saved_at(self) -> datetime | None:
        """When the message came into this folder (SAVEDATE), or None."""
        return None if self.saved is None else moments.arrival(self.saved)

    def read_envelope(self) -> Envelope:
        """Return the envelope, as much of it as can be read; an empty one when none was sent."""
        if self.envelope is None:
            self._note(["no ENVELOPE"])
            return Envelope()
        value, defects = envelope.read(self.envelope, self.limits)
        self._note(defects)
        return value

    def read_structure(self) -> tuple[Part, ...]:
        """Return the parts in order, as many as can be read; none when no structure was sent."""
        if self.structure is None:
            self._note(["no BODYSTRUCTURE"])
            return ()
        value, defects = body.read(self.structure, self.limits)
        self._note(defects)
        return value

    def complete(self, other: Fetched) -> None:
        """Take from another answer about the same message what this one does not say."""
        for name in _FACTS:
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))
        for name in _BY_NAME:
            setattr(self, name, getattr(other, name) | getattr(self, name))
        self._note([*other.defects])

    def noted(self) -> tuple[str, ...]:
        """Return what could not be read so far."""
        return self.defects

    def _note(self, defects: list[str]) -> None:
        if defects:
            self.defects = tuple(dict.fromkeys((*self.defects, *defects)))

    def _facts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__ if name != "limits")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fetched):
            return NotImplemented
        return self._facts() == other._facts()

    def __repr__(self) -> str:
        return f"Fetched(number={self.number}, uid={self.uid})"


_BY_NAME = ("binary_sizes", "sections", "unknown")
_FACTS = tuple(sorted(set(Fetched.__slots__) - {*_BY_NAME, "defects", "limits", "number"}))
