"""Write the tables of ``quirks.md`` out of the code's own: ``python docs/tables.py``.

A quirk is told once, beside the code that bears it. ``tests/test_docs.py`` fails when the page says
anything else.

Only tables that the code has live here; what people think about them stays in the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from courriel.wire.imap.quirks import QUIRKS as IMAP
from courriel.wire.pop3.quirks import QUIRKS as POP3
from courriel.wire.smtp.quirks import QUIRKS as SMTP

PAGE = Path(__file__).parent / "quirks.md"
_TABLE = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def tables() -> Mapping[str, str]:
    """Return the tables of the page by their names, in Markdown."""
    return {
        "imap": _table(
            ("Quirk", "Such as", "Is read as", "Seen"),
            ((f"`{q.name}`", _code(q.example), _plain(q.read), _plain(q.seen)) for q in IMAP),
        ),
        "pop3": _table(
            ("Quirk", "Seen", "What is done"),
            ((f"`{q.name}`", _plain(q.seen), _plain(q.remedy)) for q in POP3),
        ),
        "smtp": _table(
            ("Quirk", "Seen", "What is done"),
            ((f"`{q.name}`", _plain(q.seen), _plain(q.remedy)) for q in SMTP),
        ),
    }


def page() -> str:
    """Return the page as it should be."""
    made = tables()
    return _TABLE.sub(lambda found: f"{found[1]}{made[found[2]]}{found[3]}", PAGE.read_text())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _code(octets: bytes) -> str:
    text = octets.decode("utf-8", "backslashreplace").replace("\n", "\\n")
    # In a table the bar ends a cell, in code too.
    return f"`{text.replace('|', chr(92) + '|')}`"


def _plain(text: str) -> str:
    # Nothing in it is meant as Markdown.
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)


if __name__ == "__main__":
    PAGE.write_text(page())
