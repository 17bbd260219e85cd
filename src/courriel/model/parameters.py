"""Read the value and the parameters of Content-Type and Content-Disposition, however written.

::

    value *(";" name "=" (token / quoted-string))             RFC 2045, 5.1
    name*0*=charset'language'percent-encoded                   RFC 2231, 3 and 4

The extended form wins over the plain one; numbered segments are put together in order up to the
first that is missing; of two with one number the first counts. A plain value may hold encoded
words although RFC 2047, 5 forbids it: Outlook writes them.

Nothing here raises, time is linear. Only this reading lives here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from courriel.model.characters import scrubbed
from courriel.model.decoding import decoded, decoded_words
from courriel.model.limits import DEFAULT

SEGMENTS = DEFAULT.mail_segments
PARAMETERS = 2_000
"""Parameters of one field that are read."""

_WORD = r"=\?[^?\s;]{1,70}\?[bBqQ]\?[^?\s;]*\?="
# A name is only looked for where a word begins; a value without quotes may hold spaces, up to the
# next word with an equals sign, and encoded words, which end with one. What is repeated is
# possessive or counted, because every round is remembered at a hundred octets; a round behind a
# backslash fails at its first two characters (see wire/imap/lexis about Python 3.11).
_PARAMETER = re.compile(
    r"(?<![^\s=;\"])([^\s=;\"]{1,200})\s*=\s*"
    r"(?:\"(\"(?=[^\s;])[^;]*+|[^\"\\]*+(?:\\.[^\"\\]*+)*+)\"?|"
    rf"({_WORD}(?:\s+{_WORD})*[^;\s]*|[^;\s]*(?:[^\S;]+[^;=\s\"]+(?=[\s;]|$)){{0,1000}}))",
    re.DOTALL,
)
_SEGMENT = re.compile(r"([^*]+)(?:\*(\d{1,6}))?(\*)?")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_OCTETS = [bytes([octet]) for octet in range(256)]
_REMARK = re.compile(r"\([^()]*\)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parsed(value: str) -> tuple[str, dict[str, str]]:
    """Return the value in lower case, and its parameters, names in lower case, decoded."""
    main, _, rest = value.partition(";")
    if "=" in main:
        # The first semicolon is missing.
        main, rest = _without_semicolon(value)
    if "(" in main:
        main = _REMARK.sub("", main)
    written = islice(_PARAMETER.finditer(rest), PARAMETERS)
    pairs = (
        (found[1], _bare(found[3]) if found[2] is None else _unescaped(found[2]))
        for found in written
    )
    return main.strip().lower(), assembled(pairs)


def is_cut(value: str) -> bool:
    """Tell whether a value has more parameters, or segments of one, than are read."""
    if value.count("=") <= SEGMENTS:
        return False
    names = [found[1].lower() for found in islice(_PARAMETER.finditer(value), PARAMETERS + 1)]
    segments = Counter(name.partition("*")[0] for name in names if "*" in name)
    return len(names) > PARAMETERS or any(count > SEGMENTS for count in segments.values())


def assembled(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters that ``pairs`` write, segments put together, names in lower case."""
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, text in islice(pairs, PARAMETERS):
        name = name.lower()
        parts = _SEGMENT.fullmatch(name)
        if parts is None or (parts[2] is None and parts[3] is None):
            plain.setdefault(name, scrubbed(decoded_words(text)).strip())
            continue
        number = -1 if parts[2] is None else int(parts[2])
        segments.setdefault(parts[1], {}).setdefault(number, (text, parts[3] is not None))
    for name, numbered in segments.items():
        text = _joined(numbered)
        if text or name not in plain:
            plain[name] = text
    return plain


def _without_semicolon(value: str) -> tuple[str, str]:
    """Return what stands before the first parameter, and the rest."""
    words = value.split(None, 1)
    if "=" in words[0]:
        return "", value
    return words[0], words[-1]


def _bare(text: str) -> str:
    # Some programs escape the quotes as if they stood inside others.
    return text[2:-2] if text.startswith('\\"') and text.endswith('\\"') else text


def _unquoted(text: str) -> bytes:
    return _PERCENT.sub(lambda found: _OCTETS[int(found[1], 16)], text.encode("utf-8", "replace"))


def _unescaped(quoted: str) -> str:
    if quoted.startswith('"'):
        # Quotes around a name that has some itself.
        return quoted.replace('"', "")
    # A Windows path in quotes is a path, not a list of escapes.
    if re.match(r"[A-Za-z]:\\|\\\\", quoted):
        return quoted
    return _ESCAPED.sub(r"\1", quoted)


def _joined(numbered: dict[int, tuple[str, bool]]) -> str:
    if -1 in numbered:
        ordered = [numbered[-1]]
    else:
        # Some programs count from one.
        first_number = 0 if 0 in numbered else 1
        ordered = []
        while first_number + len(ordered) in numbered and len(ordered) < SEGMENTS:
            ordered.append(numbered[first_number + len(ordered)])
    if not ordered:
        return ""
    charset: str | None = None
    first, extended = ordered[0]
    if extended and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
        ordered[0] = (first, True)
    octets = b"".join(
        _unquoted(text) if encoded else text.encode("utf-8", "replace") for text, encoded in ordered
    )
    return scrubbed(decoded(octets, charset or None)[0]).strip()
