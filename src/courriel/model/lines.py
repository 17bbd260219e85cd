"""Lay out the text of an HTML page in lines.

White space collapses to one space except in ``pre``; a block starts on a new line; between
paragraphs stands one empty line. List marks and quotation marks are put in front when a line
begins. Depth is only a number, bounded, so that hostile nesting makes no long lines.

Only the layout lives here; ``html_text`` finds the tags.
"""

from __future__ import annotations

import re

DEPTH = 10
"""Levels of lists and quotations that are shown by indentation."""
OPEN_LISTS = 1_000
"""Lists that are kept open inside each other; deeper ones count as the last."""
COLUMN = "|"

_SPACES = re.compile(r"[ \t\n\r\f\v\u00a0]+")
_PARAGRAPHS = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre")
)
_BLOCKS = frozenset(
    """
    address article aside body caption center dd details div dt fieldset figcaption figure footer
    form header hr html legend li main nav option section summary tbody tfoot thead tr
    """.split()  # noqa: SIM905 - A list of forty strings is forty lines.
)
_SHOWN_LINK = re.compile(r"(?:https?|ftp|mailto|tel):", re.IGNORECASE)
_LINK = 2_000
_FILLING = " \t\u00a0\u00ad\u034f\u2007\u200b\u200c\u200d\u2060\ufeff"
"""What newsletters put behind their first line so that a preview shows nothing else."""


class Lines:
    """Takes text and tags in order, gives the finished text."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._line: list[str] = []
        self._space = False
        self._blank = False
        self._quote = 0
        self._quoted = 0
        self._pre = 0
        self._mark = ""
        self._lists: list[int | None] = []
        self._link: tuple[str, int] | None = None
        self._written = 0
        self._since_link: list[str] = []

    def text(self, text: str) -> None:
        """Add text, entities already resolved."""
        if self._pre:
            first, *others = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self._put(first)
            for line in others:
                self._end_line(keep=True)
                self._put(line)
            return
        collapsed = _SPACES.sub(" ", text)
        if not collapsed:
            return
        if collapsed[0] == " ":
            self._space = True
            collapsed = collapsed[1:]
        if collapsed:
            trailing = collapsed[-1] == " "
            self._put(collapsed[:-1] if trailing else collapsed)
            self._space = trailing

    def tag(self, name: str, closing: bool, attributes: dict[str, str]) -> None:
        """Act on a tag."""
        if name == "br":
            self._end_line(keep=True)
        elif name == "a":
            self._anchor(closing, attributes)
        elif name == "img":
            if attributes.get("alt"):
                self._put(f"[{_SPACES.sub(' ', attributes['alt'])}]")
        elif name in {"td", "th"}:
            if not closing and self._line:
                self._put(COLUMN, spaced=True)
                self._space = True
        elif name in _PARAGRAPHS or name in _BLOCKS:
            self._block(name, closing, attributes)

    def finished(self) -> str:
        """Return the text, without empty lines at its ends."""
        self._end_link()
        self._end_line()
        return "\n".join(self._done).strip("\n")

    def _block(self, name: str, closing: bool, attributes: dict[str, str]) -> None:
        self._end_line()
        # A list inside a list follows its item without an empty line.
        nested = name in {"ul", "ol"} and len(self._lists) > (1 if closing else 0)
        if name in _PARAGRAPHS and not nested:
            self._blank = True
        if name in {"ul", "ol"}:
            self._list(name, closing, attributes)
        elif name == "li" and not closing:
            self._mark = self._next_mark()
        elif name == "blockquote":
            self._quote = max(0, self._quote + (-1 if closing else 1))
        elif name == "pre":
            self._pre = max(0, self._pre + (-1 if closing else 1))
        elif name == "hr":
            self._put("-" * 20)
            self._end_line()

    def _list(self, name: str, closing: bool, attributes: dict[str, str]) -> None:
        if closing:
            if self._lists:
                self._lists.pop()
        elif len(self._lists) < OPEN_LISTS:
            start = attributes.get("start", "1")
            number = int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1
            self._lists.append(number if name == "ol" else None)

    def _next_mark(self) -> str:
        indent = "  " * min(len(self._lists) - 1, DEPTH) if self._lists else ""
        number = self._lists[-1] if self._lists else None
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _anchor(self, closing: bool, attributes: dict[str, str]) -> None:
        self._end_link()
        target = attributes.get("href", "")
        if not closing and _SHOWN_LINK.match(target):
            self._link = (_SPACES.sub("", target)[:_LINK], self._written)
            self._since_link = []

    def _end_link(self) -> None:
        if self._link is None:
            return
        target, before = self._link
        self._link = None
        label = "".join(self._since_link).strip()
        if self._written == before:
            self._put(target)
        elif label != target and f"mailto:{label}" != target:
            self._put(f"<{target}>", spaced=True)

    def _put(self, text: str, *, spaced: bool = False) -> None:
        if not text:
            return
        if self._blank:
            self._blank = False
            if self._done and self._done[-1].strip("> "):
                self._done.append(_quotes(min(self._quote, self._quoted)))
        if not self._line:
            if self._mark:
                self._line.append(self._mark)
                self._mark = ""
        elif self._space or spaced:
            self._line.append(" ")
            if self._link is not None:
                self._since_link.append(" ")
        self._space = False
        self._line.append(text)
        self._written += len(text)
        if self._link is not None:
            self._since_link.append(text)

    def _end_line(self, *, keep: bool = False) -> None:
        """End the line; an empty one is only kept where the page asked for it."""
        line = "".join(self._line).rstrip(_FILLING)
        if line or keep:
            quotes = _quotes(self._quote)
            self._done.append(f"{quotes} {line}" if quotes and line else quotes + line)
            self._quoted = self._quote
        self._line = []
        self._space = False


def _quotes(level: int) -> str:
    return " ".join([">"] * min(level, DEPTH))
