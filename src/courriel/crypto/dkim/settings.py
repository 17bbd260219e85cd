"""Check what a signer is given. Everything wrong is Misused, at construction.

Only these checks live here.
"""

from __future__ import annotations

from collections.abc import Iterable

import courriel.crypto.dkim.signature as signature
from courriel.errors import Misused
from courriel.model.characters import excerpt, single_line
from courriel.model.secret import Secret

OPERATION = "DkimSigner"

# What relays add, change or take out.
_NEVER = frozenset(
    ("bcc", "resent-bcc", "return-path", "received", "dkim-signature", "authentication-results")
)
_LONGEST = 10 * 366 * 24 * 3600


def place(domain: str, selector: str) -> tuple[str, str]:
    """Return a domain and a selector in A-labels."""
    named = host(domain, "domain"), host(selector, "selector")
    try:
        signature.place_of(*named)
    except ValueError as error:
        raise Misused(str(error), operation=OPERATION) from error
    return named


def host(name: str, what: str) -> str:
    """Return a domain or a selector in A-labels."""
    single_line(name, what=what, operation=OPERATION)
    try:
        return signature.host(name, what)
    except ValueError as error:
        raise Misused(
            str(error), operation=OPERATION, hint="Write example.org, and spring for a selector."
        ) from error


def forms(text: object) -> tuple[str, str]:
    """Return the canonicalisation of the header and that of the body."""
    header, _, body = text.partition("/") if isinstance(text, str) else ("", "", "")
    if header not in {"simple", "relaxed"} or body not in {"simple", "relaxed"}:
        raise Misused(
            f"canonicalization cannot be {excerpt(text)}",
            operation=OPERATION,
            hint="Write relaxed/relaxed, relaxed/simple, simple/relaxed or simple/simple.",
        )
    return header, body


def names(values: Iterable[str], what: str) -> tuple[str, ...]:
    """Return the names of header fields in lower case."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise Misused(f"{what} must be a list of names", operation=OPERATION)
    checked = tuple(single_line(each, what=what, operation=OPERATION).lower() for each in values)
    for name in checked:
        if not name.isascii() or not name or set(name) & set(" :;"):
            raise Misused(f"{excerpt(name)} cannot name a header", operation=OPERATION)
        if name in _NEVER:
            raise Misused(
                f"the field {name.title()} is changed on the way and must not be signed",
                operation=OPERATION,
            )
    return checked


def identity(given: str | None, domain: str) -> str:
    """Return the value of ``i=``; empty for none (RFC 6376, 2.11 and 3.5)."""
    if given is None:
        return ""
    single_line(given, what="identity", operation=OPERATION)
    local, at, place = given.rpartition("@")
    place = host(place, "identity")
    if not at or not (place == domain or place.endswith(f".{domain}")):
        raise Misused(
            f"identity must be an address in {domain}",
            operation=OPERATION,
            hint=f"Write somebody@{domain}, or @{domain}.",
        )
    quoted = "".join(
        character if character.isascii() and character not in " ;=" else _quoted(character)
        for character in local
    )
    return f"{quoted}@{place}"


def _quoted(character: str) -> str:
    return "".join(f"={octet:02X}" for octet in character.encode())


def seconds(lifetime: object) -> int | None:
    """Return how long a signature is good for."""
    if lifetime is None or (isinstance(lifetime, int) and 0 < lifetime <= _LONGEST):
        return lifetime
    raise Misused(
        f"lifetime cannot be {excerpt(lifetime)}",
        operation=OPERATION,
        hint="Give whole seconds, ten years at most.",
    )


def pem(key: bytes | str) -> bytes:
    """Return the content of a key file as bytes."""
    if isinstance(key, str):
        key = key.encode("utf-8", "replace")
    if not isinstance(key, (bytes, bytearray)):
        raise Misused(
            f"key_pem must be the content of a PEM file, not {type(key).__name__}",
            operation=OPERATION,
            hint="Read it: Path(...).read_bytes().",
        )
    return bytes(key)


def plain(password: str | Secret | None) -> bytes | None:
    """Return the octets of a password; None for none."""
    if password is None:
        return None
    return Secret(password).reveal().encode("utf-8", "surrogatepass")
