"""Say what came of looking at a signature, and what came of decrypting.

A result is a value, never an exception: a mail may say anything. It is about ``email``, which
holds what was signed and nothing else, and so is what may be shown as signed.

Only these values live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from courriel.model.address import Address
from courriel.model.email import Email

if TYPE_CHECKING:
    from cryptography import x509

__all__ = ["Decrypted", "PgpResult", "SmimeResult"]


@dataclass(frozen=True, slots=True)
class Signature:
    """What is known of a signature, whoever checked it.

    ``valid`` is the one word for it: the content is what was signed
    (``intact``), the signer's key is his (``trusted``), and he is who From
    says. ``reason`` says what is wanting otherwise. ``signer`` is his address;
    ``signed_at`` what he says of the time. ``email`` is the message with what
    was signed as its content, None unless ``intact``; its other fields (To,
    Date, and Subject unless it was signed too) are those around it, which
    nobody has signed.
    """

    valid: bool = False
    reason: str = ""
    signer: Address | None = None
    signed_at: datetime | None = None
    intact: bool = False
    trusted: bool = False
    email: Email | None = None

    def __bool__(self) -> bool:
        return self.valid


@dataclass(frozen=True, slots=True)
class SmimeResult(Signature):
    """What came of an S/MIME signature; ``certificate`` is the signer's, as it came along."""

    certificate: x509.Certificate | None = None


@dataclass(frozen=True, slots=True)
class PgpResult(Signature):
    """What came of an OpenPGP signature; ``fingerprint`` is that of the signer's primary key."""

    fingerprint: str | None = None


S = TypeVar("S", bound=Signature)


@dataclass(frozen=True, slots=True)
class Decrypted(Generic[S]):
    """What came out of an encrypted message.

    ``email`` is a message of its own: it has the names and the subject of the
    one it was in, which nobody encrypted, and its content is what was
    decrypted and nothing else, taken out of its signature when that was looked
    at. ``authenticated`` tells whether a change on the way would have
    been noticed. ``signature`` is the one inside the encryption, ``outer`` the
    one around it, which anybody can put there; each is None when there is none
    or it was not looked at.
    """

    email: Email
    authenticated: bool
    signature: S | None = None
    outer: S | None = None

    @property
    def signed_by(self) -> Address | None:
        """Who signed what was decrypted, None unless that signature is valid."""
        return self.signature.signer if self.signature else None
