"""Turn octets of a mail into text, whatever their charset says.

Unknown, wrong and missing charsets are normal in mail. Names that mean a superset in practice are
read as that superset (the WHATWG Encoding Standard does the same for web pages); an unknown name
is answered by trying UTF-8 and then Windows-1252, which has a character for nearly every octet.
Encoded words (RFC 2047) are decoded wherever they stand, and neighbours of one charset together,
because many senders cut a character in two.

Nothing here raises on any octets, and time is linear. Only decoding lives here.
"""

from __future__ import annotations

import binascii
import codecs
import re
from encodings.aliases import aliases

from courriel.model.characters import scrubbed
from courriel.model.guessing import likely_charset
from courriel.model.japanese import from_windows

_ALIASES = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "x-ansi": "cp1252",
    "ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "korean": "cp949",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
}
_UTF8 = frozenset({"utf-8", *(name for name, codec in _ALIASES.items() if codec == "utf-8")})
# Every charset that Python has under a name of its own, and those that have no alias.
_CODECS = frozenset(aliases.values()) | {
    *("cp1006", "cp720", "cp737", "cp856", "cp874", "cp875", "koi8_t", "koi8_u", "mac_arabic"),
    *("mac_croatian", "mac_farsi", "mac_romanian", "utf_8_sig"),
}
_NO_NAME = re.compile(r"[^a-z0-9]+")
# Codecs of Python that are no charsets of mail; some of them take quadratic time.
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)
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
_CHARSET_LENGTH = 64


def decoded(octets: bytes, charset: str | None) -> tuple[str, bool]:
    """Return the text, and whether the octets were what ``charset`` promised."""
    if charset is None or charset.lower() in _UTF8:
        try:
            return octets.decode(), True
        except UnicodeDecodeError:
            return _guessed(octets), charset is None
    codec = _codec(charset)
    if codec is None:
        return _guessed(octets), False
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


def charset_in_html(octets: bytes) -> str | None:
    """Return the charset that HTML names in a ``meta`` element, for HTML that no header knows."""
    found = None if octets.isascii() else _META.search(octets, 0, _META_OCTETS)
    return None if found is None else found[1].decode("ascii")


def _codec(charset: str) -> str | None:
    # A comment may stand behind it: us-ascii (Plain text).
    name = charset.partition("(")[0].strip().strip("'\"").lower()[:_CHARSET_LENGTH]
    name = _ALIASES.get(name, name)
    if not _is_known(name):
        return None
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    try:
        # Some codecs turn octets into octets; they say so only when they are used.
        b"a".decode(codec)
    except LookupError:
        return None
    except ValueError:
        # One octet is no text in UTF-16, but it is a charset.
        return codec
    return None if codec.replace("-", "_") in _NO_CHARSETS else codec


def _is_known(name: str) -> bool:
    """Tell whether Python has a codec of that name, without asking its registry.

    The registry keeps every name it was ever asked for, also those of no codec:
    a mail must not fill it.
    """
    plain = _NO_NAME.sub("_", name).strip("_")
    return aliases.get(plain, plain) in _CODECS


def _guessed(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        # A cut or mixed text that is mostly UTF-8 stays readable as such.
        if error.start and not octets[: error.start].isascii():
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
    return value.decode("ascii") if value.isascii() else _guessed(value)


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
        octets = _run(text, start)
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
        pending += _word_octets(found[2], found[3])
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
    if start[2] in "qQ" and "=?=" not in inside:
        # From the right: from the left a long text is prepared anew for each find.
        whole = "".join(inside.rsplit(f"?= {begin}"))
        if f"?={begin}" in whole:
            whole = "".join(whole.rsplit(f"?={begin}"))
        return None if "?" in whole else _word_octets(start[2], whole)
    words = [word.rstrip() for word in inside.split(begin)]
    if inside.count("?") != len(words) - 1 or not all(w.endswith("?=") for w in words[:-1]):
        return None
    return b"".join(_word_octets(start[2], word.removesuffix("?=")) for word in words)


def _word_octets(encoding: str, payload: str) -> bytes:
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


def from_transfer(octets: bytes, encoding: str) -> tuple[bytes, str | None]:
    """Return a body without its Content-Transfer-Encoding (RFC 2045, 6), and a defect or None."""
    match encoding:
        case "base64":
            body, faithful = from_base64(octets)
            return body, None if faithful else "base64 with garbage"
        case "quoted-printable":
            # White space at the end of a line came in on the way (RFC 2045, 6.7, rule 3).
            return binascii.a2b_qp(_TRAILING.sub(b"", octets)), None
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
