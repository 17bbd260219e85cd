r"""Turn RTF into text, and take HTML out of RTF in which Outlook has wrapped it.

::

    group = "{" *(text / control-word / control-symbol / group) "}"
    control-word = "\" 1*letter ["-"] *digit [SP]
    html = *( "{\*\htmltag" number *… "}" / text outside "\htmlrtf" … "\htmlrtf0" )
                                                                    [MS-OXRTFEX], 2.1.3

Groups that are no text (fonts, colours, pictures, everything after ``\*`` that is not known) are
dropped. Octets are those of the one code page that the text names.

The text is walked once, without recursion; groups inside groups beyond a bound count as one.
Nothing here raises, time is linear. Only this reading lives here.
"""

from __future__ import annotations

import re

from courriel.model.codepages import codec_of
from courriel.model.decoding import decoded
from courriel.model.limits import DEFAULT

OCTETS = DEFAULT.mail_rtf
DEPTH = 1_000
"""Groups inside groups that are told apart; Word writes fewer than thirty."""

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])"
    rb"|([^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
_CODE_PAGE = re.compile(rb"\\ansicpg([0-9]{1,5})")
_DROPPED = frozenset(
    b"""
    fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl footerr
    listtable listoverridetable revtbl rsidtbl generator themedata datastore xmlnstbl fldinst
    """.split()
)
_WORDS = {
    b"par": "\n",
    b"line": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"row": "\n",
    b"cell": "\t",
    b"tab": "\t",
    b"emdash": "\u2014",
    b"endash": "\u2013",
    b"bullet": "\u2022",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"emspace": "\u2003",
    b"enspace": "\u2002",
}
_SYMBOLS = {
    **{symbol: symbol.decode() for symbol in (b"\\", b"{", b"}")},
    b"~": "\u00a0",
    b"_": "\u2011",
    b"\n": "\n",
    b"\r": "\n",
}


def read_rtf(octets: bytes) -> tuple[str, bool]:
    """Return the text of RTF, or the HTML that it wraps, and whether it is HTML."""
    octets = octets[:OCTETS]
    wraps = b"\\fromhtml" in octets[:1_000]
    reader = _Reader(octets, html=wraps)
    reader.read()
    return reader.finished(), wraps


class _Group:
    """What holds inside one pair of braces."""

    __slots__ = ("dropped", "fallback", "hidden", "starred")

    def __init__(self, around: _Group | None = None) -> None:
        self.dropped: bool = around is not None and around.dropped
        self.hidden: bool = around is not None and around.hidden
        self.fallback: int = 1 if around is None else around.fallback
        self.starred = False


class _Reader:
    """Walks the tokens once and collects text."""

    def __init__(self, octets: bytes, *, html: bool) -> None:
        page = _CODE_PAGE.search(octets, 0, 1_000)
        self.octets = octets
        self.html = html
        self.codec = codec_of(int(page[1])) if page else "cp1252"
        self.group = _Group()
        self.around: list[_Group] = []
        self.deeper = 0
        self.pending = bytearray()
        self.pieces: list[str] = []
        self.skip = 0

    def read(self) -> None:
        """Collect everything that is text."""
        position = 0
        while position < len(self.octets):
            token = _TOKEN.match(self.octets, position)
            if token is None:
                break
            position = token.end()
            if token[6] is not None:
                self._text(token[6])
            elif token[1] is not None:
                number = int(token[2]) if token[2] else None
                if token[1] == b"bin":
                    position += max(0, number or 0)
                else:
                    self._word(token[1], number)
            elif token[5] is not None:
                self._brace(token[5])
            elif token[3] is not None:
                self._text(bytes([int(token[3], 16)]))
            elif token[4] is not None:
                self._symbol(token[4])

    def finished(self) -> str:
        """Return the text."""
        self._flush()
        text = "".join(self.pieces)
        # Characters beyond the first plane come in two halves.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _brace(self, brace: bytes) -> None:
        self.skip = 0
        if brace == b"{":
            if len(self.around) < DEPTH:
                self.around.append(self.group)
                self.group = _Group(self.group)
            else:
                self.deeper += 1
        elif self.deeper:
            self.deeper -= 1
        elif self.around:
            self.group = self.around.pop()

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.group.starred = True
        elif symbol in _SYMBOLS:
            self._put(_SYMBOLS[symbol])

    def _word(self, word: bytes, number: int | None) -> None:
        group = self.group
        if group.starred:
            group.starred = False
            if not (self.html and word == b"htmltag"):
                group.dropped = True
        elif word in _DROPPED:
            group.dropped = True
        elif word == b"htmlrtf":
            group.hidden = number != 0
        elif word == b"uc":
            group.fallback = min(max(number or 0, 0), 16)
        elif word == b"u" and number is not None:
            self._put(chr(number & 0xFFFF))
            # What stands behind is for readers that do not know Unicode.
            self.skip = group.fallback
        elif word in _WORDS:
            self._put(_WORDS[word])

    def _text(self, text: bytes) -> None:
        if self.skip:
            skipped = min(self.skip, len(text))
            self.skip -= skipped
            text = text[skipped:]
        if not self._silent():
            self.pending += text

    def _put(self, text: str) -> None:
        self.skip = 0
        if not self._silent():
            self._flush()
            self.pieces.append(text)

    def _silent(self) -> bool:
        return self.group.dropped or (self.html and self.group.hidden)

    def _flush(self) -> None:
        if self.pending:
            self.pieces.append(decoded(bytes(self.pending), self.codec)[0])
            self.pending.clear()
