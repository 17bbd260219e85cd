"""Sign, verify, encrypt and decrypt messages with OpenPGP/MIME (RFC 3156) by GnuPG.

::

    pgp = OpenPGP(Path("~/.gnupg").expanduser())
    session.send(pgp.encrypt(email, ["bob@example.org"], sign_by="ada@example.org"))

    opened = pgp.decrypt(received)
    opened.email.text, opened.signed_by

The program ``gpg`` holds the keys and does the work, in a home that the caller names; python-gnupg
runs it. What it found is read from its status lines, which must all say the same: one good
signature, made in a way that still proves something, by a key that is trusted in that home to be
the author's. Nothing is looked up on the network.

As with S/MIME, what was signed or decrypted is an ``Email`` of its own. Only OpenPGP lives here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

try:
    import gnupg  # type: ignore[import-untyped]  # It has no types.

    from courriel.crypto.certificates import same_address
except ImportError as error:
    from courriel.crypto.extra import missing

    package = "cryptography" if error.name == "cryptography" else "python-gnupg"
    raise missing("OpenPGP", package) from error

from courriel.crypto.entity import (
    Layer,
    author,
    canonical,
    check_plain,
    checked,
    halves,
    multipart,
)
from courriel.crypto.gnupg_status import MICALG, Owner, Status, owners
from courriel.crypto.mixture import Protection, encrypted_parts, protection
from courriel.crypto.results import Decrypted, PgpResult
from courriel.errors import CourrielError, Garbled, Misused
from courriel.model.address import Address
from courriel.model.email import Email
from courriel.model.limits import DEFAULT, Limits
from courriel.model.secret import Secret, discreet
from courriel.model.transfer import Transfer

__all__ = ["Decrypted", "OpenPGP", "PgpResult", "Protection", "encrypted_parts", "protection"]

_OPERATION = "OpenPGP"
_PROTOCOL = "application/pgp-signature"
_OPTIONS = ["--no-auto-key-retrieve", "--no-auto-key-locate", "--disable-dirmngr"]
_KEY_HINT = "Name the key by its whole fingerprint, or by an address that stands in it."
# Of version 4 and of version 6; keys can be made whose shorter identifier is a given one.
_FINGERPRINT = re.compile(r"(?:0x)?(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})!?")


class OpenPGP:
    """The keys in a home of GnuPG, and what can be done with them.

    ``home`` is the directory (GNUPGHOME), which must exist; ``program`` the
    program gpg, by name or path. ``limits.pgp_content`` bounds what decrypting
    gives out. Raises Misused when there is no such home or program.
    """

    def __init__(
        self, home: str | os.PathLike[str], *, program: str = "gpg", limits: Limits = DEFAULT
    ) -> None:
        self._limits = limits
        self.home = Path(home)
        try:
            self._gpg = gnupg.GPG(
                gpgbinary=program, gnupghome=str(self.home), options=list(_OPTIONS)
            )
        except (OSError, ValueError):
            raise Misused(
                "gpg does not run with that home",
                operation=_OPERATION,
                hint="Install GnuPG, and name a directory that exists and is yours alone.",
            ) from None

    @discreet
    def sign(
        self, email: Email, key: str | Address, *, passphrase: str | Secret | None = None
    ) -> Email:
        """Return ``email`` signed with the private key ``key`` (multipart/signed).

        A key is named by its fingerprint, or by an address that stands in it.
        Raises Misused when there is no such key, the passphrase is wrong, or
        the content is such that servers may change it on its way.
        """
        operation = "OpenPGP.sign"
        taken = halves(checked(email, operation), Transfer.SEVEN_BIT)
        hint = "Encrypt it as well: encrypt(email, to, sign_by=…)."
        check_plain(taken.entity, operation, hint)
        result = self._gpg.sign(
            taken.entity,
            passphrase=_opened(passphrase, operation),
            clearsign=False,
            detach=True,
            extra_args=[*_signer(key, operation), "--digest-algo", "SHA512"],
        )
        status = _status(result)
        if not result.data or not status.has("SIG_CREATED"):
            raise _failed(status, operation)
        micalg = MICALG.get(int(status.every("SIG_CREATED")[0].split()[2]), "pgp-sha512")
        parameters = (f'protocol="{_PROTOCOL}"', f"micalg={micalg}")
        signature = _armored(f'{_PROTOCOL}; name="signature.asc"', result.data)
        return taken.around(multipart("signed", parameters, (taken.entity, signature)))

    @discreet
    def encrypt(
        self,
        email: Email,
        to: str | Address | Iterable[str | Address],
        *,
        sign_by: str | Address | None = None,
        passphrase: str | Secret | None = None,
        trust_all: bool = False,
    ) -> Email:
        """Return ``email`` encrypted to the keys ``to``, and signed by ``sign_by`` inside.

        The names and the subject stay readable, as servers need them. Include
        your own key to read it later. A key must be trusted in this home, unless
        ``trust_all``. Raises Misused when one is not there or not trusted, or
        the passphrase is wrong.
        """
        operation = "OpenPGP.encrypt"
        taken = halves(checked(email, operation), Transfer.EIGHT_BIT)
        whom = _named_all(to, operation)
        result = self._gpg.encrypt(
            taken.entity,
            whom,
            passphrase=_opened(passphrase, operation),
            always_trust=trust_all,
            extra_args=[] if sign_by is None else ["--sign", *_signer(sign_by, operation)],
        )
        status = _status(result)
        if not result.data or not status.has("END_ENCRYPTION") or status.has("INV_RECP"):
            raise _failed(status, operation)
        control = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        sealed = _armored('application/octet-stream; name="encrypted.asc"', result.data)
        parameters = ('protocol="application/pgp-encrypted"',)
        return taken.around(multipart("encrypted", parameters, (control, sealed)))

    @discreet
    def decrypt(
        self, email: Email, *, passphrase: str | Secret | None = None
    ) -> Decrypted[PgpResult]:
        """Return what is encrypted in ``email``, and what its signatures are worth.

        The one inside is the author's; there may be another around the
        encryption. Raises Misused when the message is not encrypted as a whole,
        there is no key for it here, or the passphrase is wrong; Garbled when it
        is damaged.
        """
        operation = "OpenPGP.decrypt"
        sealed, layer = email, Layer.of(checked(email, operation))
        if layer.is_signed(_PROTOCOL):
            sealed = halves(email).revealing(layer.signed_octets())
            layer = Layer.of(sealed)
        status, content = self._decrypted(layer, _opened(passphrase, operation))
        outer = None if sealed is email else self.verify(email)
        opened = halves(sealed).revealing(content)
        if status.has_signature:
            return Decrypted(opened, True, self._judged(sealed, opened, status), outer)
        beneath = Layer.of(opened)
        if not beneath.is_signed(_PROTOCOL):
            return Decrypted(opened, True, None, outer)
        inner = self.verify(opened)
        shown = inner.email or halves(opened).revealing(beneath.signed_octets())
        return Decrypted(shown, True, inner, outer)

    def _decrypted(self, layer: Layer, passphrase: str | None) -> tuple[Status, bytes]:
        operation = "OpenPGP.decrypt"
        if not layer.is_encrypted_pgp():
            raise Misused(
                "the message is not encrypted with OpenPGP as a whole",
                operation=operation,
                hint="encrypted_parts gives the parts that are, each as a message of its own.",
            )
        result = self._gpg.decrypt(
            layer.decoded(layer.root.parts[1]),
            passphrase=passphrase,
            extra_args=["--max-output", str(self._limits.pgp_content)],
        )
        status = _status(result)
        # gpg is not content either when only the signature inside is not good.
        if not status.decrypted() or (result.returncode and not status.doubtful):
            raise _failed(status, operation)
        return status, result.data

    def verify(self, email: Email) -> PgpResult:
        """Return what the OpenPGP signature of ``email`` is worth.

        The key must be in this home and trusted there for the author's (From)
        address. Nothing that the message holds raises.
        """
        layer = Layer.of(checked(email, "OpenPGP.verify"))
        if not layer.is_signed(_PROTOCOL):
            return PgpResult(reason="the message is not signed with OpenPGP as a whole")
        content = layer.signed_octets()
        signature = layer.decoded(layer.root.parts[1])
        found = PgpResult(reason="the signature cannot be read")
        # Some sign lines as they have them, the others as they travel.
        for form in dict.fromkeys((canonical(content), content)):
            status = self._status_of(email, signature, form)
            found = self._judged(email, halves(email).revealing(form), status)
            if found.intact:
                break
        return found

    def _status_of(self, email: Email, signature: bytes, content: bytes) -> Status:
        with TemporaryDirectory(prefix="courriel-") as folder:
            path = Path(folder, "signature.asc")
            path.write_bytes(signature)
            return _status(self._gpg.verify_data(str(path), content))

    def _judged(self, email: Email, content: Email, status: Status) -> PgpResult:
        verdict = status.verdict()
        if verdict.reason or verdict.fingerprint is None:
            return PgpResult(reason=verdict.reason)
        owners = self._owners(verdict.fingerprint)
        named, reason = author(email)
        fitting = [one for one in owners if named and same_address(one.address, named)]
        trusted = any(one.trusted for one in fitting)
        if not reason and not fitting:
            reason = "the key is not for the address in From"
        elif not reason and not trusted:
            reason = "the key is not trusted for the address in From"
        return PgpResult(
            valid=not reason,
            reason=reason,
            signer=next((one.address for one in (*fitting, *owners)), None),
            signed_at=verdict.signed_at,
            intact=True,
            trusted=trusted,
            email=content,
            fingerprint=verdict.fingerprint,
        )

    def _owners(self, fingerprint: str) -> tuple[Owner, ...]:
        listing = self._gpg.list_keys(keys=[fingerprint])
        return owners(getattr(listing, "data", b"") or b"")


def _status(result: Any) -> Status:
    return Status(getattr(result, "stderr", "") or "")


def _armored(content_type: str, armor: bytes) -> bytes:
    """Return an entity that carries an armor, which is plain text already."""
    return b"Content-Type: %s\r\n\r\n%s" % (content_type.encode(), canonical(armor))


def _named(key: object, operation: str) -> str:
    """Return how gpg is told of exactly one owner; it would take parts of names as well."""
    if isinstance(key, str) and (found := _FINGERPRINT.fullmatch(key.replace(" ", ""))):
        return found[0]
    if isinstance(key, Address) or (isinstance(key, str) and "@" in key):
        # Without the brackets every address that ends like it would do.
        return f"<{Address.of(key).address}>"
    raise Misused("a key cannot be named so", operation=operation, hint=_KEY_HINT)


def _named_all(to: object, operation: str) -> list[str]:
    keys = [to] if isinstance(to, (str, Address)) else to
    if not isinstance(keys, Iterable):
        raise Misused("a list of keys is needed", operation=operation, hint=_KEY_HINT)
    whom = [_named(one, operation) for one in keys]
    if not whom:
        raise Misused("there is nobody to encrypt to", operation=operation, hint=_KEY_HINT)
    return whom


def _signer(key: object, operation: str) -> list[str]:
    # What python-gnupg would write, --default-key, takes another key when there is no such one.
    return ["--local-user", _named(key, operation)]


def _opened(passphrase: str | Secret | None, operation: str) -> str | None:
    if passphrase is None:
        return None
    text = Secret(passphrase).reveal()
    if not text or "\n" in text or "\r" in text or "\0" in text:
        # gpg reads one line.
        raise Misused("the passphrase is empty, or more than one line", operation=operation)
    # python-gnupg writes Latin-1, gpg reads UTF-8.
    return text.encode().decode("latin-1")


_FAILURES = (
    (("INV_RECP",), "a key to encrypt to is not there, not trusted or expired", _KEY_HINT),
    (("INV_SGNR", "NO_SECKEY"), "there is no private key for it in this home", _KEY_HINT),
    (("KEYEXPIRED", "KEYREVOKED"), "the key has expired or was revoked", ""),
)


def _failed(status: Status, operation: str) -> CourrielError:
    if status.locked:
        return Misused("the passphrase is wrong or missing", operation=operation)
    for keywords, message, hint in _FAILURES:
        if status.has(*keywords):
            return Misused(message, operation=operation, hint=hint)
    if operation != "OpenPGP.decrypt":
        return Misused("gpg could not do it", operation=operation, hint=_KEY_HINT)
    error = Garbled(
        "the message cannot be decrypted",
        operation=operation,
        hint="It was damaged or changed on its way; ask for it again.",
    )
    # No session is involved.
    error.session_usable = True
    return error
