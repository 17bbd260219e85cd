"""Make of a message the text that SEARCH and SORT look at: decoded, and in one case.

What is short is kept in the message's memo; bodies are decoded each time.
"""

from __future__ import annotations

from datetime import date, datetime

from courriel.model import dates, decoding
from courriel.sandbox.imap.tree import Node, tree_of
from courriel.sandbox.stored import StoredMessage

__all__ = ["body_text", "field_text", "header_text", "sent_at", "sent_on"]


def field_text(message: StoredMessage, name: str) -> str | None:
    """Return the values of all fields of that name, None when there are none."""
    values = tree_of(message).part.header.every(name)
    if not values:
        return None
    return "\n".join(decoding.header_text(value) for value in values).casefold()


def header_text(message: StoredMessage) -> str:
    """Return the whole header."""
    text = message.memo.get("header text")
    if text is None:
        fields = tree_of(message).part.header.fields
        text = "\n".join(f"{name}: {decoding.header_text(value)}" for name, value in fields)
        text = message.memo["header text"] = text.casefold()
    assert isinstance(text, str)
    return text


def body_text(message: StoredMessage) -> str:
    """Return all texts of the body, those of attached messages and their headers included."""
    texts: list[str] = []
    waiting = [tree_of(message)]
    while waiting:
        node = waiting.pop()
        waiting += reversed(node.children)
        if node.message is not None:
            header = node.message.part.header
            texts += [decoding.header_text(value) for _, value in header.fields]
            waiting.append(node.message)
        elif not node.children and node.kind.startswith("text/"):
            texts.append(_text_of(node))
    return "\n".join(texts).casefold()


def sent_at(message: StoredMessage) -> datetime | None:
    """Return the moment of the Date field."""
    raw = tree_of(message).part.header.first("date")
    return None if raw is None else dates.read(decoding.unfolded(raw))


def sent_on(message: StoredMessage) -> date | None:
    """Return the day of the Date field, where it was written (RFC 3501, 6.4.4: no zones)."""
    moment = sent_at(message)
    return None if moment is None else moment.date()


def _text_of(node: Node) -> str:
    encoding = (node.part.header.first("content-transfer-encoding") or b"").strip()
    octets, _ = decoding.from_transfer(node.body, encoding.decode("ascii", "replace").lower())
    text, _ = decoding.decoded(octets, node.part.parameters.get("charset"))
    return text
