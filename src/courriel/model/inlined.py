"""Tell the files that the HTML shows from those that only go with the message.

Apple Mail gives every file a Content-ID and calls it inline, bills too, and no file may be missing
from ``attachments`` that nobody sees. So one is shown only when there is HTML that names it, or
when it is an image in the same multipart/related.

Only this rule lives here; mails that are read and mails that are composed both go by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from courriel.model.attachment import Attachment

_NAMED = re.compile(r"cid:([^\s\"'<>)]{1,998})", re.IGNORECASE)


def names_in(html: str) -> frozenset[str]:
    """Return the Content-IDs that HTML names."""
    found = _NAMED.findall(html)
    return frozenset(unquote(name.replace("&amp;", "&")) for name in found) | frozenset(found)


def is_picture(file: Attachment) -> bool:
    """Tell whether a file beside the HTML is shown even where its name is not found in it."""
    return file.content_type.lower().startswith("image/")


def shown_among(
    files: Sequence[Attachment], identified: dict[int, bool], html: Callable[[], str | None]
) -> frozenset[int]:
    """Return the places of the files that the HTML shows.

    ``identified`` holds the places of those that it may show, and whether that
    is sure; the HTML is only asked for when it is not.
    """
    if all(identified.values()):
        return frozenset(identified)
    names = names_in(html() or "")
    return frozenset(at for at, sure in identified.items() if sure or files[at].inline_id in names)


def apart(files: list[Attachment], html: str | None) -> tuple[list[Attachment], list[Attachment]]:
    """Return the files of a message that is composed, those that its HTML shows as the second.

    The others are files like any: no reader could show them by their ``inline_id``.
    """
    identified = html is not None and any(file.inline_id is not None for file in files)
    names = names_in(html or "") if identified else frozenset()
    beside: list[Attachment] = []
    shown: list[Attachment] = []
    for file in files:
        if identified and file.inline_id and (is_picture(file) or file.inline_id in names):
            shown.append(file)
        else:
            beside.append(file.beside())
    return beside, shown
