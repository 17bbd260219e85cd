"""Commands about messages of the selected folder: fetch, store, copy, move, expunge.

All name messages by UID, but FETCH may use sequence numbers where arithmetic on them saves a
search; such a FETCH waits for everything that could shift them. Commands that read flags and those
that change them wait for each other when they may be about the same message, because an untagged
FETCH does not say whom it answers.

Only values that encode themselves live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from courriel.errors import Misused
from courriel.wire.imap.arguments import (
    flag_list,
    number,
    partial_range,
)
from courriel.wire.imap.commands_folder import mailbox
from courriel.wire.imap.fragments import (
    Dialect,
    Fragment,
    Part,
    parenthesised,
    spaced,
)
from courriel.wire.imap.items import item
from courriel.wire.imap.sets import NumberSet, Saved, encoded_set
from courriel.wire.imap.traits import Command, Does, Need

_BY_UID = frozenset({Does.USES_SELECTION, Does.USES_UIDS, Does.MAY_EXPUNGE})
_BY_NUMBER = frozenset({Does.USES_SELECTION, Does.USES_NUMBERS})
_SETTLED = frozenset({Need.SETTLED_SELECTION})


@dataclass(frozen=True, slots=True)
class Fetch(Command):
    """UID FETCH, or FETCH when ``by_sequence`` (RFC 3501, 6.4.5 and 6.4.8).

    ``items``: what ``wire.imap.items`` lets pass. ``changed_since``: only
    messages changed after that mod-sequence; ``vanished`` with it: and which
    have gone (RFC 7162, 3.1.4.1 and 3.2.6). ``partial``: only so many of the
    set, (1, 100) from its start, (-1, -100) from its end (RFC 9394, 3.2).
    """

    uids: NumberSet
    items: tuple[bytes | str, ...]
    changed_since: int | None = None
    vanished: bool = False
    partial: tuple[int, int] | None = None
    by_sequence: bool = False

    @property
    def verb(self) -> str:
        return "FETCH" if self.by_sequence else "UID FETCH"

    @property
    def reads_flags(self) -> bool:
        """Whether FLAGS are among the items."""
        return any(each.upper() in ("FLAGS", b"FLAGS") for each in self.items)

    @property
    def needs(self) -> frozenset[Need]:
        saved = isinstance(self.uids, Saved)
        needs = {Need.SETTLED_SELECTION, Need.NO_MESSAGES if saved else Need.KNOWN_MESSAGES}
        if self.by_sequence:
            needs.add(Need.STEADY_NUMBERS)
        if self.reads_flags:
            needs.add(Need.STEADY_FLAGS)
        return frozenset(needs)

    @property
    def does(self) -> frozenset[Does]:
        saved = isinstance(self.uids, Saved)
        does = {Does.TELLS_UNKNOWN if saved else Does.TELLS}
        if self.reads_flags:
            does.add(Does.READS_FLAGS)
        return (_BY_NUMBER if self.by_sequence else _BY_UID) | does

    def encode(self, dialect: Dialect) -> list[Fragment]:
        if not self.items:
            raise Misused("FETCH asks for nothing", operation="FETCH")
        words: list[Part] = [self.verb.encode(), encoded_set(self.uids)]
        words.append(parenthesised(map(item, self.items)))
        modifiers = self._modifiers()
        if modifiers:
            words.append(parenthesised(modifiers))
        return spaced(*words)

    def _modifiers(self) -> list[bytes]:
        modifiers: list[bytes] = []
        if self.changed_since is not None:
            modifiers.append(b"CHANGEDSINCE " + number(self.changed_since, "a mod-sequence"))
        if self.vanished:
            if self.changed_since is None or self.by_sequence:
                raise Misused("VANISHED needs UIDs and changed_since", operation="FETCH")
            modifiers.append(b"VANISHED")
        if self.partial is not None:
            modifiers.append(b"PARTIAL " + partial_range(self.partial))
        return modifiers


@dataclass(frozen=True, slots=True)
class Store(Command):
    """UID STORE of flags (RFC 3501, 6.4.6).

    ``mode``: ``"+"`` adds, ``"-"`` removes, ``""`` replaces. ``silent``: the
    server need not say what became of them. ``unchanged_since``: only
    messages that nobody changed after that mod-sequence (RFC 7162, 3.1.3).
    """

    uids: NumberSet
    mode: Literal["+", "-", ""]
    flags: str | tuple[str, ...]
    silent: bool = True
    unchanged_since: int | None = None

    VERB: ClassVar[str] = "UID STORE"

    @property
    def answers(self) -> bool:
        """Whether the server tells what became of the flags, in answers that look like FETCH's.

        For messages that somebody else has changed it does even when it is
        asked to be silent (RFC 7162, 3.1.3).
        """
        return not self.silent or self.unchanged_since is not None

    @property
    def needs(self) -> frozenset[Need]:
        # Silent ones are carried out in their order (RFC 3501, 5.5), and nobody sees more.
        needs = _SETTLED | {Need.UNREAD_FLAGS}
        return needs | {Need.STEADY_FLAGS} if self.answers else needs

    @property
    def does(self) -> frozenset[Does]:
        does = _BY_UID | {Does.CHANGES_FLAGS}
        return does | {Does.READS_FLAGS} if self.answers else does

    def encode(self, dialect: Dialect) -> list[Fragment]:
        if self.mode not in ("+", "-", ""):
            raise Misused("mode is neither + nor - nor empty", operation="STORE")
        flags = flag_list(self.flags)
        if flags == b"()" and self.mode:
            raise Misused("STORE names no flag", operation="STORE")
        words: list[Part] = [b"UID STORE", encoded_set(self.uids)]
        if self.unchanged_since is not None:
            words.append(b"(UNCHANGEDSINCE %b)" % number(self.unchanged_since, "a mod-sequence"))
        words.append(self.mode.encode() + (b"FLAGS.SILENT" if self.silent else b"FLAGS"))
        return spaced(*words, flags)


@dataclass(frozen=True, slots=True)
class Copy(Command):
    """UID COPY to the folder ``to``, with flags (RFC 3501, 6.4.7)."""

    uids: NumberSet
    to: str

    VERB: ClassVar[str] = "UID COPY"
    NEEDS: ClassVar[frozenset[Need]] = _SETTLED | {Need.STEADY_FLAGS}
    DOES: ClassVar[frozenset[Does]] = _BY_UID | {Does.READS_FLAGS}

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(b"UID COPY", encoded_set(self.uids), mailbox(self.to, dialect))


@dataclass(frozen=True, slots=True)
class Move(Command):
    """UID MOVE to the folder ``to`` (RFC 6851, 3)."""

    uids: NumberSet
    to: str

    VERB: ClassVar[str] = "UID MOVE"
    NEEDS: ClassVar[frozenset[Need]] = _SETTLED | {Need.STEADY_FLAGS}
    DOES: ClassVar[frozenset[Does]] = _BY_UID | {Does.READS_FLAGS}

    def encode(self, dialect: Dialect) -> list[Fragment]:
        return spaced(b"UID MOVE", encoded_set(self.uids), mailbox(self.to, dialect))


@dataclass(frozen=True, slots=True)
class Expunge(Command):
    r"""EXPUNGE of everything ``\Deleted``, or UID EXPUNGE of ``uids`` among it (RFC 4315, 2.1)."""

    uids: NumberSet | None = None

    NEEDS: ClassVar[frozenset[Need]] = _SETTLED | {Need.STEADY_FLAGS}

    @property
    def verb(self) -> str:
        return "EXPUNGE" if self.uids is None else "UID EXPUNGE"

    @property
    def does(self) -> frozenset[Does]:
        does = frozenset({Does.USES_SELECTION, Does.MAY_EXPUNGE, Does.READS_FLAGS})
        return does if self.uids is None else does | {Does.USES_UIDS}

    def encode(self, dialect: Dialect) -> list[Fragment]:
        if self.uids is None:
            return [b"EXPUNGE"]
        return [b"UID EXPUNGE " + encoded_set(self.uids)]
