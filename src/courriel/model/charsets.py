"""Find the codec that reads a charset, whatever a mail calls it.

::

    charset = what Python knows, and the labels of the WHATWG Encoding Standard (4.2)
            / 8859 and a part of it, such as iso88591, 8859_15, iso-8859-8-i
            / a code page of Windows, such as x-cp1251, windows1252, win-1250

Names that mean a superset in practice give that superset, as the WHATWG Encoding Standard does for
web pages. What stands behind a name that is plain, glued to it, is not looked at.

Nothing raises, and nothing is kept. Only names live here; ``decoding`` decodes.
"""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases

from courriel.model.codepages import codec_of

__all__ = ["codec_named"]

_ALIASES = {
    "ansi": "cp1252",
    "big-5": "big5",
    "cn-big5": "big5",
    "csbig5": "big5",
    "cseuckr": "euc_kr",
    "cseucpkdfmtjapanese": "euc_jp",
    "csgb2312": "gb2312",
    "csiso88596e": "iso8859-6",
    "csiso88596i": "iso8859-6",
    "csiso88598e": "iso8859-8",
    "csiso88598i": "iso8859-8",
    "csisolatin9": "iso8859-15",
    "csksc56011987": "euc_kr",
    "csmacintosh": "mac_roman",
    "csunicode": "utf-16",
    "eucjp-ms": "euc_jp",
    "eucjpms": "euc_jp",
    "gb-2312": "gb2312",
    "gb_18030": "gb18030",
    "gb_2312": "gb2312",
    "gb_2312-80": "gb2312",
    "iso-10646-ucs-2": "utf-16",
    "iso-ir-149": "euc_kr",
    "koi": "koi8-r",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "ks_c_5601-1989": "euc_kr",
    "ksc_5601": "euc_kr",
    "logical": "iso8859-8",
    "mac": "mac_roman",
    "sun_eu_greek": "iso8859-7",
    "ucs-2": "utf-16",
    "unicode": "utf-16",
    "unicode11utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode20utf8": "utf-8",
    "unicodefeff": "utf-16-le",
    "unicodefffe": "utf-16-be",
    "unknown-8bit": "utf-8",
    "visual": "iso8859-8",
    "windows-31j": "cp932",
    "x-ansi": "cp1252",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gbk",
    "x-iso-2022-jp-ms": "iso2022_jp",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-greek": "mac_greek",
    "x-mac-icelandic": "mac_iceland",
    "x-mac-roman": "mac_roman",
    "x-mac-turkish": "mac_turkish",
    "x-mac-ukrainian": "mac_cyrillic",
    "x-sjis": "shift_jis",
    "x-unicode20utf8": "utf-8",
    "x-unknown": "utf-8",
    "x-x-big5": "big5",
}
_SUPERSETS = {
    "ascii": "utf-8",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso2022_jp": "iso2022_jp_ext",
    "iso8859-1": "cp1252",
    "iso8859-11": "cp874",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "tis-620": "cp874",
}
# Every charset that Python has under a name of its own, and those that have no alias.
_CODECS = frozenset(aliases.values()) | {
    *("cp1006", "cp720", "cp737", "cp856", "cp874", "cp875", "koi8_t", "koi8_u", "mac_arabic"),
    *("mac_croatian", "mac_farsi", "mac_romanian", "utf_8_sig"),
}
# Codecs of Python that are no charsets of mail; some of them take quadratic time.
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)
_NO_NAME = re.compile(r"[^a-z0-9]+")
_ISO_8859 = re.compile(r"(?:x-)?(?:iso)?[-_ ]?8859[-_ ]?(\d{1,2})(?!\d)")
_CODE_PAGE = re.compile(r"(?:x-)?(?:cp|windows|win|ibm|ms|dos)[-_ ]?(\d{3,5})(?!\d)")
_UTF_8 = re.compile(r"(?:x-|windows-)?utf[-_ ]?8")
_ASCII = re.compile(r"(?:x-)?(?:us[-_ ]?)?ascii")
_LENGTH = 64


def codec_named(charset: str) -> str | None:
    """Return the name of the codec of Python that reads a charset, or None for an unknown one."""
    # A comment may stand behind it: us-ascii (Plain text). And =3D is an equals sign.
    name = charset.partition("(")[0].strip().lower()[:_LENGTH].removeprefix("charset=")
    name = name.removeprefix("3d").strip("'\"")
    name = _ALIASES.get(name, name)
    if not _is_known(name):
        name = _derived(name)
        if not _is_known(name):
            return None
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    codec = _SUPERSETS.get(codec, codec)
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


def _derived(name: str) -> str:
    """Return the name that Python has for a number in a name, or nothing."""
    part = _ISO_8859.match(name)
    if part is not None:
        return f"iso8859-{int(part[1])}"
    page = _CODE_PAGE.match(name)
    if page is not None:
        return codec_of(int(page[1]))
    if _UTF_8.match(name):
        return "utf-8"
    return "ascii" if _ASCII.match(name) else ""
