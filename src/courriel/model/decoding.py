"""Turn octets of a mail into text, whatever their charset says.

Unknown, wrong and missing charsets are normal in mail. Octets that plainly are not what their
charset says are read as what they are; an unknown name is answered by trying UTF-8 and then a
guess, which ends with Windows-1252: that has a character for nearly every octet. Encoded words
(RFC 2047) are decoded wherever they stand, and neighbours of one charset together, because many
senders cut a character in two.

Nothing here raises on any octets, and time is linear. Only decoding lives here; ``charsets`` knows
the names.
"""

from __future__ import annotations

import binascii
import re

from courriel.model.characters import scrubbed
from courriel.model.charsets import codec_named
from courriel.model.guessing import likely_charset
from courriel.model.japanese import from_windows

_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_MAY_HOLD_SURROGATES = ("utf-7", "utf-16", "utf-32")
_SURROGATE = re.compile("[\ud800-\udfff]")
# A question mark should not stand in a word, but some senders write a few.
_WORD = re.compile(r"=\?([^?\s]{1,70})\?([bBqQ])\?([^?]*(?:(?<!=)\?(?!=)[^?]*){0,8})\?=", re.DOTALL)
_WORD_START = re.compile(r"=\?([^?\s]{1,70})\?([bBqQ])\?")
_NOT_BASE64 = bytes(
    octet
    for octet in range(256)
    if octet not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)
