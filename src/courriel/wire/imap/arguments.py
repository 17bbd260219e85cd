r"""Write the arguments of IMAP commands so that none can break out of its line.

::

    astring     = 1*ASTRING-CHAR / string                            RFC 3501, 9
    string      = quoted / literal
    quoted      = DQUOTE *QUOTED-CHAR DQUOTE
    QUOTED-CHAR = any TEXT-CHAR except quoted-specials / "\" quoted-specials

CR, LF and NUL are refused everywhere: an argument that holds one has no form at all. Text beyond
ASCII is quoted when the server has enabled UTF-8 (RFC 6855, 3), else it is a literal. Other
control characters may stand in quotes, because servers have folders with a tab in their name.

Every way to write an argument lives here, and nothing that knows a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from courriel.errors import Misused
from courriel.model.characters import excerpt
from courriel.model.flags import flags_of
from courriel.wire.imap.fragments import PLAIN, Dialect, Fragment, Literal

_QUOTED = 1_000
_OPERATION = "IMAP command"
_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def octets(value: str | bytes, what: str = "an argument") -> bytes:
    """Return ``value`` as octets without CR, LF and NUL, which nothing on a line may hold.

    Raises Misused for those, for lone surrogates and for what is no text.
    """
    if isinstance(value, str):
        try:
            value = value.encode()
        except UnicodeEncodeError:
            raise Misused(f"{what} holds a lone surrogate", operation=_OPERATION) from None
    if not isinstance(value, bytes):
        raise Misused(f"{what} must be a string, not {type(value).__name__}", operation=_OPERATION)
    for octet, name in ((b"\r", "a carriage return"), (b"\n", "a line feed"), (b"\0", "a NUL")):
        if octet in value:
            raise Misused(
                f"{what} holds {name}",
                operation=_OPERATION,
                hint="Remove it: it could end the line and start another command.",
            )
    return value


_ATOM = re.compile(r"[^\x00-\x20\x7f-\U0010ffff(){%*\"\\\]]+")


def atom(word: Any, what: str = "a word") -> bytes:
    r"""Return a word that can stand bare.

    ::

        atom          = 1*ATOM-CHAR                                     RFC 3501, 9
        ATOM-CHAR     = any CHAR except "(" / ")" / "{" / SP / CTL / "%" / "*" / DQUOTE / "\" / "]"
    """
    if not isinstance(word, str) or len(word) > _QUOTED or _ATOM.fullmatch(word) is None:
        raise Misused(f"{what} cannot be {excerpt(word)}", operation=_OPERATION)
    return word.encode("ascii")


# Fewer characters than ASTRING-CHAR has: real servers disagree on the others.
_BARE = re.compile(rb"[A-Za-z0-9._/@$+:=#~-]+")


def astring(value: str | bytes, dialect: Dialect = PLAIN, what: str = "an argument") -> Fragment:
    """Return ``value`` bare, quoted or as a literal, whichever is the first that can hold it.

    ::

        astring = 1*ASTRING-CHAR / string                               RFC 3501, 9
    """
    plain = octets(value, what)
    if len(plain) <= _QUOTED and _BARE.fullmatch(plain) and plain.upper() != b"NIL":
        return plain
    return string(plain, dialect, what)


def string(value: str | bytes, dialect: Dialect = PLAIN, what: str = "an argument") -> Fragment:
    """Return ``value`` quoted, or as a literal when it is long or quotes cannot hold it."""
    plain = octets(value, what)
    if len(plain) > _QUOTED or not (plain.isascii() or (dialect.utf8 and _is_utf8(plain))):
        return Literal(plain)
    return quoted(plain, what)


def quoted(value: str | bytes, what: str = "an argument") -> bytes:
    """Return ``value`` between quotation marks, however long it is."""
    plain = octets(value, what)
    return b'"' + plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def nstring(value: str | bytes | None, dialect: Dialect = PLAIN, what: str = "a value") -> Fragment:
    """Return ``NIL`` for None, else a string (RFC 3501, 9)."""
    return b"NIL" if value is None else string(value, dialect, what)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def number(value: Any, what: str, *, least: int = 0, most: int = 2**63 - 1) -> bytes:
    """Return a number of that range; raises Misused for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Misused(
            f"{what} cannot be {excerpt(value)}",
            operation=_OPERATION,
            hint=f"Give a whole number from {least} to {most}.",
        )
    return b"%d" % value


def partial_range(bounds: tuple[int, int]) -> bytes:
    """Return a part of a result: from its start, or with negative numbers from its end.

    ::

        partial-range = (nz-number ":" nz-number) / ("-" nz-number ":-" nz-number)   RFC 9394, 3.1
    """
    if bounds[0] < 0:
        return b"-%b:-%b" % tuple(_place(-end) for end in bounds)
    return b"%b:%b" % tuple(map(_place, bounds))


def _place(value: int) -> bytes:
    return number(value, "a place in a result", least=1, most=2**32 - 1)


def flag_list(flags: str | Iterable[str]) -> bytes:
    r"""Return flags in parentheses; ``\Recent``, which no client can set, is left out."""
    return b"(" + b" ".join(flag.encode("ascii") for flag in flags_of(flags)) + b")"


def date_text(value: date) -> bytes:
    """Return a day; of a moment, the day in its own zone.

    ::

        date-text = date-day "-" date-month "-" date-year               RFC 3501, 9
    """
    if not isinstance(value, date):
        raise Misused(f"a day cannot be {excerpt(value)}", operation=_OPERATION)
    return b"%d-%b-%04d" % (value.day, _MONTHS[value.month - 1], value.year)


def date_time(value: datetime) -> bytes:
    """Return a moment; one without a zone is local time.

    ::

        date-time      = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
        date-day-fixed = (SP DIGIT) / 2DIGIT                            RFC 3501, 9
    """
    if not isinstance(value, datetime):
        raise Misused(f"a moment cannot be {excerpt(value)}", operation=_OPERATION)
    if value.tzinfo is None:
        value = _local(value)
    minutes = (value.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return b'"%2d-%b-%04d %02d:%02d:%02d %c%02d%02d"' % (
        *(value.day, _MONTHS[value.month - 1], value.year),
        *(value.hour, value.minute, value.second),
        *(b"-" if minutes < 0 else b"+", hours, rest),
    )


def _local(value: datetime) -> datetime:
    try:
        return value.astimezone()
    except (OverflowError, ValueError, OSError):
        raise Misused(
            f"{value} has no local time zone", operation=_OPERATION, hint="Give it a tzinfo."
        ) from None
