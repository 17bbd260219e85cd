"""Make a file name out of whatever a mail calls its attachment.

A name in a mail is chosen by whoever sent it: it may climb out of the directory, name a device,
hide its extension behind direction marks or spaces, or be as long as a book. What comes out is one
plain name: no directory, no reserved name, no control or direction-changing character, of bounded
length. Every attachment has such a name; the one to save it under has also no leading dot or dash,
no character that some file system refuses, and none that cannot be seen.

Only that cleaning, the list of further names to try, and the names of parts that have none, live
here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

NAME_OCTETS = 180
"""File systems allow 255; the rest is room for a number and for encryption overlays."""
SHOWN_OCTETS = 3 * 255
"""NTFS allows 255 characters."""
EXTENSION_OCTETS = 20

_NAMELESS = "attachment"
_RESERVED = re.compile(r"(?:con|prn|aux|nul|(?:clock|conin|conout)\$|(?:com|lpt)[0-9¹²³])", re.I)
_SPECIAL = re.compile(r'[<>:"|?*]')
_SPACES = re.compile(r"\s+")
_BLANK = {0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0}
_TURNING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LONGEST = 4_096
_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/rfc822-headers": ".txt",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
}
# A name that needs no cleaning: no reserved one has as many letters in front of its dot.
_ORDINARY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{5,100}\.[A-Za-z0-9]{1,10}")


def safe_name(name: str, *, default: str = _NAMELESS) -> str:
    """Return a name under which a file may be saved in a directory of the user's choice."""
    if _ORDINARY.fullmatch(name):
        return name
    import unicodedata

    name = _last_part(name)
    visible = [
        character
        for character in unicodedata.normalize("NFC", name)
        if character == " " or not _is_invisible(character, unicodedata.category(character))
    ]
    name = _SPECIAL.sub("_", _SPACES.sub(" ", "".join(visible)))
    name = name.strip().rstrip(". ")
    if not name:
        return default
    if name[0] in ".-~" or _is_reserved(name):
        name = "_" + name
    return _shortened(name, NAME_OCTETS)


def shown_name(name: str) -> str:
    """Return the name of a file as an attachment has it: nothing in it leads astray.

    Empty when nobody gave one.
    """
    if _ORDINARY.fullmatch(name):
        return name
    if not name.strip():
        return ""
    name = _TURNING.sub("", _last_part(name)).strip()
    if not name.strip(". "):
        return _NAMELESS
    return _shortened(f"_{name}" if _is_reserved(name) else name, SHOWN_OCTETS)


def _last_part(path: str) -> str:
    return path[-_LONGEST:].replace("\\", "/").rpartition("/")[2]


def _is_reserved(name: str) -> bool:
    """Tell whether Windows takes it for a device, whatever its extension."""
    return _RESERVED.fullmatch(name.partition(".")[0].rstrip()) is not None


def made_up(number: int, kind: str) -> str:
    """Return a name for a part of that type that has none: ``part-3.png``."""
    return f"part-{number}{_EXTENSIONS.get(kind, '.bin')}"


def candidates(name: str) -> Iterator[str]:
    """Yield ``report.pdf``, ``report (2).pdf``, ``report (3).pdf`` and so on, without end."""
    yield name
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    number = 2
    while True:
        yield f"{stem} ({number}){dot}{extension}"
        number += 1


def _is_invisible(character: str, category: str) -> bool:
    if category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return True
    return ord(character) in _BLANK


def _shortened(name: str, most: int) -> str:
    if len(name.encode()) <= most:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > EXTENSION_OCTETS:
        stem, dot, extension = name, "", ""
    room = most - len(extension.encode()) - len(dot)
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + dot + extension
