"""Say in words what is wrong with a mail, when somebody asks.

Reading forgives nearly everything, so nothing of this stands in its way: the header, the lines and
the encodings are looked at here once more, and only for ``Email.defects``. What is merely unusual
is no fault: lines that end with LF throughout, UTF-8 in a header (RFC 6532).

Nothing here raises, time is linear, and one part at a time is decoded. Only the finding of faults
lives here; those of the structure come from ``structure``, those of texts from ``decoding``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from courriel.model.address import Address
from courriel.model.charsets import codec_named
from courriel.model.decoding import decoded, from_base64, from_transfer, unfolded
from courriel.model.limits import DEFAULT
from courriel.model.parameters import is_cut
from courriel.model.report import STATUSES, beyond
from courriel.model.structure import Header, Part, has_kind, transfer_encoding
from courriel.model.unsubscribing import has_more_links

_ONCE = frozenset(
    """
    sender reply-to to cc bcc message-id in-reply-to references subject date mime-version
    content-type content-transfer-encoding content-disposition content-id
    """.split()  # noqa: SIM905 - A list of fifteen strings is fifteen lines.
)
"""Fields of which there is one at most (RFC 5322, 3.6, RFC 2045); From is counted elsewhere."""

_PLAIN = frozenset({"", "7bit", "8bit", "binary"})
_LINE = 998
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"
_BROKEN_QUOTED = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*+(?:\r*\n|\Z))")
_WORD = re.compile(r"=\?([^?\s]{1,70})\?([A-Za-z])\?([^?\s]*+)(\?=)?")
_ADDRESS = re.compile(
    r"(?:[^\s<>@,;:\"()\[\]\\]+|\"[^\r\n]*\")@(?:[^\s<>@,;:\"()\[\]\\]+|\[[^\s]+\])"
)


def of_lines(source: bytes, root: Part) -> Iterator[str]:
    """Yield what is wrong with the lines of a mail."""
    pairs = source.count(b"\r\n")
    binary = any(transfer_encoding(part.header) == "binary" for part in every(root))
    if pairs and not binary:
        if source.count(b"\n") > pairs:
            yield "lines that end with LF among others"
        if source.count(b"\r") > pairs:
            yield "CR that ends no line"
    start, end = 0, len(source)
    while end - start > _LINE and not binary:
        # The last line end that may come is looked for, so that few are looked at.
        found = source.rfind(b"\n", start, start + _LINE + 2)
        if found < 0:
            if end - start > _LINE + 2 or source.find(b"\r", start + _LINE - 1) < 0:
                yield f"a line longer than {_LINE} octets"
            return
        start = found + 1


def every(root: Part) -> Iterator[Part]:
    """Yield the message and its parts, of all levels, in their order."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(part.parts))


def of_parts(source: bytes, root: Part) -> Iterator[str]:
    """Yield what is wrong with the headers and the encodings of all parts."""
    for part in every(root):
        yield from _of_header(part.header, source[part.begin : part.start])
        encoding = transfer_encoding(part.header)
        if part.kind.startswith("multipart/"):
            if encoding not in _PLAIN:
                yield f"a multipart in {encoding[:40]!r}"
        elif not part.parts and encoding not in _PLAIN:
            yield from _of_body(source[part.start : part.end], encoding)
        if part.kind in STATUSES and beyond(source, part):
            yield f"more than {DEFAULT.report_recipients} recipients in a report"


def _of_body(octets: bytes, encoding: str) -> Iterator[str]:
    if encoding == "quoted-printable":
        if _BROKEN_QUOTED.search(octets):
            yield "quoted-printable with garbage"
        return
    defect = from_transfer(octets, encoding)[1]
    if defect is not None:
        yield defect
    elif encoding == "base64" and octets.translate(None, _ALPHABET):
        yield "base64 with garbage"


def _of_header(header: Header, octets: bytes) -> Iterator[str]:
    if b"\0" in octets:
        yield "NUL in the header"
    if not octets.isascii() and not decoded(octets, "utf-8")[1]:
        yield "octets in the header that are neither ASCII nor UTF-8"
    counted = Counter(name.lower() for name, _ in header.fields)
    for name, times in counted.items():
        if times > 1 and name in _ONCE:
            yield f"more than one {name.title().replace('Id', 'ID').replace('Mime', 'MIME')} field"
    if "content-type" in counted and not has_kind(header):
        yield "a Content-Type that is none"
    for name in ("content-type", "content-disposition"):
        value = header.first(name)
        if value is not None and is_cut(unfolded(value)):
            yield "more parameters, or pieces of one, than are read"
    for _, value in header.fields:
        if b"=?" in value:
            yield from _of_words(unfolded(value))


def _of_words(text: str) -> Iterator[str]:
    """Yield what is wrong with the encoded words of a field (RFC 2047, 2 and 5)."""
    for found in _WORD.finditer(text):
        charset, encoding, payload, end = found.groups()
        charset = charset.partition("*")[0].lower()
        if end is None or not _is_word(encoding.lower(), payload):
            yield "a broken encoded word"
        elif codec_named(charset) is None:
            yield f"an encoded word in an unknown charset {charset[:40]!r}"


def _is_word(encoding: str, payload: str) -> bool:
    octets = payload.encode("utf-8", "replace")
    if encoding == "b":
        return from_base64(octets)[1] and not octets.translate(None, _ALPHABET)
    return encoding == "q" and octets.isascii() and _BROKEN_QUOTED.search(octets) is None


def of_people(header: Header, name: str, people: Sequence[Address]) -> Iterator[str]:
    """Yield what is wrong with the addresses of a field."""
    if not all(_ADDRESS.fullmatch(person.address) for person in people):
        yield f"an unreadable address in {name.title()}"
    elif not people and any(v.strip() and b":" not in v for v in header.every(name)):
        yield f"no readable address in {name.title()}"
    if name == "from" and len(people) > 1 and header.first("sender") is None:
        yield "several authors and no Sender field"


def of_links(value: str) -> Iterator[str]:
    """Yield what is wrong with a List-Unsubscribe field."""
    if has_more_links(value):
        yield f"more than {DEFAULT.mail_links} links in List-Unsubscribe"
