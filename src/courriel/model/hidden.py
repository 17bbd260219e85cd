"""Tell what an HTML page hides from its readers by style, such as the preheader of a newsletter.

An element is hidden from its tag to the one that closes it. Where that one was left out, it ends
with its next sibling or with what is around it.

Only this question lives here; ``html_text`` finds the tags.
"""

from __future__ import annotations

import re

_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))(?![\w-])", re.IGNORECASE
)
_FLAT = re.compile(r"(?:^|;)\s*max-height\s*:\s*0(?![.\d])", re.IGNORECASE)
_CLIPPED = re.compile(r"(?:^|;)\s*overflow\s*:\s*hidden(?![\w-])", re.IGNORECASE)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905 - Short.
_SIBLINGS = frozenset(("p", "li", "dt", "dd", "td", "th", "tr", "option"))
_AROUND = frozenset(("table", "ul", "ol", "dl"))
_ENDS = frozenset(("div", "td", "th", "tr", "table", "tbody", "ul", "ol", "body", "html"))


class Hidden:
    """Takes tags in order; ``active`` tells whether what stands here is hidden."""

    __slots__ = ("_name", "_open", "active")

    def __init__(self) -> None:
        self.active = False
        self._name = ""
        self._open: dict[str, int] = {}

    def covers(self, name: str, closing: bool, style: str) -> bool:
        """Take note of a tag, and tell whether it is hidden itself."""
        if self.active:
            if self._goes_on(name, closing):
                return True
            self.active = False
        if closing or not style or not _hides(style):
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


def _hides(style: str) -> bool:
    if _STYLE.search(style):
        return True
    return bool(_FLAT.search(style) and _CLIPPED.search(style))
