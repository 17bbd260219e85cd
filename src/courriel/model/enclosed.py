"""Find the files that travel inside something else: in a text, or in a ``winmail.dat``.

Only the joining of those formats with ``reading`` lives here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from courriel.model.attachment import Attachment, guessed_type
from courriel.model.decoding import decoded
from courriel.model.flowed import unflowed
from courriel.model.limits import DEFAULT
from courriel.model.uuencoded import FILES, is_cut, without_files

if TYPE_CHECKING:
    from courriel.model.tnef import Tnef

MOST = DEFAULT.mail_tnef

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


@dataclass(slots=True)
class Enclosed:
    """A text or HTML, the files that were in it, and what was wrong."""

    text: str | None = None
    html: str | None = None
    files: list[Attachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


def is_tnef(kind: str, name: str) -> bool:
    """Tell whether a part holds TNEF, also where it is sent as just some file."""
    return kind in _TNEF or (
        name.lower() == "winmail.dat" and kind in {"application/octet-stream", "text/plain"}
    )


def from_tnef(octets: bytes) -> Tnef:
    """Return what a ``winmail.dat`` holds."""
    from courriel.model.tnef import Tnef

    return Tnef(octets)


def text_in(tnef: Tnef) -> Enclosed:
    """Return the text or the HTML that a ``winmail.dat`` holds."""
    text, is_html = tnef.body()
    return Enclosed(html=text) if is_html else Enclosed(text=text)


def without_uuencode(octets: bytes) -> tuple[bytes, list[Attachment], list[str]]:
    """Return a text without the uuencoded files in it, the files, and what is wrong."""
    rest, found = without_files(octets)
    files: list[Attachment] = []
    defects: list[str] = []
    for file in found:
        name = decoded(file.name, None)[0]
        files.append(Attachment.as_read(name, file.content, guessed_type(name), None))
        if not file.complete:
            defects.append("a uuencoded file without its end")
    if len(found) < FILES and is_cut(rest):
        defects.append("a uuencoded file that is cut")
    if len(found) == FILES:
        defects.append(f"{FILES} uuencoded files, and perhaps more")
    return rest, files, defects


def paragraphs(text: str, parameters: Mapping[str, str]) -> str:
    """Return ``text`` with its lines as they were meant, by the parameters of its type."""
    if parameters.get("format", "").lower() != "flowed":
        return text
    return unflowed(text, delete_space=parameters.get("delsp", "").lower() == "yes")
