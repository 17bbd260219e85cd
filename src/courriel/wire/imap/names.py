"""Write names of folders as IMAP does, and read whatever servers write.

::

    modified UTF-7                                                      RFC 3501, 5.1.3
    printable ASCII but "&" stands for itself, "&" is "&-";
    anything else is UTF-16BE in base64 with "," for "/", without "=", between "&" and "-",
    never two such runs side by side, never printable ASCII within one

Every name can be read, and be written again exactly as it was: an octet that does not follow these
rules is read as the character U+DC00 plus its value, as Python reads file names, and written as
that octet. So ``encoded(decoded(raw)) == raw`` for all octets (security H16), and
``decoded(encoded(name)) == name`` for all Unicode. What people see of a name is ``Folder.shown``;
what a caller may type is for ``flows.foldernames``, since here any character can be written.

With UTF-8 enabled (RFC 6855, 3) names are UTF-8 and the rules above are void.

Only the spelling of names lives here; what is a parent of what is the model's.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64

from courriel.errors import Misused
from courriel.model.characters import excerpt

_READ = re.compile(
    rb"(?P<text>[\x20-\x25\x27-\x7e]+)|(?P<ampersand>&-)"
    rb"|&(?P<run>[A-Za-z0-9+,]+)-|(?P<odd>[\x00-\xff])"
)
_WRITTEN = re.compile(
    "(?P<text>[\x20-\x25\x27-\x7e]+)|(?P<ampersand>&)"
    "|(?P<odd>[\udc00-\udcff])|(?P<run>[^\x20-\x7e\udc00-\udcff]+)"
)
_PRINTABLE = re.compile("[\x20-\x7e]")
_UTF8_WRITTEN = re.compile("(?P<odd>[\udc00-\udcff]+)|[^\udc00-\udcff]+")
_ODD_BASE = 0xDC00
_OPERATION = "folder"


def decoded(raw: bytes, *, utf8: bool = False) -> str:
    """Return the name that ``raw`` spells; never raises, and loses nothing."""
    if utf8:
        return raw.decode("utf-8", "surrogateescape")
    name: list[str] = []
    place, after_run = 0, False
    while found := _READ.match(raw, place):
        place = found.end()
        kind = found.lastgroup
        run = None if kind != "run" or after_run else _text_of(found["run"])
        after_run = run is not None
        if run is not None:
            name.append(run)
        elif kind == "text":
            name.append(found["text"].decode("ascii"))
        elif kind == "ampersand":
            name.append("&")
        else:
            # A run that we would have written otherwise: its "&" is odd, the rest is text.
            name.append(chr(_ODD_BASE + raw[found.start()]))
            place = found.start() + 1
    return "".join(name)


def encoded(name: str, *, utf8: bool = False) -> bytes:
    """Return the octets of a name.

    Raises Misused for what is no string, and for surrogates that no reading
    gives. In UTF-8, CR, LF and NUL are refused where the command is made.
    """
    if not isinstance(name, str):
        raise Misused(
            f"a folder's name must be a string, not {type(name).__name__}", operation=_OPERATION
        )
    try:
        if utf8:
            return b"".join(map(_utf8_of, _UTF8_WRITTEN.finditer(name)))
        return b"".join(map(_octets_of, _WRITTEN.finditer(name)))
    except UnicodeEncodeError:
        raise Misused(
            f"the folder's name {excerpt(name)} holds a lone surrogate", operation=_OPERATION
        ) from None


def _octets_of(piece: re.Match[str]) -> bytes:
    match piece.lastgroup:
        case "text":
            return piece[0].encode("ascii")
        case "ampersand":
            return b"&-"
        case "odd":
            return _odd_octets(piece[0])
        case _:
            return _run_of(piece[0])


def _utf8_of(piece: re.Match[str]) -> bytes:
    return _odd_octets(piece[0]) if piece.lastgroup == "odd" else piece[0].encode()


def _odd_octets(text: str) -> bytes:
    return bytes(ord(character) - _ODD_BASE for character in text)


def _text_of(run: bytes) -> str | None:
    """Return the text of one base64 run, or None when we would have written it otherwise."""
    try:
        octets = a2b_base64(run.replace(b",", b"/") + b"=" * (-len(run) % 4))
        text = octets.decode("utf-16-be")
    except (Base64Error, UnicodeDecodeError):
        return None
    ours = bool(text) and not _PRINTABLE.search(text) and _run_of(text) == b"&%b-" % run
    return text if ours else None


def _run_of(text: str) -> bytes:
    base64 = b2a_base64(text.encode("utf-16-be"), newline=False)
    return b"&" + base64.rstrip(b"=\n").replace(b"/", b",") + b"-"
