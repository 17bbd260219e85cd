"""Tell what an HTML page hides from its readers by style, such as the preheader of a newsletter.

An element is hidden from its tag to the one that closes it. Where that one was left out, it ends
with its next sibling or with what is around it. Letters of no size hide the text up to the next tag
alone: newsletters set them around columns that have a size of their own. ``mso-hide`` hides nothing
but from Outlook, and what it hides there is meant for everybody else.

Only this question lives here; ``html_text`` finds the tags.
"""

from __future__ import annotations

import re

_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))(?![\w-])"
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NOTHING = r"\s*:\s*(?:0*\.)?0+(?![.\d])"
_UNSEEN = re.compile(rf"(?:^|;)\s*opacity{_NOTHING}")
_TINY = re.compile(rf"(?:^|;)\s*font-size{_NOTHING}")
_LOW = re.compile(rf"(?:^|;)\s*(?:max-)?height{_NOTHING}")
_NARROW = re.compile(rf"(?:^|;)\s*(?:max-)?width{_NOTHING}")
_CLIPPED = re.compile(r"(?:^|;)\s*overflow\s*:\s*hidden(?![\w-])")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905 - Short.
_SIBLINGS = frozenset(("p", "li", "dt", "dd", "td", "th", "tr", "option"))
_AROUND = frozenset(("table", "ul", "ol", "dl"))
_ENDS = frozenset(("div", "td", "th", "tr", "table", "tbody", "ul", "ol", "body", "html"))


class Hidden:
    """Takes tags in order; ``active`` tells whether what stands here is hidden.

    ``tiny`` tells so of the text up to the next tag alone.
    """

    __slots__ = ("_known", "_name", "_open", "active", "tiny")

    def __init__(self) -> None:
        self.active = False
        self._known: dict[str, tuple[bool, bool]] = {}
        self._name = ""
        self._open: dict[str, int] = {}
        self.tiny = False

    def covers(self, name: str, closing: bool, style: str) -> bool:
        """Take note of a tag, and tell whether it is hidden itself."""
        if self.active:
            if self._goes_on(name, closing):
                return True
            self.active = False
        self.tiny = False
        if closing or not style:
            return False
        found = self._known.get(style)
        if found is None:
            # A page has few styles, many times over.
            found = self._known[style] = _effect(style.lower())
        hides, self.tiny = found
        if not hides:
            return False
        if name not in _VOID:
            self.active = True
            self._name = name
            self._open = {name: 1}
        return True

    def _goes_on(self, name: str, closing: bool) -> bool:
        """Tell whether a tag inside a hidden element is a part of it."""
        if name in _VOID:
            return True
        count = self._open.get(name, 0)
        if closing:
            if not count:
                return name not in _ENDS
            self._open[name] = count - 1
            self.active = name != self._name or count > 1
            return True
        if name == self._name and name in _SIBLINGS and not self._inside():
            return False
        self._open[name] = count + 1
        return True

    def _inside(self) -> bool:
        return any(self._open.get(name, 0) for name in _AROUND)


def _effect(style: str) -> tuple[bool, bool]:
    """Return whether a style hides its element, and else whether it does so to the text alone."""
    if "/*" in style:
        style = _COMMENT.sub(" ", style)
    hides = _hides(style)
    return hides, not hides and _TINY.search(style) is not None


def _hides(style: str) -> bool:
    if _STYLE.search(style) or _UNSEEN.search(style):
        return True
    low, narrow = _LOW.search(style), _NARROW.search(style)
    return bool((low and narrow) or ((low or narrow) and _CLIPPED.search(style)))
