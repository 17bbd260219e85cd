"""Read the arguments of a command, one after the other (RFC 3501, 9).

::

    astring       = 1*ASTRING-CHAR / string
    string        = quoted / literal
    sequence-set  = (seq-number / seq-range) *("," (seq-number / seq-range))
    flag-list     = "(" [flag *(SP flag)] ")"
    date          = date-text / DQUOTE date-text DQUOTE
    date-text     = 1*2DIGIT "-" date-month "-" 4DIGIT

It is read as it stands: what a kind server would let pass is refused here, since that is how a
program learns of its fault before a less kind one tells it. Only reading lives here; every method
takes what it names from the front or raises Misused, which becomes BAD.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from courriel.sandbox.imap.intake import Request, check_line
from courriel.sandbox.imap.replies import bad
from courriel.sandbox.imap.sets import SequenceSet

__all__ = ["Arguments"]

_ATOM = re.compile(rb"[!#$&'+-\[^-z|}~]+")
_ASTRING = re.compile(rb"[!#$&'+-\[\]^-z|}~]+")
_PATTERN = re.compile(rb"[!#-'*+,-\[\]^-z|}~]+")
_QUOTED = re.compile(rb'"((?:[^"\\\x80-\xff]|\\["\\])*)"')
_QUOTED_UTF8 = re.compile(rb'"((?:[^"\\]|\\["\\])*)"')
_LITERAL = re.compile(rb"(~?)\{[0-9]{1,20}\+?\}")
_NUMBER = re.compile(rb"[0-9]{1,20}")
_SET = re.compile(rb"[0-9*:,]+")
_FLAG = re.compile(rb"\\?[!#$&'+-\[^-z|}~]+")
_DATE_TEXT = re.compile(rb"[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}")
_DATE = re.compile(r"([ 0-9]?[0-9])-([A-Za-z]{3})-([0-9]{4})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOST = 2**63


class Arguments:
    """What is left of a command. With ``utf8`` quoted strings may have 8-bit octets (RFC 6855)."""

    def __init__(self, request: Request, *, utf8: bool = False) -> None:
        check_line(request.text)
        self._text = request.text
        self._literals = iter(request.literals)
        self._at = 0
        self._quoted = _QUOTED_UTF8 if utf8 else _QUOTED

    @property
    def rest(self) -> bytes:
        """The text that has not been read."""
        return self._text[self._at :]

    def at_end(self) -> bool:
        """Tell whether everything has been read."""
        return self._at == len(self._text)

    def end(self) -> None:
        """Take the end."""
        if not self.at_end():
            raise bad("There is something behind the last argument")

    def peek(self, octets: bytes) -> bool:
        """Tell whether these octets come next."""
        return self._text.startswith(octets, self._at)

    def skip(self, octets: bytes) -> bool:
        """Take these octets if they come next."""
        if not self.peek(octets):
            return False
        self._at += len(octets)
        return True

    def take(self, octets: bytes) -> None:
        """Take these octets."""
        if not self.skip(octets):
            wanted = "a space" if octets == b" " else octets.decode()
            raise bad(f"The command wants {wanted} at octet {self._at}")

    def space(self) -> None:
        """Take one space."""
        self.take(b" ")

    def atom(self) -> bytes:
        """Take an atom."""
        return self._matched(_ATOM, "an atom")

    def word(self) -> str:
        """Take an atom that names something, and return it in upper case."""
        return self.atom().decode("ascii").upper()

    def matching(self, pattern: re.Pattern[bytes]) -> bytes:
        """Take what a pattern matches, which may be nothing."""
        return self._matched(pattern, "something else")

    def number(self) -> int:
        """Take a number; more than 63 bits are refused (RFC 9051, 9: number64)."""
        number = int(self._matched(_NUMBER, "a number"))
        if number >= _MOST:
            raise bad("The number is too large")
        return number

    def astring(self) -> bytes:
        """Take an astring."""
        if self._text[self._at : self._at + 1] in (b'"', b"{", b"~"):
            return self.string()
        return self._matched(_ASTRING, "an astring")

    def pattern(self) -> bytes:
        """Take a list-mailbox: an astring that may have wildcards."""
        if self._text[self._at : self._at + 1] in (b'"', b"{"):
            return self.string()
        return self._matched(_PATTERN, "a pattern")

    def string(self) -> bytes:
        """Take a string, quoted or literal."""
        if self.peek(b'"'):
            text = self._matched(self._quoted, "a quoted string")[1:-1]
            return re.sub(rb"\\(.)", rb"\1", text) if b"\\" in text else text
        octets, binary = self.literal()
        if binary:
            raise bad("A literal8 stands only in APPEND")
        return octets

    def nstring(self) -> bytes | None:
        """Take a string or NIL."""
        if self._text[self._at : self._at + 3].upper() == b"NIL":
            self._at += 3
            return None
        return self.string()

    def literal(self) -> tuple[bytes, bool]:
        """Take a literal; also tells whether it is a literal8 (RFC 3516, 4.4)."""
        binary = self._matched(_LITERAL, "a literal").startswith(b"~")
        octets = next(self._literals, None)
        if octets is None:
            raise bad("A literal stands at the end of a line")
        if b"\0" in octets and not binary:
            raise bad("There is a NUL in a literal (RFC 3501, 9: CHAR8)")
        return octets, binary

    def sequence_set(self) -> SequenceSet:
        """Take a sequence-set."""
        return SequenceSet.read(self._matched(_SET, "a sequence set"))

    def flags(self) -> list[str]:
        """Take flags between parentheses."""
        self.take(b"(")
        flags: list[str] = []
        while not self.skip(b")"):
            if flags:
                self.space()
            flags.append(self.flag())
        return flags

    def flag(self) -> str:
        r"""Take a flag; ``\Recent`` cannot be given (RFC 3501, 2.3.2)."""
        flag = self._matched(_FLAG, "a flag").decode("ascii")
        if flag.startswith("\\") and flag.lower() not in _SYSTEM_FLAGS:
            raise bad("There is no such system flag, or it cannot be set")
        return flag

    def date(self) -> date:
        """Take a date."""
        quoted = self.skip(b'"')
        day = _day(self._matched(_DATE_TEXT, "a date"))
        if quoted:
            self.take(b'"')
        return day

    def date_time(self) -> datetime:
        """Take a date-time (RFC 3501, 9), which is always quoted."""
        text = self.string()
        found = _TIME.fullmatch(text[12:].decode("ascii", "replace"))
        if len(text) != 26 or found is None:
            raise bad('A date is written as "17-Jul-1996 02:44:25 -0700"')
        day = _day(text[:11])
        hour, minute, second = (int(found[number]) for number in (1, 2, 3))
        offset = timedelta(hours=int(found[5]), minutes=int(found[6]))
        try:
            zone = timezone(-offset if found[4] == "-" else offset)
            moment = datetime(
                day.year, day.month, day.day, hour, minute, min(second, 59), tzinfo=zone
            )
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise bad("There is no such date") from None

    def _matched(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise bad(f"The command wants {what} at octet {self._at}")
        self._at = found.end()
        return found[0]


_SYSTEM_FLAGS = frozenset(("\\answered", "\\flagged", "\\deleted", "\\seen", "\\draft"))


def _day(text: bytes) -> date:
    found = _DATE.fullmatch(text.decode("ascii", "replace"))
    if found is None or found[2].lower() not in _MONTHS:
        raise bad("A date is written as 17-Jul-1996")
    try:
        return date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
    except ValueError:
        raise bad("There is no such date") from None
