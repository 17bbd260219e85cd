"""Find the encrypted parts of a message, and tell when there is something beside them.

Whoever cannot decrypt a message can still put its ciphertext between two parts of his own, in the
hope that the reader's program joins what it decrypts with what he wrote, and calls him: ``<img
src="http://…`` before it, ``">`` behind it (EFAIL, direct exfiltration). So only a message that is
encrypted as a whole is decrypted as one. Here a part is cut out with nothing around it.

Only this finding lives here.
"""

from __future__ import annotations

from dataclasses import dataclass

from courriel.crypto import enveloped_data, oids, signed_data
from courriel.crypto.entity import Layer, checked, divided, halves, is_pkcs7
from courriel.model.email import Email
from courriel.model.structure import Part

__all__ = ["Protection", "encrypted_parts", "protection"]

PARTIAL = "only a part of the message is encrypted"

_SIGNATURES = {"application/pkcs7-signature": "smime", "application/pgp-signature": "openpgp"}


@dataclass(frozen=True, slots=True)
class Protection:
    """What a message claims to be protected by, before anything is checked.

    ``signed`` and ``encrypted`` are about the message as a whole: ``"smime"``,
    ``"openpgp"`` or None; both for one that was encrypted first and then signed
    for everybody to see. ``partial`` tells that something in it is encrypted
    and something is not; ``defects`` says so in words.
    """

    signed: str | None = None
    encrypted: str | None = None
    partial: bool = False

    @property
    def defects(self) -> tuple[str, ...]:
        """What is wrong with it; empty when nothing is."""
        return (PARTIAL,) if self.partial else ()


def protection(email: Email) -> Protection:
    """Return what ``email`` claims to be protected by. Nothing raises, whatever its bytes are."""
    layer = Layer.of(checked(email, "protection"))
    if layer.is_encrypted_pgp():
        return Protection(encrypted="openpgp")
    for protocol, signed in _SIGNATURES.items():
        if layer.is_signed(protocol):
            content = layer.root.parts[0]
            inside = _encryption(layer, content)
            partial = inside is None and bool(_inside(layer, content))
            return Protection(signed=signed, encrypted=inside, partial=partial)
    if layer.is_pkcs7():
        kind = signed_data.kind_of(layer.decoded(layer.root))
        return Protection(
            signed="smime" if kind == oids.SIGNED_DATA else None,
            encrypted="smime" if kind in enveloped_data.KINDS else None,
        )
    return Protection(partial=bool(_inside(layer, layer.root)))


def encrypted_parts(email: Email) -> tuple[Email, ...]:
    """Return every encrypted part as a message of its own, which may be decrypted.

    It has the names and the subject of ``email``. A message that is encrypted
    as a whole is its own only part.
    """
    layer = Layer.of(checked(email, "encrypted_parts"))
    if _encryption(layer, layer.root):
        return (email,)
    outside = halves(email)
    return tuple(
        outside.around(divided(layer.source[part.begin : part.end]).entity)
        for part in _inside(layer, layer.root)
    )


def _inside(layer: Layer, content: Part) -> list[Part]:
    found: list[Part] = []
    waiting = list(reversed(content.parts))
    while waiting:
        part = waiting.pop()
        if _encryption(layer, part):
            found.append(part)
        else:
            waiting.extend(reversed(part.parts))
    return found


def _encryption(layer: Layer, part: Part) -> str | None:
    """Return by what a part is encrypted as a whole, None when it is not."""
    if is_pkcs7(part):
        kind = signed_data.kind_of(layer.decoded(part))
        return "smime" if kind in enveloped_data.KINDS else None
    return "openpgp" if Layer(layer.source, part).is_encrypted_pgp() else None
