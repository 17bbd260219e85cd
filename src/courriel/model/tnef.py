"""Read the files and the text that Outlook packs into ``winmail.dat`` ([MS-OXTNEF]).

::

    stream    = signature key *attribute                             2.1.3
    attribute = level id length data checksum                        2.1.3.2

A file begins with its attAttachRendData; its name stands in the MAPI properties of attAttachment
in full, in attAttachTitle as MS-DOS would have it. A message inside is a stream of its own: its
files are listed with the others, its text as a file. Text is there as such, as HTML or as RTF.

Nothing here raises, whatever the bytes are. Streams inside streams, files and octets are bounded;
time is size times the depth of streams. Only this format lives here; ``mapi`` reads properties.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from courriel.model import lzfu, mapi
from courriel.model.attachment import Attachment, guessed_type
from courriel.model.codepages import codec_of
from courriel.model.decoding import decoded
from courriel.model.limits import DEFAULT
from courriel.model.mapi import Property
from courriel.model.rtf import read_rtf

FILES = DEFAULT.mail_enclosed
DEPTH = DEFAULT.mail_tnef

SIGNATURE = struct.pack("<I", 0x223E9F78)
_ATTRIBUTE = struct.Struct("<BII")
_TITLE = 0x00018010
_SUBJECT = 0x00018004
_BODY = 0x0002800C
_DATA = 0x0006800F
_RENDERING = 0x00069002
_PROPERTIES = 0x00069003
_FILE = 0x00069005
_CODE_PAGE = 0x00069007

_PR_SUBJECT = 0x0037
_PR_BODY = 0x1000
_PR_RTF = 0x1009
_PR_HTML = 0x1013
_PR_DISPLAY_NAME = 0x3001
_PR_DATA = 0x3701
_PR_SHORT_NAME = 0x3704
_PR_LONG_NAME = 0x3707
_PR_TYPE = 0x370E
_PR_CONTENT_ID = 0x3712
_PR_HTML_CODE_PAGE = 0x3FDE

_OBJECT = 0x0D
_IID = 16
_KIND = re.compile(r"(?!multipart/)[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_INLINE_ID = re.compile(r"[!-;=?-~]{1,200}")

Range = tuple[int, int]


@dataclass(slots=True)
class _File:
    title: Range | None = None
    data: Range | None = None
    properties: dict[int, Property] = field(default_factory=dict)


@dataclass(slots=True)
class _Message:
    codec: str = "cp1252"
    subject: Range | None = None
    body: Range | None = None
    properties: dict[int, Property] = field(default_factory=dict)
    files: list[_File] = field(default_factory=list)


class Tnef:
    """What one ``winmail.dat`` holds: files, a text or HTML, and what is wrong with it."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.files: list[Attachment] = []
        self.defects: list[str] = []
        self._message: _Message | None = None
        self._room = lzfu.OCTETS
        waiting = [(0, len(octets), 0)]
        while waiting:
            start, end, depth = waiting.pop()
            if not octets.startswith(SIGNATURE, start, end):
                self.defects.append("TNEF without its signature")
                continue
            message = self._read(start, end)
            if not depth:
                self._message = message
            else:
                self._add_text(message, (start, end))
            inside = [self._add(file, message, depth) for file in message.files]
            waiting += [(*place, depth + 1) for place in reversed(inside) if place]
        self.defects = list(dict.fromkeys(self.defects))

    def body(self) -> tuple[str | None, bool]:
        """Return the text of the message, or its HTML, and whether it is HTML."""
        return (None, False) if self._message is None else self._body_of(self._message)

    def _attributes(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield the id of each attribute and where its data are."""
        position = start + 6
        while position + _ATTRIBUTE.size <= end:
            _, name, length = _ATTRIBUTE.unpack_from(self._octets, position)
            begin = position + _ATTRIBUTE.size
            behind = begin + length
            if behind + 2 > end:
                self.defects.append("TNEF that is cut")
                yield name, begin, min(behind, end)
                return
            (checksum,) = struct.unpack_from("<H", self._octets, behind)
            if sum(memoryview(self._octets)[begin:behind]) & 0xFFFF != checksum:
                self.defects.append("TNEF with a wrong checksum")
            yield name, begin, behind
            position = behind + 2

    def _read(self, start: int, end: int) -> _Message:
        message = _Message()
        for name, begin, stop in self._attributes(start, end):
            if name == _RENDERING:
                message.files.append(_File())
            elif name == _CODE_PAGE and stop - begin >= 4:
                message.codec = codec_of(struct.unpack_from("<I", self._octets, begin)[0])
            elif name == _SUBJECT:
                message.subject = (begin, stop)
            elif name == _BODY:
                message.body = (begin, stop)
            elif name == _PROPERTIES:
                message.properties = self._properties(begin, stop)
            elif name in {_TITLE, _DATA, _FILE}:
                if not message.files:
                    message.files.append(_File())
                self._fill(message.files[-1], name, begin, stop)
        return message

    def _fill(self, file: _File, name: int, begin: int, stop: int) -> None:
        if name == _TITLE:
            file.title = (begin, stop)
        elif name == _DATA:
            file.data = (begin, stop)
        else:
            file.properties = self._properties(begin, stop)

    def _properties(self, begin: int, stop: int) -> dict[int, Property]:
        found, complete = mapi.read_properties(self._octets, begin, stop)
        if not complete:
            self.defects.append("TNEF with unreadable properties")
        return found

    def _add(self, file: _File, message: _Message, depth: int) -> Range | None:
        """List a file; return where the stream is that it holds instead, or None."""
        place = file.data
        stored = file.properties.get(_PR_DATA)
        if stored is not None and (place is None or stored.kind == _OBJECT):
            skipped = _IID if stored.kind == _OBJECT else 0
            found = (min(stored.start + skipped, stored.end), stored.end)
            if skipped and self._octets.startswith(SIGNATURE, *found):
                if depth + 1 < DEPTH:
                    # What else there is only says that this is a message.
                    return found
                self.defects.append(f"TNEF nested deeper than {DEPTH}")
            place = place or found
        if place is None:
            return None
        name = self._name_of(file, message.codec)
        kind = (self._text(file, _PR_TYPE, message.codec) or "").strip().lower()
        known = kind if _KIND.fullmatch(kind) else guessed_type(name)
        raw_id = (self._text(file, _PR_CONTENT_ID, message.codec) or "").strip().strip("<>")
        inline_id = raw_id if _INLINE_ID.fullmatch(raw_id) else None
        self._list(name, self._loader(place), known, inline_id)
        return None

    def _list(
        self, name: str, load: Callable[[], bytes], kind: str, inline_id: str | None = None
    ) -> None:
        if len(self.files) >= FILES:
            self.defects.append(f"more than {FILES} files in TNEF")
            return
        name = name or f"attachment-{len(self.files) + 1}"
        self.files.append(Attachment.as_read(name, load, kind, inline_id))

    def _loader(self, place: Range) -> Callable[[], bytes]:
        return lambda: self._octets[place[0] : place[1]]

    def _add_text(self, message: _Message, place: Range) -> None:
        """List the text of a message inside; one with nothing to show, such as a contact, whole."""
        text, is_html = self._body_of(message)
        subject = self._subject_of(message) or "message"
        if text is None and not message.files and _PR_RTF not in message.properties:
            self._list(subject + ".dat", self._loader(place), "application/ms-tnef")
        elif text is not None:
            octets = text.encode("utf-8", "replace")
            kind, extension = ("text/html", ".html") if is_html else ("text/plain", ".txt")
            self._list(subject + extension, lambda: octets, kind)

    def _name_of(self, file: _File, codec: str) -> str:
        long = self._text(file, _PR_LONG_NAME, codec)
        title = self._line(file.title, codec)
        others = (self._text(file, name, codec) for name in (_PR_SHORT_NAME, _PR_DISPLAY_NAME))
        return long or title or next(filter(None, others), "")

    def _text(self, holder: _File | _Message, name: int, codec: str) -> str | None:
        return mapi.text_of(self._octets, holder.properties.get(name), codec)

    def _line(self, place: Range | None, codec: str) -> str:
        if place is None:
            return ""
        return decoded(self._octets[place[0] : place[1]], codec)[0].partition("\0")[0]

    def _subject_of(self, message: _Message) -> str:
        subject = self._text(message, _PR_SUBJECT, message.codec)
        return subject or self._line(message.subject, message.codec)

    def _body_of(self, message: _Message) -> tuple[str | None, bool]:
        text = self._text(message, _PR_BODY, message.codec)
        text = text or self._line(message.body, message.codec)
        if text.strip():
            return _lines(text), False
        html = message.properties.get(_PR_HTML)
        if html is not None:
            raw = self._octets[html.start : html.end]
            page = mapi.number_of(self._octets, message.properties.get(_PR_HTML_CODE_PAGE))
            codec = message.codec if page is None else codec_of(page)
            found = mapi.text_of(self._octets, html, codec) or decoded(raw, codec)[0]
            return _lines(found), True
        rtf = message.properties.get(_PR_RTF)
        if rtf is None:
            return None, False
        octets, defect = lzfu.unpacked(self._octets[rtf.start : rtf.end], self._room)
        self._room -= len(octets)
        if defect is not None:
            self.defects.append(defect)
        found, is_html = read_rtf(octets)
        return (_lines(found) if found.strip() else None), is_html


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\0")
