"""Match names against patterns with ``*`` and ``%`` (RFC 3501, 6.3.8).

``*`` matches anything, ``%`` anything but the separator. There is no backtracking: time is at most
the length of the name times that of the pattern.
"""

from __future__ import annotations

from courriel.sandbox.folders import SEPARATOR


def matches(name: str, pattern: str) -> bool:
    """Tell whether a name matches a pattern."""
    # The places in the pattern that may come next, for what has been read of the name.
    places = _opened({0}, pattern)
    for character in name:
        following = set()
        for place in places:
            if place == len(pattern):
                continue
            wanted = pattern[place]
            if wanted == "*" or (wanted == "%" and character != SEPARATOR):
                following.add(place)
            elif wanted == character and wanted != "%":
                following.add(place + 1)
        places = _opened(following, pattern)
        if not places:
            return False
    return len(pattern) in places


def _opened(places: set[int], pattern: str) -> set[int]:
    """Add the places behind wildcards, which may match nothing."""
    opened = set(places)
    for place in places:
        while place < len(pattern) and pattern[place] in "*%":
            place += 1
            opened.add(place)
    return opened
