"""Find what a subject is about, below its "Re:" and "Fwd:" (RFC 5256, 2.1).

::

    subject       = *subj-leader [subj-middle] *subj-trailer
    subj-leader   = (*subj-blob subj-refwd) / WSP
    subj-refwd    = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
    subj-blob     = "[" *BLOBCHAR "]" *WSP
    subj-trailer  = "(fwd)" / WSP
    subj-fwd      = "[fwd:" subject "]"

Only that extraction lives here.
"""

from __future__ import annotations

import re

__all__ = ["base_subject"]

_LONGEST = 1_000
"""Characters that are looked at: what differs only behind them sorts as equal."""

_SPACE = re.compile(r"\s+")
_BLOB = re.compile(r"\[[^\[\]]*\] ?")
_LEADER = re.compile(r"(?:\[[^\[\]]*\] ?)*(?:re|fwd?) ?(?:\[[^\[\]]*\] ?)?: ?", re.IGNORECASE)


def base_subject(subject: str) -> str:
    """Return the base of a decoded subject; empty when nothing but "Re:" is there."""
    text = _SPACE.sub(" ", subject[:_LONGEST]).strip()
    while True:
        text = _without_leaders(_without_trailers(text))
        if text[:5].lower() != "[fwd:" or text[-1:] != "]":
            return text
        text = text[5:-1].strip()


def _without_trailers(text: str) -> str:
    # Found from the end, because a search would try every place.
    while True:
        text = text.rstrip()
        if text[-5:].lower() != "(fwd)":
            return text
        text = text[:-5]


def _without_leaders(text: str) -> str:
    while True:
        leader = _LEADER.match(text)
        if leader is None:
            leader = _BLOB.match(text)
            # A blob that is all there is says what the message is about.
            if leader is None or leader.end() == len(text):
                return text
        text = text[leader.end() :].lstrip()
