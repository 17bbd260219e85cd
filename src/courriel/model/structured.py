"""Write header fields by what they hold: addresses, a grammar of their own, or text.

::

    list-id = [phrase] "<" identifier ">"                        RFC 2919, 3

Text is encoded where it has to be, and so are the names in front of addresses. In a field with a
grammar of its own an encoded word means nothing: it holds ASCII and is folded at its spaces, and
what it cannot hold is refused, never encoded. Only the name in front of an identifier is text of
people, and encoded like one (RFC 2047, 5).

Only this rule lives here, for new messages and for changed headers; ``folding`` shapes the lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from courriel.errors import Misused
from courriel.model.address import addresses
from courriel.model.folding import LINE_OCTETS, address_words, phrase_words, text_words

__all__ = ["PEOPLE", "field_words", "structured_words"]

_NAMED = "list-id"
_STRUCTURED = frozenset(
    """
    date resent-date message-id resent-message-id in-reply-to references mime-version content-type
    content-transfer-encoding content-disposition content-id content-language received return-path
    dkim-signature authentication-results autocrypt list-id list-post list-help list-owner
    list-archive list-subscribe list-unsubscribe list-unsubscribe-post auto-submitted
    """.split()  # noqa: SIM905 - A list of thirty strings is thirty lines.
)
PEOPLE = frozenset(
    """
    from sender reply-to to cc bcc resent-from resent-sender resent-to resent-cc resent-bcc
    errors-to return-receipt-to disposition-notification-to mail-followup-to mail-reply-to
    """.split()  # noqa: SIM905 - A list of sixteen strings is sixteen lines.
)
"""Fields that hold addresses."""

_PHRASE = re.compile(r"\s*([^<>]*?)\s*(<[^<>]*>)\s*")
_ESCAPED = re.compile(r"\\(.)")


def field_words(name: str, value: str, *, operation: str, utf8: bool = False) -> list[str]:
    """Return the words of any field. Raises Misused for what cannot stand in it.

    ``utf8``: the header may hold UTF-8 (RFC 6532); it does in any case where
    an address cannot be written otherwise.
    """
    if name.lower() in PEOPLE:
        people = addresses(value)
        return address_words(name, people, utf8=utf8 or any(one.needs_utf8 for one in people))
    words = structured_words(name, value, operation=operation)
    return text_words(name, value, utf8=utf8) if words is None else [*words]


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
