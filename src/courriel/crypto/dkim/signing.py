"""Sign messages by DKIM (RFC 6376, 5).

The signature is a new field in front; every other octet stays. What may be signed is what arrives:
a message with a bare CR is refused, and so is a composed one with blind copies, which are not in
its octets. A field Bcc is never signed, because sending takes it out.

Only the choice of what is signed lives here; ``settings`` checks what the signer is given,
``shape`` writes the field.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

import courriel.crypto.dkim.canonical as canonical
import courriel.crypto.dkim.primitives as primitives
import courriel.crypto.dkim.settings as settings
import courriel.crypto.dkim.shape as shape
import courriel.crypto.dkim.signature as signature
from courriel.crypto.dkim.split import Letter, has_bare_cr, letter
from courriel.errors import Misused
from courriel.model.characters import excerpt
from courriel.model.email import Email
from courriel.model.limits import Limits
from courriel.model.secret import Secret, discreet

__all__ = ["OVERSIGNED", "SIGNED", "DkimSigner"]

OVERSIGNED = (
    *("from", "reply-to", "to", "cc", "subject", "date"),
    *("mime-version", "content-type", "content-transfer-encoding"),
)
"""Fields that are signed once more than they are there, so that none can be added."""
SIGNED = (
    *OVERSIGNED,
    *("sender", "message-id", "in-reply-to", "references", "content-disposition", "content-id"),
    *("resent-date", "resent-from", "resent-sender", "resent-to", "resent-cc"),
    *("resent-message-id", "list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post"),
    *("list-subscribe", "list-post", "list-owner", "list-archive"),
)
"""Fields that are signed where they are there (RFC 6376, 5.4.1)."""

_ONE_CLICK = ("list-unsubscribe", "list-unsubscribe-post")


class DkimSigner:
    """Sign for ``domain`` with a private key, whose public half is published at ``selector``.

    ``key_pem`` is a PEM file's content, RSA of at least 2048 bits or Ed25519;
    ``password`` opens it. ``headers`` are the names of the fields to sign
    instead of ``SIGNED``; From is among them always, and so are those of
    RFC 8058 in a message that has them. ``oversign`` names those that nobody
    shall add. ``canonicalization`` is that of the header and the body.
    ``identity`` (``i=``) is an address in ``domain`` or below; ``lifetime``
    the seconds that a signature is good for, for ever when None. Raises
    Misused for what cannot sign.
    """

    __slots__ = (
        *("_headers", "_identity", "_key", "_lifetime", "_oversign"),
        *("algorithm", "canonicalization", "domain", "selector"),
    )

    @discreet
    def __init__(
        self,
        domain: str,
        selector: str,
        key_pem: bytes | str,
        *,
        password: str | Secret | None = None,
        headers: Iterable[str] = SIGNED,
        oversign: Iterable[str] = OVERSIGNED,
        algorithm: str | None = None,
        canonicalization: str = "relaxed/relaxed",
        identity: str | None = None,
        lifetime: int | None = None,
    ) -> None:
        self.domain, self.selector = settings.place(domain, selector)
        self._key = primitives.private_key(settings.pem(key_pem), settings.plain(password))
        self.algorithm = primitives.kind_of(self._key)
        if algorithm is not None and algorithm != self.algorithm:
            raise Misused(
                f"this key does not sign by {excerpt(algorithm)}",
                operation=settings.OPERATION,
                hint=f"It signs by {self.algorithm}; rsa-sha1 proves nothing any more (RFC 8301).",
            )
        self.canonicalization = settings.forms(canonicalization)
        self._headers = settings.names(headers, "headers")
        self._oversign = frozenset(settings.names(oversign, "oversign"))
        self._identity = settings.identity(identity, self.domain)
        self._lifetime = settings.seconds(lifetime)

    @property
    def place(self) -> str:
        """The domain name at which the key has to be published."""
        return signature.place_of(self.domain, self.selector)

    @property
    def record(self) -> str:
        """The text to publish there, as a TXT record (RFC 6376, 3.6.1).

        In a zone file it is cut into strings of at most 255 octets.
        """
        kind = signature.ALGORITHMS[self.algorithm]
        key = b64encode(primitives.published(self._key)).decode("ascii")
        return f"v=DKIM1; k={kind}; p={key}"

    def sign(self, message: Email | bytes, *, now: float | None = None) -> Email:
        """Return the message with a signature in front, and every other octet as it is.

        ``now`` is the time of signing, in seconds since 1970. Raises Misused
        for a message that would not arrive as it was signed.
        """
        source = _source(message)
        cut = letter(source, most=Limits().dkim_header)
        _check(cut)
        relaxed_header, relaxed_body = (form == "relaxed" for form in self.canonicalization)
        names = self._names_for(cut)
        body = canonical.body(cut.body, relaxed=relaxed_body)
        tags = self._tags(names, sha256(body).digest(), int(time.time() if now is None else now))
        bare = shape.unsigned(tags)
        signed = [*(each.octets for each in canonical.chosen(cut.fields, names)), bare]
        octets = b"\r\n".join(canonical.field(each, relaxed=relaxed_header) for each in signed)
        field = bare + shape.value(primitives.signed(self._key, octets))
        return Email.from_source(shape.in_front(field, source))

    def _names_for(self, cut: Letter) -> list[str]:
        present = Counter(field.name for field in cut.fields)
        wanted = ["from", *self._headers, *self._oversign]
        if "list-unsubscribe-post" in present:
            wanted += _ONE_CLICK
        return [
            name
            for name in dict.fromkeys(wanted)
            for _ in range(present[name] + (name in self._oversign))
        ]

    def _tags(self, names: list[str], body_hash: bytes, now: int) -> list[str]:
        tags = ["v=1", f"a={self.algorithm}", f"c={'/'.join(self.canonicalization)}"]
        tags += [f"d={self.domain}", f"s={self.selector}", f"t={now}"]
        if self._lifetime is not None:
            tags.append(f"x={now + self._lifetime}")
        if self._identity:
            tags.append(f"i={self._identity}")
        return [*tags, f"h={':'.join(names)}", f"bh={b64encode(body_hash).decode('ascii')}"]

    def __repr__(self) -> str:
        return f"DkimSigner({self.domain!r}, {self.selector!r}, algorithm={self.algorithm!r})"


def _source(message: Email | bytes) -> bytes:
    if isinstance(message, Email):
        if message.composed and message.bcc:
            raise Misused(
                "the blind copies of a composed message would be lost",
                operation="sign",
                hint="Compose it without bcc, and give recipients= when it is sent.",
            )
        return message.source
    if not isinstance(message, (bytes, bytearray, memoryview)):
        raise Misused(
            f"a message is an Email or bytes, not {type(message).__name__}", operation="sign"
        )
    return bytes(message)


def _check(cut: Letter) -> None:
    fault = cut.fault
    if not fault and sum(field.name == "from" for field in cut.fields) != 1:
        fault = "it has not exactly one From field"
    if not fault and has_bare_cr(cut.body):
        fault = "it holds a carriage return that ends no line"
    if fault:
        raise Misused(
            f"the message cannot be signed: {fault}",
            operation="sign",
            hint="It would not arrive as it was signed; compose it with Email.",
        )
