"""Write parts of a ready-made message in another encoding; every other octet stays as it is.

What a part says is the same behind it: text becomes quoted-printable, or base64 where that is
shorter, and everything else base64. What is signed or encrypted is closed: nobody may change it.

::

    Content-Transfer-Encoding       RFC 2045, 6      8bit to 7bit by a gateway      RFC 6152, 3

Only this lives here. Which parts want it is for others to say, but for ``seven_bit``: those that a
server without 8BITMIME does not take.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator

from courriel.model.draft import base64_lines
from courriel.model.structure import DEPTH, Part, content_type, split, transfer_encoding

__all__ = ["encoded", "leaves", "replaced", "seven_bit", "with_body"]

_CLOSED = frozenset({"multipart/signed", "multipart/encrypted"})
_WHOLE = ("multipart/", "message/")
_RAW = frozenset({"", "7bit", "8bit", "binary"})
_ASCII = bytes(range(128))
_FROM = re.compile(rb"^From ", re.MULTILINE)
_LINE_END = re.compile(rb"\r\n?|\n")
_ENCODING = re.compile(
    rb"^content-transfer-encoding[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE
)


def seven_bit(source: bytes) -> bytes:
    """Return a message with its parts in ASCII, as far as they may be encoded anew.

    What is signed may not, by whatever way, nor what is no MIME. Octets above
    127 that stay are for the caller to find.
    """
    root = split(source)[0]
    if not _may_change(root):
        return source
    parts = leaves(source, root, inside=True)
    return replaced(source, ((part, _in_ascii(source, part)) for part in parts))


def leaves(source: bytes, root: Part, *, inside: bool = False) -> Iterator[Part]:
    """Yield the parts that hold content, in the order in which they stand.

    ``inside`` yields those of messages inside the message too, which are never
    encoded as a whole (RFC 2046, 5.2.1).
    """
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.parts and part.kind not in _CLOSED:
            waiting.extend(reversed(part.parts))
        elif not content_type(part.header, part.parent_kind)[0].startswith(_WHOLE):
            yield part
        elif inside and part.kind == "message/rfc822" and part.depth < DEPTH and _is_raw(part):
            message = split(source, part.start, part.end, depth=part.depth + 1)[0]
            if _may_change(message):
                waiting.append(message)


def _may_change(message: Part) -> bool:
    """Tell whether a message is MIME, and no signature in its header covers its body."""
    header = message.header
    return header.first("mime-version") is not None and header.first("dkim-signature") is None


def _is_raw(part: Part) -> bool:
    return transfer_encoding(part.header).partition("(")[0].strip() in _RAW


def _in_ascii(source: bytes, part: Part) -> bytes | None:
    if source[part.start : part.end].isascii() or not _is_raw(part):
        return None
    return encoded(source, part)


def replaced(source: bytes, parts: Iterable[tuple[Part, bytes | None]]) -> bytes:
    """Return a message with parts, in order, written anew; those with None stay as they are."""
    pieces: list[bytes] = []
    at = 0
    for part, written in parts:
        if written is not None:
            pieces += [source[at : part.begin], written]
            at = part.end
    return b"".join([*pieces, source[at:]]) if at else source


def encoded(source: bytes, part: Part) -> bytes | None:
    """Return a part that was not encoded as lines of ASCII; None when it cannot be."""
    body = source[part.start : part.end]
    if not part.kind.startswith("text/") or b"\0" in body:
        return with_body(source, part, b"base64", base64_lines(body))
    text = _LINE_END.sub(b"\n", body)
    if len(text.translate(None, _ASCII)) > len(text) // 6:
        return with_body(source, part, b"base64", base64_lines(text.replace(b"\n", b"\r\n")))
    return with_body(source, part, b"quoted-printable", _quoted(text))


def _quoted(text: bytes) -> bytes:
    """Return a text of lines apart by LF as quoted-printable, no line of which begins ``From``."""
    quoted = _FROM.sub(b"Fro=\nm ", binascii.b2a_qp(text))
    return quoted.replace(b"\n", b"\r\n")


def with_body(source: bytes, part: Part, encoding: bytes, body: bytes) -> bytes | None:
    """Return a part with another body; None when its header has no end to name its encoding at."""
    header = source[part.begin : part.start]
    blank = b"\r\n" if header.endswith(b"\r\n") else b"\n"
    if not header.endswith(b"\n"):
        return None
    fields = _ENCODING.sub(b"", header.removesuffix(blank))
    return b"%sContent-Transfer-Encoding: %s%s%s%s" % (fields, encoding, blank, blank, body)
