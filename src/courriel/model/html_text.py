"""Turn HTML into text that a person can read.

Paragraphs and rows become lines, lists keep their marks, links their targets, quotations their
``>``; scripts, styles, what an attribute ``style`` or ``hidden`` hides, and everything else that no
browser shows as text are dropped; the rules of a style sheet are not followed. Tags are found by
the rules of the HTML standard (13.2.5), also in what it says about tags and comments that never
end: the rest belongs to them. The text is walked once, without recursion: time is linear.

The result is text, not HTML made safe. Only this conversion lives here.
"""

from __future__ import annotations

import re

from courriel.errors import Misused
from courriel.model.hidden import Hidden
from courriel.model.limits import DEFAULT
from courriel.model.lines import Lines

__all__ = ["html_to_text"]

CHARACTERS = DEFAULT.mail_html

_TAG = re.compile(r"(/?)([A-Za-z][A-Za-z0-9:-]*)")
_STOP = re.compile(r"[\"'>]")
_HREF = re.compile(
    r"(?:^|\s)(href|alt|start|style)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE
)
_HIDDEN = re.compile(r"(?:^|[\s/])hidden(?![^\s/=])", re.IGNORECASE)
_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LONG_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in (
        *("script", "style", "title", "textarea", "template"),
        *("iframe", "noembed", "noframes", "xmp"),
    )
}
_ATTRIBUTES = 20_000


def html_to_text(html: str) -> str:
    """Return ``html`` as plain text, its lines apart by LF.

    Never raises on any string. At most 4 Mi characters are looked at, and
    control characters are left out. Raises Misused for anything but a string.
    """
    if not isinstance(html, str):
        raise Misused(
            f"HTML must be a string, not {type(html).__name__}",
            operation="html_to_text",
            hint="Decode bytes before handing them over." if isinstance(html, bytes) else "",
        )
    if len(html) > CHARACTERS:
        html = html[:CHARACTERS]
    lines, complete = _laid_out(html, Hidden())
    if not complete:
        # What is hidden and never ends was hardly meant to be the whole rest.
        lines, _ = _laid_out(html, None)
    return lines.finished()


def _laid_out(html: str, hidden: Hidden | None) -> tuple[Lines, bool]:
    """Return the lines, and whether everything that was hidden came to its end."""
    lines = Lines()
    position = 0
    while position >= 0:
        mark = html.find("<", position)
        if mark != position and not (hidden and (hidden.active or (hidden.tiny and mark >= 0))):
            lines.text(_unescaped(html[position:] if mark < 0 else html[position:mark]))
        if mark < 0:
            break
        position = _markup(html, mark, lines, hidden)
    return lines, not (hidden and hidden.active)


def _markup(html: str, mark: int, lines: Lines, hidden: Hidden | None) -> int:
    """Deal with what begins at ``<``; return where the text goes on, or -1 when it does not."""
    if html.startswith("<!--", mark):
        if html.startswith((">", "->"), mark + 4):
            return html.index(">", mark) + 1
        end = html.find("-->", mark + 4)
        return end + 3 if end >= 0 else -1
    tag = _TAG.match(html, mark + 1)
    if tag is None:
        if html.startswith(("<!", "<?", "</"), mark):
            end = html.find(">", mark)
            return end + 1 if end >= 0 else -1
        if not (hidden and hidden.active):
            lines.text("<")
        return mark + 1
    end = _tag_end(html, tag.end())
    if end < 0:
        return -1
    closing, name = bool(tag[1]), tag[2].lower()
    if not closing and name in _RAW:
        raw = _RAW[name].search(html, end)
        return raw.start() if raw else -1
    attributes = {} if closing else _attributes(html[tag.end() : end - 1])
    style = "display:none" if "hidden" in attributes else attributes.get("style", "")
    if not (hidden and hidden.covers(name, closing, style)):
        lines.tag(name, closing, attributes)
    return end


def _tag_end(html: str, position: int) -> int:
    """Return the position behind the ``>`` of a tag, -1 when it never comes."""
    while True:
        stop = _STOP.search(html, position)
        if stop is None:
            return -1
        if stop[0] == ">":
            return stop.end()
        # A quote means something only behind an equals sign.
        if html[max(0, stop.start() - 8) : stop.start()].rstrip().endswith("="):
            closing = html.find(stop[0], stop.end())
            if closing < 0:
                return -1
            position = closing + 1
        else:
            position = stop.end()


def _attributes(text: str) -> dict[str, str]:
    if not text:
        return {}
    text = text[:_ATTRIBUTES]
    found: dict[str, str] = {}
    if "=" in text:
        for name, double, single, bare in _HREF.findall(text):
            found.setdefault(name.lower(), _unescaped(double or single or bare).strip())
    if "hidden" in text.lower() and _HIDDEN.search(_VALUE.sub(" ", text)):
        found["hidden"] = ""
    return found


def _unescaped(text: str) -> str:
    if "&" in text:
        from html import unescape

        text = unescape(_LONG_REFERENCE.sub("\ufffd", text))
    return text if text.isprintable() else _CONTROL.sub("", text)
