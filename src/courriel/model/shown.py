r"""Find the places of an HTML page that name an image to be shown.

::

    <img … src = value …>          value in double quotes, single quotes or none; input, too
    <td … background = value …>    of any element, as mails still have it
    <img … srcset = value …>       "small.png 1x, large.png 2x"; source, too
    url( value )                   in a style element or a style attribute, quoted or not

Each place is a range of the page, so that everything around it can stay as it is. Comments, scripts
and what else a browser shows as text are passed over. Every pattern is deterministic and every
character is looked at a bounded number of times: time is linear.

Only the finding lives here; ``images`` decides what becomes of a place.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"<(!--|[A-Za-z][^\s/>]{0,40})")
_ATTRIBUTE = re.compile(
    r"[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*)))?"
)
_RAW = frozenset(("script", "textarea", "title", "xmp", "iframe", "noembed", "noframes"))
_SOURCES = frozenset((("img", "src"), ("input", "src")))
_SETS = frozenset((("img", "srcset"), ("source", "srcset")))
_CANDIDATE = re.compile(r"[\s,]*([^\s,]\S*)")
_QUOTE = r"[\"']|&quot;|&apos;|&#3[49];"
_CSS = re.compile(
    r"/\*(?:[^*]|\*(?!/))*(?:\*/)?"
    rf"|url\(\s{{0,100}}(?:({_QUOTE})([^\"'\\\n<>()]{{0,4096}}?)\1|([^\s\"'()\\<>]{{1,4096}}))\s{{0,100}}\)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A range of the page, and what it says there once entities are resolved."""

    start: int
    end: int
    target: str


def places(page: str) -> Iterator[Place]:
    """Yield where images are named, in order."""
    at = 0
    while (tag := _TAG.search(page, at)) is not None:
        if tag[1] == "!--":
            end = page.find("-->", tag.end())
            at = len(page) if end < 0 else end + 3
            continue
        name = tag[1].lower()
        at = tag.end()
        while (found := _ATTRIBUTE.match(page, at)) is not None:
            at = found.end()
            yield from _in_attribute(name, page, found)
        if name == "style":
            end = _closing(page, name, at)
            yield from _in_css(page, at, end, escaped=False)
            at = end
        elif name in _RAW:
            at = _closing(page, name, at)


def _in_attribute(tag: str, page: str, found: re.Match[str]) -> Iterator[Place]:
    group = next((number for number in (2, 3, 4) if found[number] is not None), 0)
    if not group:
        return
    start, end = found.span(group)
    name = found[1].lower()
    if (tag, name) in _SOURCES or name == "background":
        yield Place(start, end, html.unescape(page[start:end]).strip(" \t\r\n\f"))
    elif (tag, name) in _SETS:
        yield from _in_set(page, start, end)
    elif name == "style":
        yield from _in_css(page, start, end, escaped=True)


def _in_set(page: str, start: int, end: int) -> Iterator[Place]:
    """Yield the images of a srcset: each ends at white space, and what describes it at a comma."""
    at = start
    while (found := _CANDIDATE.match(page, at, end)) is not None:
        target = found[1].rstrip(",")
        yield Place(found.start(1), found.start(1) + len(target), html.unescape(target))
        at = found.end()
        if target == found[1]:
            comma = page.find(",", at, end)
            at = end if comma < 0 else comma


def _in_css(page: str, start: int, end: int, *, escaped: bool) -> Iterator[Place]:
    for found in _CSS.finditer(page, start, end):
        group = 2 if found[2] is not None else 3
        if found[group] is None:
            continue
        target = found[group]
        yield Place(*found.span(group), html.unescape(target) if escaped else target)


def _closing(page: str, name: str, at: int) -> int:
    """Return where the end tag of an element begins whose content is no HTML."""
    found = re.compile(rf"</{name}", re.IGNORECASE).search(page, at)
    return len(page) if found is None else found.start()