# Where browsers look for it: in the first kibibyte (HTML, 13.2.3.2).
_META = re.compile(
    rb"<meta\s[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_META_OCTETS = 1_024
_TRAILING = re.compile(rb"(?<![ \t])[ \t]++(?=\r*\n|\Z)")
_STRETCH = 16 * 1024
_WIDE = ("utf-16", "utf-32")
_SURE = 6
"""Octets more than characters with which what reads as UTF-8 does not do so by chance."""
_RAW_WORD = re.compile(rb"=\?([!-)+->@-~]{1,70})(?:\*[!->@-~]*)?\?[bBqQ]\?")
_BASE64 = bytes(octet for octet in range(256) if octet not in _NOT_BASE64) + b"=\r\n"
_FOOTER = 1_024
_PADDED = 4
"""Octets from the first padding to the end: two of it, and a line end."""
# What a list writes behind base64: words with spaces between. Base64 may have spaces too.
_LINE_OF_WORDS = re.compile(rb"^[^\S\n]*\S+[^\S\n]+\S+[^\S\n]+\S.*$", re.MULTILINE)
_LETTERS = re.compile(rb"[A-Za-z]?[a-z]+")
_FOR_URLS = re.compile(rb"[A-Za-z0-9][-_]{1,2}[A-Za-z0-9]")


def decoded(octets: bytes, charset: str | None) -> tuple[str, bool]:
    """Return the text, and whether the octets were what ``charset`` promised."""
    if charset is None or charset.lower() in _UTF8:
        if b"\x1b$" in octets and octets.isascii():
            # Japanese in seven bits: ASCII that changes to another set within.
            text, faithful = decoded(octets, "iso-2022-jp")
            if faithful:
                return text, charset is None
        try:
            return octets.decode(), True
        except UnicodeDecodeError:
            return _guessed(octets), charset is None
    codec = codec_named(charset)
    if codec is None or (codec.startswith(_WIDE) and b"\0" not in octets and octets.isascii()):
        return _guessed(octets), False
    if not (octets.isascii() or codec.startswith("utf")):
        other = _unlike(octets, codec)
        if other is not None:
            return other, False
    try:
        text, faithful = octets.decode(codec), True
    except (UnicodeError, ValueError):
        if codec == "utf-8":
            return _guessed(octets), False
        if codec.startswith("iso2022_jp"):
            return from_windows(octets)
        text, faithful = octets.decode(codec, "replace"), False
    if codec.startswith(_MAY_HOLD_SURROGATES):
        text = _SURROGATE.sub("\ufffd", text)
    return text, faithful


def _unlike(octets: bytes, codec: str) -> str | None:
    """Return octets that plainly are not of a charset, read as what they are, or None."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        # Seven bits are enough for ISO-2022-JP; programs that forget to convert leave EUC-JP.
        if codec.startswith("iso2022_jp") and likely_charset(octets) == "euc_jp":
            return octets.decode("euc_jp", "replace")
        return None
    # A word or two may read as UTF-8 by chance.
    sure = codec.startswith("iso2022_") or len(octets) - len(text) >= _SURE
    return text if sure else None


def charset_in_html(octets: bytes) -> str | None:
    """Return the charset that HTML names in a ``meta`` element, for HTML that no header knows."""
    found = None if octets.isascii() else _META.search(octets, 0, _META_OCTETS)
    if found is None or found[1].lower().startswith((b"utf-16", b"utf-32")):
        # What could be read octet by octet is in neither of these (HTML, 13.2.3.2).
        return None
    return found[1].decode("ascii")


def _guessed(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        # A cut or mixed text that is mostly UTF-8 stays readable as such.
        cut = error.reason == "unexpected end of data" and error.start < len(octets) - 1
        if cut or (error.start and not octets[: error.start].isascii()):
            return octets.decode("utf-8", "replace")
        return octets.decode(likely_charset(octets), "replace")


def in_utf8(octets: bytes, charset: str | None) -> bytes:
    """Return octets that are no UTF-8 in it, when they are what ``charset`` promises."""
    # In a header, only a charset that holds ASCII as it is can be meant.
    if not charset or decoded(b"<A=>", charset)[0] != "<A=>":
        return octets
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        text, faithful = decoded(octets, charset)
        return text.encode("utf-8", "replace") if faithful else octets
    return octets


def unfolded(value: bytes) -> str:
    """Return the value of a header field on one line, its octets decoded, its words not."""
    value = value.strip(b" \t\r\n")
    if b"\n" in value or b"\r" in value:
        value = value.translate(None, b"\r\n")
    if b"\x1b" in value and (b"\x1b$" in value or b"\x1b(" in value):
        # Japanese without any encoding: ISO-2022-JP is ASCII with escapes.
        return decoded(value, "iso-2022-jp")[0]
    if value.isascii():
        return value.decode("ascii")
    word = _RAW_WORD.search(value)
    # Octets that should have been encoded are in the charset of the words around them.
    return _guessed(value if word is None else in_utf8(value, word[1].decode("ascii")))


def header_text(value: bytes) -> str:
    """Return what an unstructured header field says: unfolded, decoded, on one line."""
    text = unfolded(value)
    if "=?" not in text and text.isascii() and text.isprintable():
        # The usual case: there is nothing to do.
        return text
    return scrubbed(decoded_words(text))


def decoded_words(text: str) -> str:
    """Return ``text`` with its encoded words (RFC 2047) decoded; other text stays."""
    if "=?" not in text:
        return text
    start = _WORD_START.match(text)
    if start is not None and text.endswith("?="):
        octets = _run(text, start) if text.isascii() else None
        if octets is not None:
            return decoded(octets, start[1].partition("*")[0].lower())[0]
    pieces: list[str] = []
    pending = bytearray()
    pending_charset: str | None = None
    end = 0
    for found in _WORD.finditer(text):
        between = text[end : found.start()]
        charset = found[1].partition("*")[0].lower()
        # White space between two encoded words is only folding (RFC 2047, 6.2).
        adjacent = pending_charset is not None and (not between or between.isspace())
        if not (adjacent and charset == pending_charset):
            if pending_charset is not None:
                pieces.append(decoded(bytes(pending), pending_charset)[0])
                pending.clear()
            if not adjacent:
                pieces.append(between)
        pending += _word_octets(found[2], found[3], charset)
        pending_charset = charset
        end = found.end()
    if pending_charset is not None:
        pieces.append(decoded(bytes(pending), pending_charset)[0])
    pieces.append(text[end:])
    return "".join(pieces)


def _run(text: str, start: re.Match[str]) -> bytes | None:
    """Return the octets of a text that is nothing but words which all begin alike, or None."""
    begin = start[0]
    inside = text[len(begin) : -2]
    by_b = start[2] in "bB"
    if not by_b and "=?=" in inside:
        return None
    # From the right: from the left a long text is prepared anew for each find.
    pieces = inside.rsplit(f"?= {begin}")
    whole = "".join(pieces)
    if f"?={begin}" in whole:
        pieces = inside.replace(f"?={begin}", f"?= {begin}").rsplit(f"?= {begin}")
        whole = "".join(pieces)
    if "?" in whole:
        return None
    if not by_b:
        return _word_octets(start[2], whole)
    try:
        if "=" not in whole[:-2] and not any(len(piece) & 3 for piece in pieces):
            return binascii.a2b_base64(whole)
        return b"".join(map(binascii.a2b_base64, pieces))
    except ValueError:
        return b"".join([_word_octets("b", piece) for piece in pieces])


def _word_octets(encoding: str, payload: str, charset: str = "ascii") -> bytes:
    try:
        octets = payload.encode("ascii" if payload.isascii() else codec_named(charset) or "utf-8")
    except UnicodeError:
        octets = payload.encode("utf-8", "replace")
    if encoding in "bB":
        return from_base64(octets)[0]
    return binascii.a2b_qp(octets, header=True)


def from_base64(octets: bytes) -> tuple[bytes, bool]:
    """Return what base64 says, and whether it was well formed; garbage is skipped."""
    try:
        return binascii.a2b_base64(octets), True
    except ValueError:
        clean = octets.translate(None, _NOT_BASE64)
        if len(clean) % 4 == 1:
            clean = clean[:-1]
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4)), False


def _from_base64_lines(octets: bytes) -> tuple[bytes, str | None]:
    """Return a body in base64, without the text that a mailing list put behind it."""
    prose = -1
    junk = octets[-_FOOTER:].translate(None, _BASE64)
    if junk:
        prose = _prose(octets)
        if prose < 0 and not junk.strip(b"-_") and _FOR_URLS.search(octets, len(octets) - _FOOTER):
            octets = octets.translate(bytes.maketrans(b"-_", b"+/"))
    if prose < 0:
        pad = octets.find(b"=")
        if 0 <= pad < len(octets) - _PADDED and not junk:
            return _from_units(octets, pad)
        body, faithful = from_base64(octets)
        return body, None if faithful else "base64 with garbage"
    if not octets[:prose].strip():
        return octets, "base64 that is none"
    return from_base64(octets[:prose])[0], "base64 with garbage"


def _from_units(octets: bytes, pad: int) -> tuple[bytes, str | None]:
    """Return what base64 says that was encoded a piece at a time, each with its own padding."""
    rest = octets[pad:].lstrip(b"=")
    if not rest.strip() or rest[:1] not in {b"\r", b"\n"}:
        body, faithful = from_base64(octets)
        return body, None if faithful else "base64 with garbage"
    pieces = [from_base64(unit)[0] for unit in re.split(rb"=+", octets)]
    return b"".join(pieces), "base64 with padding inside"


def _prose(octets: bytes) -> int:
    """Return where the first line of words begins, or -1; base64 has pieces of four and more."""
    for line in _LINE_OF_WORDS.finditer(octets):
        if any(len(word) % 4 and _LETTERS.fullmatch(word) for word in line[0].split()):
            return line.start()
    return -1


def _trimmed(octets: bytes) -> bytes:
    """Return lines without white space at their ends, made a stretch at a time.

    Every place where something is left out costs a hundred octets until all are joined.
    """
    pieces: list[bytes] = []
    start = 0
    while start < len(octets):
        end = octets.find(b"\n", start + _STRETCH) + 1 or len(octets)
        pieces.append(_TRAILING.sub(b"", octets[start:end]))
        start = end
    return b"".join(pieces)


def from_transfer(octets: bytes, encoding: str) -> tuple[bytes, str | None]:
    """Return a body without its Content-Transfer-Encoding (RFC 2045, 6), and a defect or None."""
    match encoding:
        case "base64":
            return _from_base64_lines(octets)
        case "quoted-printable":
            # White space at the end of a line came in on the way (RFC 2045, 6.7, rule 3).
            return binascii.a2b_qp(_trimmed(octets)), None
        case "" | "7bit" | "8bit" | "binary":
            return octets, None
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            from courriel.model.uuencoded import without_files

            files = without_files(octets)[1]
            return (files[0].content(), None) if files else (octets, "uuencode without a file")
        case _ if "(" in encoding:
            # A comment: quoted-printable (mostly).
            return from_transfer(octets, encoding.partition("(")[0].strip())
        case _:
            return octets, f"unknown transfer encoding {encoding[:40]!r}"
