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
from collections.abc import Iterable
from itertools import islice
from urllib.parse import unquote_to_bytes

from courriel.model.characters import scrubbed
from courriel.model.decoding import decoded, decoded_words

SEGMENTS = 1_000
"""Segments of one parameter that are read; a file name of 60 KiB is long enough."""
PARAMETERS = 2_000
"""Parameters of one field that are read."""

# A name is only looked for where a word begins; a value without quotes may hold spaces, up to the
# next word with an equals sign.
_PARAMETER = re.compile(
    r"(?<![^\s=;\"])([^\s=;\"]{1,200})\s*=\s*"
    r"(?:\"((?:[^\"\\]|\\.)*)\"?|([^;\s]*(?:[^\S;]+[^;=\s\"]+(?=[\s;]|$))*))",
    re.DOTALL,
)
_SEGMENT = re.compile(r"([^*]+)(?:\*(\d{1,6}))?(\*)?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parsed(value: str) -> tuple[str, dict[str, str]]:
    """Return the value in lower case, and its parameters, names in lower case, decoded."""
    main, _, rest = value.partition(";")
    written = islice(_PARAMETER.finditer(rest), PARAMETERS)
    pairs = (
        (found[1], found[3] if found[2] is None else _unescaped(found[2])) for found in written
    )
    return main.strip().lower(), assembled(pairs)


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


def _unescaped(quoted: str) -> str:
    # A Windows path in quotes is a path, not a list of escapes.
    if re.match(r"[A-Za-z]:\\|\\\\", quoted):
        return quoted
    return _ESCAPED.sub(r"\1", quoted)


def _joined(numbered: dict[int, tuple[str, bool]]) -> str:
    if -1 in numbered:
        ordered = [numbered[-1]]
    else:
        ordered = []
        while len(ordered) in numbered and len(ordered) < SEGMENTS:
            ordered.append(numbered[len(ordered)])
    if not ordered:
        return ""
    charset: str | None = None
    first, extended = ordered[0]
    if extended and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
        ordered[0] = (first, True)
    octets = b"".join(
        unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
        for text, encoded in ordered
    )
    return scrubbed(decoded(octets, charset or None)[0]).strip()
