"""Read the record under which a domain publishes a key (RFC 6376, 3.6.1).

Only the record lives here: what it says the key may be used for, and the octets of the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import courriel.crypto.dkim.tags as tags


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What a key record says."""

    kind: str
    hashes: tuple[str, ...]
    services: tuple[str, ...]
    flags: tuple[str, ...]
    key: bytes

    @property
    def testing(self) -> bool:
        """Whether the domain only tries DKIM out (``t=y``)."""
        return "y" in self.flags

    def check(self, kind: str, domain: str, identity: str) -> None:
        """Refuse a use that the record does not allow. Raises ValueError with the reason."""
        if self.kind != kind:
            raise ValueError(f"the key is of another kind ({self.kind[:20]})")
        if "sha256" not in self.hashes:
            raise ValueError("the key is not for SHA-256")
        if not {"*", "email"} & set(self.services):
            raise ValueError("the key is not for mail")
        if "s" in self.flags and identity.rpartition("@")[2] != domain:
            raise ValueError("the key is not for subdomains")


def key_record(texts: Sequence[bytes], *, most: int) -> KeyRecord:
    """Return the key record among the texts of a name; the first that is one counts.

    Raises ValueError with the reason when there is none, or its key was revoked.
    """
    reason = "no key is published"
    for text in texts[:10]:
        try:
            return _read(text, most)
        except ValueError as error:
            reason = str(error)
    raise ValueError(reason)


def _read(text: bytes, most: int) -> KeyRecord:
    if len(text) > most:
        raise ValueError(f"the key record is longer than {most} octets")
    known = tags.tag_list(text)
    if tags.word(known, "v", "DKIM1") != "DKIM1" or ("v" in known and next(iter(known)) != "v"):
        raise ValueError("what is published is no key record of DKIM")
    if not tags.word(known, "p"):
        raise ValueError("the key was revoked")
    return KeyRecord(
        kind=tags.word(known, "k", "rsa").lower(),
        hashes=tags.words(known, "h", "sha256"),
        services=tags.words(known, "s", "*"),
        flags=tags.words(known, "t", ""),
        key=tags.octets_of(known, "p"),
    )
