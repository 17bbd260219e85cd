"""Write the parts of a message so that no relay changes them, before they are signed.

::

    8-bit octets, long lines            not every server takes them        RFC 8551, 3.1.3
    white space at the end of a line    relays take it out                 RFC 3156, 5
    "From " at its begin                mailboxes put ">" in front         RFC 3156, 5
    binary                              CR and LF in it are no line ends   RFC 2045, 6.2

Text becomes quoted-printable and everything else base64; what these say is what was there. A part
that needs nothing stays as it is, to the octet. So do messages inside the message, which must not
be encoded (RFC 2046, 5.2.1), and what is signed already.

Only this choice and its encodings live here.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from courriel.model.draft import base64_lines
from courriel.model.structure import Part, content_type, split, transfer_encoding
from courriel.model.transfer import Transfer

LINE = 998
"""Octets of a line without its end (RFC 5322, 2.1.1)."""

_CLOSED = frozenset({"multipart/signed", "multipart/encrypted"})
_WHOLE = ("multipart/", "message/")
_PLAIN = frozenset({"", "7bit", "8bit"})
_FRAIL = re.compile(rb"[ \t](?=\r?\n|\Z)|^From ", re.MULTILINE)
_FROM = re.compile(rb"^From ", re.MULTILINE)
_ENCODING = re.compile(
    rb"^content-transfer-encoding[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE
)
_LINE_END = re.compile(rb"\r\n?|\n")


def sturdy(source: bytes, form: Transfer) -> bytes:
    """Return a message whose parts survive: ``SEVEN_BIT`` any relay, ``EIGHT_BIT`` new line ends.

    It is the same octets when nothing in it is in danger.
    """
    pieces: list[bytes] = []
    at = 0
    for part in _leaves(split(source)[0]):
        written = _written(source, part, form)
        if written is not None:
            pieces += [source[at : part.begin], written]
            at = part.end
    return b"".join([*pieces, source[at:]]) if at else source


def _leaves(root: Part) -> Iterator[Part]:
    """Yield the parts that hold content, in the order in which they stand."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.parts and part.kind not in _CLOSED:
            waiting.extend(reversed(part.parts))
        elif not content_type(part.header, part.parent_kind)[0].startswith(_WHOLE):
            yield part


def _written(source: bytes, part: Part, form: Transfer) -> bytes | None:
    """Return a part in another encoding, or None when it may stay as it is."""
    header = source[part.begin : part.start]
    body = source[part.start : part.end]
    encoding = transfer_encoding(part.header).partition("(")[0].strip()
    if encoding == "binary":
        return _with(header, b"base64", base64_lines(body))
    if form is not Transfer.SEVEN_BIT or encoding not in _PLAIN or not _is_frail(body):
        return None
    if not part.kind.startswith("text/") or b"\0" in body:
        return _with(header, b"base64", base64_lines(body))
    text = _LINE_END.sub(b"\n", body)
    if len(text.translate(None, _ASCII)) > len(text) // 6:
        return _with(header, b"base64", base64_lines(text.replace(b"\n", b"\r\n")))
    return _with(header, b"quoted-printable", _quoted(text))


_ASCII = bytes(range(128))


def _is_frail(body: bytes) -> bool:
    if not body.isascii() or b"\0" in body or _FRAIL.search(body):
        return True
    return len(body) > LINE and max(map(len, body.splitlines())) > LINE


def _quoted(text: bytes) -> bytes:
    """Return a text of lines apart by LF as quoted-printable, no line of which begins ``From``."""
    quoted = _FROM.sub(b"Fro=\nm ", binascii.b2a_qp(text))
    return quoted.replace(b"\n", b"\r\n")


def _with(header: bytes, encoding: bytes, body: bytes) -> bytes | None:
    """Return a part with another encoding; None when its header has no end to write it at."""
    blank = b"\r\n" if header.endswith(b"\r\n") else b"\n"
    if not header.endswith(b"\n"):
        return None
    fields = _ENCODING.sub(b"", header.removesuffix(blank))
    return b"%sContent-Transfer-Encoding: %s%s%s%s" % (fields, encoding, blank, blank, body)
