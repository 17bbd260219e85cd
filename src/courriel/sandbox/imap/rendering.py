"""Write ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501, 7.4.2).

::

    envelope     = "(" date subject from sender reply-to to cc bcc in-reply-to message-id ")"
    body         = "(" (body-type-1part / body-type-mpart) ")"
    body-fields  = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP body-fld-octets
    body-ext-1part = md5 SP dsp SP lang SP loc

Field values stay as they are written, encoded words included, but for folds. What has been written
once is kept in the message's memo. The functions call themselves for parts of parts, as deep as a
tree may be.
"""

from __future__ import annotations

import re

from courriel.sandbox.imap.people import addresses
from courriel.sandbox.imap.replies import nstring, parenthesised, string
from courriel.sandbox.imap.tree import Node, tree_of
from courriel.sandbox.stored import StoredMessage

__all__ = ["body_structure", "envelope"]

_PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))', re.DOTALL)
_VALUE = re.compile(rb"[^;\s]*")
_PARAMETERS = 100
_ENCODING = re.compile(rb"[!-~]{1,100}")


def envelope(message: StoredMessage) -> bytes:
    """Return the ENVELOPE of a message."""
    written = message.memo.get("envelope")
    if written is None:
        written = message.memo["envelope"] = _envelope(tree_of(message))
    assert isinstance(written, bytes)
    return written


def body_structure(message: StoredMessage, *, extended: bool) -> bytes:
    """Return the BODYSTRUCTURE of a message; BODY when not ``extended``."""
    key = "bodystructure" if extended else "body"
    written = message.memo.get(key)
    if written is None:
        written = message.memo[key] = _body(tree_of(message), extended=extended)
    assert isinstance(written, bytes)
    return written


def _envelope(node: Node) -> bytes:
    senders = addresses(_unfolded(node, "from"))
    texts = [nstring(_unfolded(node, name)) for name in ("date", "subject")]
    people = [senders]
    # RFC 3501, 7.4.2: sender and reply-to are those of From where there are none.
    for name in ("sender", "reply-to"):
        own = addresses(_unfolded(node, name))
        people.append(senders if own == b"NIL" else own)
    people += [addresses(_unfolded(node, name)) for name in ("to", "cc", "bcc")]
    ids = [nstring(_unfolded(node, name)) for name in ("in-reply-to", "message-id")]
    return parenthesised([*texts, *people, *ids])


def _body(node: Node, *, extended: bool) -> bytes:
    if node.children:
        return _multipart(node, extended=extended)
    kind, _, subtype = node.kind.encode("utf-8", "replace").partition(b"/")
    octets = node.part.end - node.part.start
    items = [
        string(kind.upper()),
        string(subtype.upper()),
        _parameters(_unfolded(node, "content-type"), default=kind == b"text"),
        nstring(_unfolded(node, "content-id")),
        nstring(_unfolded(node, "content-description")),
        _encoding(node),
        b"%d" % octets,
    ]
    if node.message is not None:
        items += [_envelope(node.message), _body(node.message, extended=extended)]
    if node.message is not None or kind == b"text":
        items.append(b"%d" % _lines(node))
    if extended:
        items.append(nstring(_unfolded(node, "content-md5")))
        items += _extension(node)
    return parenthesised(items)


def _multipart(node: Node, *, extended: bool) -> bytes:
    parts = b"".join(_body(child, extended=extended) for child in node.children)
    subtype = node.kind.partition("/")[2].upper().encode("utf-8", "replace")
    items = [parts, string(subtype)]
    if extended:
        items.append(_parameters(_unfolded(node, "content-type"), default=False))
        items += _extension(node)
    return parenthesised(items)


def _extension(node: Node) -> list[bytes]:
    """Return disposition, language and location."""
    disposition = _unfolded(node, "content-disposition")
    written = b"NIL"
    if disposition is not None:
        word = _VALUE.match(disposition)
        kind = word[0].upper() if word is not None else b""
        written = parenthesised([string(kind), _parameters(disposition, default=False)])
    languages = [word.strip() for word in (_unfolded(node, "content-language") or b"").split(b",")]
    listed = [string(word) for word in languages if word]
    return [
        written,
        listed[0] if len(listed) == 1 else parenthesised(listed) if listed else b"NIL",
        nstring(_unfolded(node, "content-location")),
    ]


def _parameters(value: bytes | None, *, default: bool) -> bytes:
    """Return the parameters as they are written; a text without any is US-ASCII."""
    words: list[bytes] = []
    for found in _PARAMETER.finditer(value or b""):
        given = found[3] if found[2] is None else re.sub(rb"\\(.)", rb"\1", found[2])
        words += [string(found[1].upper()), string(given)]
        if len(words) >= 2 * _PARAMETERS:
            break
    if not words and default:
        return b'("CHARSET" "US-ASCII")'
    return parenthesised(words) if words else b"NIL"


def _encoding(node: Node) -> bytes:
    found = _ENCODING.match((node.part.header.first("content-transfer-encoding") or b"").strip())
    return string(found[0].upper()) if found is not None else b'"7BIT"'


def _lines(node: Node) -> int:
    lines = node.source.count(b"\n", node.part.start, node.part.end)
    # A last line without its end is one, too.
    unended = node.part.end > node.part.start and node.source[node.part.end - 1] != 0x0A
    return lines + unended


def _unfolded(node: Node, name: str) -> bytes | None:
    value = node.part.header.first(name)
    if value is None:
        return None
    return re.sub(rb"\r*\n(?=[ \t])|[\r\n\0]", b"", value).strip()
