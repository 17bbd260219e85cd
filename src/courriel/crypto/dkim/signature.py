"""Read a DKIM-Signature field (RFC 6376, 3.5), and refuse one that cannot hold.

Everything is checked that can be without looking at the message or asking for the key, so that a
broken signature costs neither a hash nor a look-up.

Only the field lives here: what it says, and its octets without the signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import courriel.crypto.dkim.tags as tags
from courriel.crypto.dkim.split import Field
from courriel.errors import Misused
from courriel.model.addrspec import a_labels

_DOMAIN_OCTETS = 253
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_QUOTED = re.compile(rb"=([0-9A-F]{2})")
_FORMS = {"simple": False, "relaxed": True}

ALGORITHMS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}
"""What is signed and verified, with the kind of its key (RFC 8301, 3.1; RFC 8463, 3)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a DKIM-Signature field says. Times are seconds since 1970."""

    algorithm: str
    domain: str
    selector: str
    identity: str
    names: tuple[str, ...]
    relaxed_header: bool
    relaxed_body: bool
    body_hash: bytes
    value: bytes
    length: int | None
    signed_at: int | None
    expires: int | None
    bare: bytes
    """The octets of the field, the value of ``b=`` taken out (RFC 6376, 3.7)."""

    @property
    def place(self) -> str:
        """The domain name under which the key is published (RFC 6376, 3.6.2.1)."""
        return place_of(self.domain, self.selector)


def read(field: Field, known: dict[str, tags.Tag]) -> Signature:
    """Return what a field says; ``known`` are its tags. Raises ValueError with the reason."""
    if tags.word(known, "v") != "1":
        raise ValueError("the version is not 1")
    relaxed_header, relaxed_body = _forms(known)
    domain, selector = host(tags.word(known, "d"), "d="), host(tags.word(known, "s"), "s=")
    place_of(domain, selector)
    signed_at, expires = tags.number(known, "t"), tags.number(known, "x")
    if signed_at is not None and expires is not None and expires <= signed_at:
        raise ValueError("it expires before it was made")
    return Signature(
        algorithm=_algorithm(known),
        domain=domain,
        selector=selector,
        identity=_identity(known, domain),
        names=_names(known),
        relaxed_header=relaxed_header,
        relaxed_body=relaxed_body,
        body_hash=tags.octets_of(known, "bh"),
        value=tags.octets_of(known, "b"),
        length=tags.number(known, "l"),
        signed_at=signed_at,
        expires=expires,
        bare=without_value(field, known["b"]),
    )


def host(name: str, what: str) -> str:
    """Return a domain or a selector in A-labels and lower case (RFC 8616, 4).

    Raises ValueError when it cannot be part of a domain name.
    """
    try:
        plain = name if name.isascii() else a_labels(name)
    except Misused:
        plain = ""
    if not _NAME.fullmatch(plain) or len(plain) > _DOMAIN_OCTETS:
        raise ValueError(f"{what} is no domain name")
    return plain.lower()


def place_of(domain: str, selector: str) -> str:
    """Return where a key is published. Raises ValueError when no name can be so long."""
    name = f"{selector}._domainkey.{domain}"
    if len(name) > _DOMAIN_OCTETS:
        raise ValueError("the name of the key is too long")
    return name


def _algorithm(known: dict[str, tags.Tag]) -> str:
    algorithm = tags.word(known, "a").lower()
    if algorithm == "rsa-sha1":
        raise ValueError("rsa-sha1 proves nothing any more (RFC 8301, 3.1)")
    if algorithm not in ALGORITHMS:
        raise ValueError("the algorithm is unknown")
    if "dns/txt" not in tags.words(known, "q", "dns/txt"):
        raise ValueError("the key is not published in the DNS")
    return algorithm


def _forms(known: dict[str, tags.Tag]) -> tuple[bool, bool]:
    header, _, body = tags.word(known, "c", "simple/simple").lower().partition("/")
    try:
        return _FORMS[header], _FORMS[body or "simple"]
    except KeyError:
        raise ValueError("the canonicalisation is unknown") from None


def _names(known: dict[str, tags.Tag]) -> tuple[str, ...]:
    names = tags.words(known, "h")
    if "from" not in names:
        raise ValueError("the field From is not signed (RFC 6376, 5.4)")
    return names


def _identity(known: dict[str, tags.Tag], domain: str) -> str:
    text = "".join(tags.word(known, "i", f"@{domain}").split())
    local, at, place = text.rpartition("@")
    place = host(place, "i=") if at else ""
    if place != domain and not place.endswith(f".{domain}"):
        raise ValueError("i= does not lie in the domain of d=")
    plain = _QUOTED.sub(lambda found: bytes([int(found[1], 16)]), local.encode())
    return f"{plain.decode('utf-8', 'replace')}@{place}"


def without_value(field: Field, value: tags.Tag) -> bytes:
    """Return a field without the value of one of its tags."""
    before = len(field.octets) - len(field.value)
    return field.octets[: before + value.start] + field.octets[before + value.end :]
