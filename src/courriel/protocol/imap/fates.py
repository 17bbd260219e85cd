"""How refusals and the end of an IMAP connection are told."""

from __future__ import annotations

from courriel.errors import Disconnected, Garbled, InsecureConnection, Refused, Unauthorised
from courriel.wire.imap import commands
from courriel.wire.imap.answers import Tagged
from courriel.wire.imap.traits import Command

_HINTS = {
    "TRYCREATE": "The folder does not exist; create it first.",
    "NONEXISTENT": "Check the folder's name; folders() lists them.",
    "ALREADYEXISTS": "A folder of that name exists already.",
    "NOPERM": "The account may not do this; ask the mailbox's owner.",
    "OVERQUOTA": "The mailbox is full.",
    "LIMIT": "The server's limit is reached; do less at once.",
    "INUSE": "Somebody else uses the mailbox; try again later.",
    "UNAVAILABLE": "Try again later.",
    "EXPIRED": "The password has expired.",
    "PRIVACYREQUIRED": "The server wants TLS first.",
    "CONTACTADMIN": "Only the server's operator can help.",
    "TOOBIG": "The message is larger than the server takes.",
    "UNKNOWN-CTE": "The server cannot decode that part; download it as it is.",
    "UIDNOTSTICKY": "",
}
RENEWED = "UIDVALIDITY"
"""The condition of the refusal that we give for a folder that was made anew."""
_CREDENTIALS = frozenset({"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"})
_SIGNING_IN = (commands.Login, commands.Authenticate)


def refusal(command: Command, tagged: Tagged) -> Refused:
    """Return the error for a NO or BAD (RFC 9051, 7.1; codes of RFC 5530)."""
    name = tagged.code.name if tagged.code is not None else None
    text = tagged.text
    words = f"[{name}] {text}".strip() if name is not None else text
    kind = Refused
    if isinstance(command, _SIGNING_IN) and name not in ("UNAVAILABLE", "INUSE", "LIMIT"):
        kind = Unauthorised
    return kind(
        f"the server refused {command.verb}: {tagged.status} {words}".rstrip(),
        hint=_HINTS.get(name or "", ""),
        text=text,
        command=command.verb,
        condition=name,
    )


def spared(command: Command, tagged: Tagged) -> bool:
    """Whether a NO only says that somebody else has expunged some of the messages meanwhile.

    What a FETCH has brought of the others stands (RFC 2180, 4.1; RFC 5530, 3).
    """
    code = None if tagged.code is None else tagged.code.name
    return isinstance(command, commands.Fetch) and tagged.status == "NO" and code == "EXPUNGEISSUED"


def injected() -> InsecureConnection:
    """Return the error for octets between STARTTLS and the handshake."""
    return InsecureConnection(
        "octets arrived between STARTTLS and the TLS handshake: somebody may be tampering",
        hint="Use implicit TLS (port 993) or another network.",
    )


def renewed(folder: str) -> Refused:
    """Return the error for a folder whose UIDVALIDITY has changed."""
    return Refused(
        f"the folder {folder!r} was made anew (its UIDVALIDITY has changed), so that the ids from "
        "before name other messages",
        hint="List its messages again.",
        command="SELECT",
        condition=RENEWED,
    )


def unkept(error: OSError) -> Disconnected:
    """Return the error for an answer that no temporary file could be made for, or was too small."""
    return Disconnected(
        f"a large answer could not be kept in a temporary file: {error.strerror or error}",
        hint="Make room on the disk, or raise Limits.literal_memory.",
    )


def out_of_step(what: str) -> Garbled:
    """Return the error for an answer that has no question."""
    return Garbled(f"the server sent {what}", hint="The session is out of step; open a new one.")
