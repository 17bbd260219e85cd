r"""Describe the folders of an account: what they are, what they hold, what they may hold.

Names are plain Unicode, as people see them; how a server spells one on the wire is kept beside it
(``raw``), because two spellings may show as one name. Everything that a server may leave unsaid is
None when it did, never a guess that looks like a fact.

Only frozen values live here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from courriel.model.characters import scrubbed

__all__ = ["USES", "Counters", "Folder", "Namespace", "Namespaces", "Quota"]

USES = ("all", "archive", "drafts", "flagged", "important", "junk", "sent", "trash")
"""The special uses of RFC 6154, 2 and RFC 8457, 3, as ``Folder.use`` spells them."""


_ODD = re.compile("[\udc00-\udcff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What a server counts in one folder; None where it was not asked or did not say.

    ``messages``, ``unseen``, ``recent``, ``deleted``: numbers of messages.
    ``uid_next``: the UID that the next message will have at least.
    ``uid_validity``: when it changes, every UID means something else.
    ``highest_modseq``: the last change (RFC 7162). ``size``: octets of all
    messages together (RFC 8438). ``append_limit``: octets of the largest
    message that is taken (RFC 7889). ``mailbox_id``: a name that survives
    renaming (RFC 8474).
    """

    messages: int | None = None
    unseen: int | None = None
    recent: int | None = None
    uid_next: int | None = None
    uid_validity: int | None = None
    highest_modseq: int | None = None
    size: int | None = None
    deleted: int | None = None
    append_limit: int | None = None
    mailbox_id: str | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    r"""One folder.

    ``name``: the whole name in Unicode, parents included, by which every call
    takes it. Octets that a server has written against the rules are in it as
    surrogates, which cannot be printed; ``shown``, which is ``str(folder)``
    too, is for people and screens. ``separator``: what
    stands between parent and child in it, None when there are no levels.
    ``attributes``: what the server said of it, with backslashes
    (``"\\HasChildren"``). ``use``: what it is for, one of ``USES`` such as
    ``"sent"``, ``"inbox"`` for INBOX, None when nobody knows; ``use_source``
    says who knows: the ``"server"``, or we by its ``"name"``. ``subscribed``: None when it was
    not asked. ``counters``: when they were asked for together with the list.
    ``raw``: the name's octets as the server wrote them.
    """

    name: str
    separator: str | None = None
    attributes: frozenset[str] = frozenset()
    use: str | None = None
    use_source: Literal["server", "name"] | None = None
    subscribed: bool | None = None
    counters: Counters | None = None
    raw: bytes = b""

    def has(self, attribute: str) -> bool:
        r"""Whether the server gave it an attribute, ``"\\Noselect"``, in whatever case."""
        wanted = attribute.lower()
        return any(wanted == each.lower() for each in self.attributes)

    @property
    def selectable(self) -> bool:
        """Whether it can hold messages: some are only the parents of others (RFC 3501, 7.2.2)."""
        return not (self.has("\\Noselect") or self.has("\\NonExistent"))

    @property
    def has_children(self) -> bool | None:
        """Whether there are folders in it (RFC 3348); None when the server did not say."""
        if self.has("\\HasChildren"):
            return True
        return False if self.has("\\HasNoChildren") or self.has("\\Noinferiors") else None

    @property
    def parent(self) -> str | None:
        """The name of the folder that it is in, None at the top."""
        if not self.separator:
            return None
        before, found, _ = self.name.rstrip(self.separator).rpartition(self.separator)
        return before if found and before else None

    @property
    def short_name(self) -> str:
        """The last part of the name: what a tree of folders shows."""
        if not self.separator:
            return self.name
        return self.name.rstrip(self.separator).rpartition(self.separator)[2] or self.name

    @property
    def shown(self) -> str:
        """The name for people: on one line, odd octets as the text that they most likely are."""
        return scrubbed(_ODD.sub(_likely, self.name))

    def __str__(self) -> str:
        return self.shown


def _likely(odd: re.Match[str]) -> str:
    octets = bytes(ord(character) & 0xFF for character in odd[0])
    return octets.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Namespace:
    """Where folders of one kind begin: ``prefix`` (may be empty), and their ``separator``."""

    prefix: str
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Whose folders begin where (RFC 2342): one's own, other people's, those of all."""

    personal: tuple[Namespace, ...] = ()
    others: tuple[Namespace, ...] = ()
    shared: tuple[Namespace, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """How much may be kept under one quota root (RFC 9208).

    ``resources``: the name of a resource in upper case to (used, limit).
    ``STORAGE`` is counted in units of 1,024 octets, ``MESSAGE`` in messages,
    ``MAILBOX`` in folders.
    """

    root: str
    resources: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def storage(self) -> tuple[int, int] | None:
        """Octets used and allowed, or None when storage has no limit here."""
        used_and_limit = self.resources.get("STORAGE")
        if used_and_limit is None:
            return None
        return used_and_limit[0] * 1024, used_and_limit[1] * 1024
