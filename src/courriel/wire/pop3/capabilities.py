"""What a POP3 server says it can do (RFC 2449, 5): the answer to CAPA as a value.

::

    capability-line = capa-tag *( SP param ) CRLF
    capa-tag        = 1*cchar                          ; %x21-2D / %x2F-7F
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from courriel.wire.words import readable

# IANA has registered some twenty capabilities in all.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The capabilities of one server, each tag in upper case with its parameters."""

    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known: bool = False
    """Whether the server has said them; else it may be able to do anything."""
    denied: frozenset[str] = frozenset()
    """Tags that the server turned out not to keep, whatever it has said."""

    @classmethod
    def of(cls, body: bytes) -> Capabilities:
        """Read them from the lines of the answer to CAPA."""
        tags: dict[str, tuple[str, ...]] = {}
        for line in body.split(b"\n", _MOST)[:_MOST]:
            words = readable(line.strip()).upper().split()
            if not words:
                continue
            tag, parameters = words[0], words[1:]
            if tag in ("EXPIRENEVER", "EXPIRE-NEVER"):
                # The quirk "capability-without-space".
                tag, parameters = "EXPIRE", ["NEVER", *parameters]
            known = tags.get(tag, ())
            tags[tag] = tuple(dict.fromkeys((*known, *parameters[:_MOST])))
        return cls(tags, known=True)

    def __contains__(self, tag: str) -> bool:
        return tag in self.tags

    @property
    def words(self) -> frozenset[str]:
        """Every tag, and ``TAG=PARAMETER`` for each of its parameters."""
        return frozenset(self.tags) | {
            f"{tag}={parameter}"
            for tag, parameters in self.tags.items()
            for parameter in parameters
        }

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms offered (RFC 5034, 3)."""
        return self.tags.get("SASL", ())

    @property
    def takes_user(self) -> bool:
        """Whether USER and PASS may be tried (RFC 2449, 6.3).

        A server that names no other way is asked too: the quirks "capa-unknown"
        and "user-not-listed".
        """
        return not self.known or "USER" in self.tags or not self.mechanisms

    def may(self, tag: str) -> bool:
        """Whether an optional command is worth trying: it is offered, or nothing is known."""
        return tag not in self.denied and (not self.known or tag in self.tags)

    def without(self, tag: str) -> Capabilities:
        """Return these, and that the server has refused one of them as unknown."""
        return replace(self, denied=self.denied | {tag})
