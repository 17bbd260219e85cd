r"""Read what servers say of folders: LIST and LSUB, STATUS, NAMESPACE, QUOTA.

::

    mailbox-list   = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
                     [SP mbox-list-extended]                           RFC 9051, 9
    mailbox-data   = "STATUS" SP mailbox SP "(" [status-att-list] ")"
    namespace      = nil / "(" 1*namespace-descr ")"
    quota_list     = "(" [quota_resource *(SP quota_resource)] ")"     RFC 9208, 5

A name is decoded once, here, and its octets stay beside it. INBOX is INBOX in any case of letters.
Names that should be quoted and are not run to where what follows them begins.

Only the reading of these answers lives here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from courriel.model.folder import Counters, Namespace, Namespaces, Quota
from courriel.wire.imap import names
from courriel.wire.imap.answers import Listed, NamespaceList, QuotaOf, QuotaRoots, StatusOf
from courriel.wire.imap.cursor import Cursor, Tree
from courriel.wire.imap.lexis import attribute, word

# The one character, escaped or, although it must be, not.
_SEPARATOR = re.compile(rb'"(?:\\?([^"])|\\(")|(\\))"(?= )')
_UNQUOTED_END = re.compile(rb"[^\"{(][^\x00\r\n]*")
_BEFORE_LIST = re.compile(rb"([^\"{(][^\x00\r\n]*)(?=\([^()]*\) *\Z)")


def name_of(cursor: Cursor, raw: bytes) -> str:
    """Return a folder's name in Unicode."""
    if raw.upper() == b"INBOX":
        return "INBOX"
    return names.decoded(raw, utf8=cursor.utf8 or not raw.isascii())


def listed(cursor: Cursor) -> Listed:
    """Return a LIST."""
    return _listed(cursor, subscribed=False)


def subscribed(cursor: Cursor) -> Listed:
    """Return an LSUB."""
    return _listed(cursor, subscribed=True)


def _listed(cursor: Cursor, *, subscribed: bool) -> Listed:
    attributes = frozenset(attribute(one) for one in cursor.words() if one)
    cursor.spaces()
    separator = _separator(cursor)
    cursor.spaces()
    raw = cursor.skip_string()
    extended: dict[str, Any] = {}
    if raw is None:
        found = cursor.skip_pattern(_UNQUOTED_END)
        if found is None:
            cursor.fail("the name of a folder")
        raw, extended = _unquoted(cursor, found)
    else:
        cursor.spaces()
        if cursor.position < len(cursor.text):
            extended = _extended(cursor)
    return Listed(attributes, separator, name_of(cursor, raw), raw, extended, subscribed)


def _unquoted(cursor: Cursor, text: bytes) -> tuple[bytes, dict[str, Any]]:
    """Return a name that stands without quotes, and the items behind it."""
    name, found, _ = text.partition(b" (")
    if found and cursor.text.endswith(b")"):
        cursor.position -= len(text) - len(name) - 1
        return name.rstrip(), _extended(cursor)
    return text.rstrip(), {}


def _separator(cursor: Cursor) -> str | None:
    if cursor.skip_nil():
        return None
    found = _SEPARATOR.match(cursor.text, cursor.position)
    if found is None:
        # An empty one, one without quotes, or a literal.
        return word(cursor.astring("a separator"))[:1] or None
    cursor.position = found.end()
    return word(found[1] or found[2] or found[3])


def _extended(cursor: Cursor) -> dict[str, Any]:
    """Return ``"(" [name SP value *(SP name SP value)] ")"`` (RFC 5258, 6)."""
    values: dict[str, Any] = {}
    cursor.insist(b"(")
    cursor.spaces()
    while not cursor.skip(b")"):
        key = word(cursor.astring()).upper()
        cursor.spaces()
        reader = _EXTENDED.get(key)
        values[key] = cursor.skip_value().text if reader is None else reader(cursor)
        cursor.spaces()
    return values


def _children(cursor: Cursor) -> tuple[str, ...]:
    return tuple(word(one).upper() for one in cursor.words())


def _old_name(cursor: Cursor) -> str:
    found = cursor.words()
    return name_of(cursor, found[0]) if found else ""


_EXTENDED: dict[str, Callable[[Cursor], Any]] = {"CHILDINFO": _children, "OLDNAME": _old_name}


def status(cursor: Cursor) -> StatusOf:
    """Return a STATUS; items that are not known are stepped over, negative counts are None."""
    raw = cursor.skip_string()
    if raw is None:
        found = _BEFORE_LIST.match(cursor.text, cursor.position)
        if found is None:
            raw = cursor.atom("the name of a folder")
        else:
            raw = found[1].rstrip(b" ")
            cursor.position = found.end()
    cursor.insist(b"(")
    values: dict[str, Any] = {}
    cursor.spaces()
    while not cursor.skip(b")"):
        key = cursor.atom().upper()
        cursor.spaces()
        if key == b"MAILBOXID":
            found_id = cursor.words()
            values["mailbox_id"] = word(found_id[0]) if found_id else None
        elif key in _COUNTERS:
            values[_COUNTERS[key]] = cursor.some_number()
        else:
            cursor.skip_value()
        cursor.spaces()
    return StatusOf(name_of(cursor, raw), raw, Counters(**values))


_COUNTERS = {
    b"MESSAGES": "messages",
    b"UNSEEN": "unseen",
    b"RECENT": "recent",
    b"UIDNEXT": "uid_next",
    b"UIDVALIDITY": "uid_validity",
    b"HIGHESTMODSEQ": "highest_modseq",
    b"SIZE": "size",
    b"DELETED": "deleted",
    b"APPENDLIMIT": "append_limit",
}
"""RFC 9051, 6.3.11; RFC 7162, 8438, 7889; MAILBOXID (RFC 8474) is no number."""


def namespace(cursor: Cursor) -> NamespaceList:
    """Return a NAMESPACE; kinds that are missing at the end are empty."""
    kinds: list[tuple[Namespace, ...]] = []
    while len(kinds) < 3 and not cursor.at_end:
        cursor.spaces()
        kinds.append(_namespaces(cursor, cursor.tree()))
    kinds += [()] * (3 - len(kinds))
    return NamespaceList(Namespaces(*kinds))


def _namespaces(cursor: Cursor, kind: Tree) -> tuple[Namespace, ...]:
    found: list[Namespace] = []
    for one in kind if isinstance(kind, list) else ():
        if not isinstance(one, list) or not one or not isinstance(one[0], bytes):
            continue
        mark = one[1] if len(one) > 1 else None
        separator = word(mark) if isinstance(mark, bytes) and mark else None
        found.append(Namespace(name_of(cursor, one[0]), separator))
    return tuple(found)


def quota(cursor: Cursor) -> QuotaOf:
    """Return a QUOTA."""
    root = word(cursor.astring())
    cursor.spaces()
    found = cursor.words()
    resources: dict[str, tuple[int, int]] = {}
    for at in range(0, len(found) - 2, 3):
        used, limit = found[at + 1 : at + 3]
        if used.isdigit() and limit.isdigit() and max(len(used), len(limit)) < 20:
            resources[word(found[at]).upper()] = (int(used), int(limit))
    return QuotaOf(Quota(root, resources))


def quota_roots(cursor: Cursor) -> QuotaRoots:
    """Return a QUOTAROOT."""
    raw = cursor.astring()
    roots: list[str] = []
    while not cursor.at_end:
        cursor.spaces()
        roots.append(word(cursor.astring()))
    return QuotaRoots(name_of(cursor, raw), raw, tuple(roots))
