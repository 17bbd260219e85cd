"""Tell the versions of one text apart from files: the parts of a ``multipart/alternative``.

Only this rule lives here; mails that were read and summaries of servers both go by it.
"""

from __future__ import annotations

__all__ = ["TEXTS", "is_version"]

TEXTS = frozenset({"text/plain", "text/html"})
"""The kinds of text that a message shows."""


def is_version(kind: str, around: str, name: str | None, disposition: str | None) -> bool:
    """Tell whether a part says in another way what the texts beside it say (RFC 2046, 5.1.4)."""
    return (
        around == "multipart/alternative"
        and kind.startswith("text/")
        and kind not in TEXTS
        and not name
        and disposition != "attachment"
    )
