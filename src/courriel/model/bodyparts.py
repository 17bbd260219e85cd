"""Sort the parts of a mail by what they are for, without decoding any.

Only this sorting lives here; ``reading`` answers questions with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from courriel.model.attachment import Attachment
from courriel.model.decoding import unfolded
from courriel.model.enclosed import MOST, is_tnef
from courriel.model.filename import made_up
from courriel.model.inlined import is_picture
from courriel.model.parameters import parsed
from courriel.model.structure import Part, split
from courriel.model.versions import is_version


@dataclass(slots=True)
class Body:
    """The parts of a message, sorted by what they are for.

    ``identified`` are the places, among the attachments, of files that the HTML
    may show, and whether that is sure.
    """

    root: Part
    texts: list[Part] = field(default_factory=list)
    html: Part | None = None
    attachments: list[Attachment] = field(default_factory=list)
    calendar: Part | None = None
    versions: list[Attachment] = field(default_factory=list)
    identified: dict[int, bool] = field(default_factory=dict)
    tnef: dict[int, Attachment] = field(default_factory=dict)
    choices: list[Part] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    @property
    def footed(self) -> bool:
        """Whether the HTML is the letter, and the texts are what a mailing list put behind it."""
        html, texts = self.html, self.texts
        if html is None or not texts or texts[0].start < html.start:
            return False
        return not any(
            _holds(choice, html) and any(_holds(choice, text) for text in texts)
            for choice in self.choices
        )


def _holds(outer: Part, inner: Part) -> bool:
    return outer.start <= inner.start < outer.end


def sorted_parts(source: bytes, loader: Callable[[Part], Callable[[], bytes]]) -> Body:
    """Return the parts of a mail, sorted; ``loader`` says how one is decoded later."""
    root, defects = split(source)
    body = Body(root, defects=defects)
    waiting = [root]
    number = 0
    while waiting:
        part = waiting.pop()
        if part.kind == "multipart/alternative":
            body.choices.append(part)
        if part.parts:
            waiting.extend(reversed(part.parts))
            continue
        number += 1
        _sort(part, body, number, loader(part))
    return body


def _sort(part: Part, body: Body, number: int, load: Callable[[], bytes]) -> None:
    disposition, parameters = parsed(unfolded(part.header.first("content-disposition") or b""))
    name = parameters.get("filename") or part.parameters.get("name") or ""
    if not name and disposition != "attachment":
        if part.kind == "text/plain":
            body.texts.append(part)
            return
        if part.kind == "text/html" and body.html is None:
            body.html = part
            return
    if part.kind == "text/calendar" and body.calendar is None and disposition != "attachment":
        body.calendar = part
    raw_id = unfolded(part.header.first("content-id") or b"").strip().strip("<>")
    file = Attachment.as_read(
        name if name.strip() else made_up(number, part.kind),
        load,
        part.kind,
        raw_id or None,
    )
    if is_version(part.kind, part.parent_kind, name, disposition):
        body.versions.append(file)
    else:
        related = part.parent_kind == "multipart/related"
        if raw_id and disposition != "attachment" and (related or disposition == "inline"):
            # The HTML may show it; what is beside it need not be named where it is a picture.
            body.identified[len(body.attachments)] = related and is_picture(file)
        if is_tnef(part.kind, name):
            if len(body.tnef) < MOST:
                body.tnef[len(body.attachments)] = file
            else:
                body.defects.append(f"more than {MOST} winmail.dat")
        body.attachments.append(file)
