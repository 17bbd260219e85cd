"""Write header fields that have a grammar of their own, in which an encoded word means nothing.

::

    list-id = [phrase] "<" identifier ">"                        RFC 2919, 3

Such a field holds ASCII and is folded at its spaces; what it cannot hold is refused, never encoded.
Only the name in front of an identifier is text of people, and encoded like one (RFC 2047, 5).

Only this rule lives here, for new messages and for changed headers; ``folding`` shapes the lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from courriel.errors import Misused
from courriel.model.folding import LINE_OCTETS, phrase_words

__all__ = ["structured_words"]

_NAMED = "list-id"
_STRUCTURED = frozenset(
    """
    date resent-date message-id resent-message-id in-reply-to references mime-version content-type
    content-transfer-encoding content-disposition content-id content-language received return-path
    dkim-signature authentication-results autocrypt list-id list-post list-help list-owner
    list-archive list-subscribe list-unsubscribe list-unsubscribe-post auto-submitted
    """.split()  # noqa: SIM905 - A list of thirty strings is thirty lines.
)
_PHRASE = re.compile(r"\s*([^<>]*?)\s*(<[^<>]*>)\s*")
_ESCAPED = re.compile(r"\\(.)")


def structured_words(name: str, value: str, *, operation: str) -> Sequence[str] | None:
    """Return the words of a field with a grammar of its own, None for any other field.

    Raises Misused for what cannot stand in it.
    """
    lowered = name.lower()
    if lowered not in _STRUCTURED:
        return None
    words = value.split()
    if lowered == _NAMED and not value.isascii():
        words = _named(value) or words
    if not all(map(str.isascii, words)):
        raise Misused(
            f"the header {name} can only hold ASCII",
            operation=operation,
            hint="Encode it as the specification of this field says.",
        )
    if any(len(word) > LINE_OCTETS - len(name) - 2 for word in words):
        raise Misused(
            f"the header {name} holds a word that no line can carry",
            operation=operation,
            hint=f"Keep every part of it under {LINE_OCTETS - len(name) - 2} octets.",
        )
    return words


def _named(value: str) -> list[str] | None:
    """Return the words of a name and an identifier, None when it is not that."""
    found = _PHRASE.fullmatch(value)
    if found is None or not found[2].isascii():
        return None
    phrase = found[1]
    if len(phrase) > 1 and phrase[0] == phrase[-1] == '"':
        phrase = _ESCAPED.sub(r"\1", phrase[1:-1])
    return [*phrase_words(phrase), *found[2].split()]
