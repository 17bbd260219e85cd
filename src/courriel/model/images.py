"""Put the local images that an HTML page shows into the message (RFC 2387, RFC 2392).

The rule, for each place where the page names an image:

* with a scheme or a host (``https:``, ``data:``, ``cid:``, ``//host``), without a path, or with a
  name that is no image's: it stays as it is;
* a path, percent-encoded or not: the file below ``base_directory`` becomes an inline part, and the
  place names its Content-ID;
* a path that leads out of ``base_directory``, whether by ``..``, from the root, or by a symbolic
  link, and a file that is not there: Misused, nothing is read.

The files are read at once: what is in the message is what was there when it was checked.

Only this rule lives here; ``shown`` finds the places.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from urllib.parse import unquote

from courriel.errors import Misused
from courriel.model.attachment import Attachment, guessed_type
from courriel.model.characters import excerpt
from courriel.model.composition import Composition
from courriel.model.shown import places

IMAGES = 1_000
"""Different files that one page may show; mail programs give up long before."""

_OPERATION = "embed_images"
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//|\\\\")


def embedded(mail: Composition | None, base_directory: str | os.PathLike[str]) -> Composition:
    """Return the composition with its local images inside, and its HTML showing those."""
    if mail is None:
        raise Misused(
            "images are put into a message that is being composed",
            operation=_OPERATION,
            hint="Make an Email with the html of this one.",
        )
    gallery = _Gallery(mail, base_directory)
    page = mail.html or ""
    parts: list[str] = []
    at = 0
    for place in places(page):
        inline_id = gallery.inline_id_of(place.target)
        if inline_id is not None:
            parts += [page[at : place.start], f"cid:{inline_id}"]
            at = place.end
    if not parts:
        return mail
    parts.append(page[at:])
    return replace(mail, html="".join(parts), inline=(*mail.inline, *gallery.files.values()))


class _Gallery:
    """The images that were taken in so far, by their real paths."""

    def __init__(self, mail: Composition, base_directory: str | os.PathLike[str]) -> None:
        # Whatever else is handed in, a number or bytes, names no directory.
        base: object = base_directory
        base = os.fspath(base) if isinstance(base, (str, os.PathLike)) else base
        if not isinstance(base, str) or "\0" in base or not os.path.isdir(base):
            raise Misused(
                f"{excerpt(base)} is not a directory",
                operation=_OPERATION,
                hint="Give the directory to which the paths in the HTML are relative.",
            )
        self._base = os.path.realpath(base)
        self._message_id = mail.message_id.strip("<>")
        self.files: dict[str, Attachment] = {}

    def inline_id_of(self, target: str) -> str | None:
        """Return the Content-ID of the image that is named, None when it is to stay as it is."""
        if _REMOTE.match(target):
            return None
        path = unquote(re.split("[?#]", target, maxsplit=1)[0]).replace("\\", "/")
        if not path or not guessed_type(path).startswith("image/"):
            return None
        real = self._real(path)
        if real not in self.files:
            self.files[real] = self._taken(real)
        return self.files[real].inline_id

    def _real(self, path: str) -> str:
        """Return the real path of a file; raise Misused when it is not inside the directory."""
        inside = not path.startswith("/") and not os.path.splitdrive(path)[0] and "\0" not in path
        real = os.path.realpath(os.path.join(self._base, path)) if inside else ""
        if not inside or not real.startswith(os.path.join(self._base, "")):
            raise Misused(
                f"the HTML shows {excerpt(path)}, which is not inside the directory",
                operation=_OPERATION,
                hint="Write paths relative to base_directory.",
            )
        if not os.path.isfile(real):
            raise Misused(
                f"the HTML shows {excerpt(path)}, and there is no such file",
                operation=_OPERATION,
                hint="Check the path; it is relative to base_directory.",
            )
        return real

    def _taken(self, real: str) -> Attachment:
        import hashlib

        if len(self.files) >= IMAGES:
            raise Misused(
                f"the HTML shows more than {IMAGES} files",
                operation=_OPERATION,
                hint="Send fewer, or link to them.",
            )
        # Content-IDs are unique in the world (RFC 2045, 7), as the Message-ID is.
        seed = f"{self._message_id}\0{os.path.relpath(real, self._base)}"
        digest = hashlib.sha256(seed.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        domain = re.sub("[^A-Za-z0-9.-]", "-", self._message_id.rpartition("@")[2])[:100]
        try:
            with open(real, "rb") as file:
                return Attachment(os.path.basename(real), file, inline_id=f"{digest}@{domain}")
        except OSError as error:
            raise Misused(
                f"{excerpt(os.path.basename(real))} cannot be read: {error.strerror}",
                operation=_OPERATION,
            ) from error
