"""Read what gpg says on its status lines, and believe only what they say together.

::

    [GNUPG:] KEYWORD arguments                                   doc/DETAILS of GnuPG

A message may hold several signatures, of which the last is not the one that counts, and packets
that are neither signed nor encrypted beside ones that are. So what is wanted is told exactly: the
lines must say it once, and nothing against it.

Only this reading lives here; it runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from courriel.model.address import Address
from courriel.model.tolerant import read_addresses

_PREFIX = "[GNUPG:] "
_AGAINST = {
    "BADSIG": "the content is not what was signed",
    "EXPSIG": "the signature has expired",
    "EXPKEYSIG": "the key of the signer has expired",
    "REVKEYSIG": "the key of the signer was revoked",
    "NO_PUBKEY": "the key of the signer is not in the key ring",
    "ERRSIG": "the signature cannot be checked",
    "UNEXPECTED": "the signature cannot be read",
}
_TRUSTED = frozenset("fu")
_OUT_OF_USE = frozenset("rdei")
_STRONG = frozenset({"8", "9", "10", "11", "12", "14"})
"""SHA-2 and SHA-3, by their numbers (RFC 4880, 9.4; RFC 9580, 9.5)."""
_OF_DOCUMENT = frozenset({"00", "01"})
_VALIDSIG_FIELDS = 10
_USER_ID = 9
_AEAD = 2
_NUMBER = re.compile(r"[0-9]{1,12}")
_LOCKED = frozenset({11, 85, 86, 99, 177})
"""Codes of GnuPG's errors: a bad passphrase, no agent's window to ask for it, cancelled, none."""
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
MICALG = {8: "pgp-sha256", 9: "pgp-sha384", 10: "pgp-sha512", 11: "pgp-sha224"}
"""Number of a digest -> its name in the parameter micalg (RFC 3156, 5)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What gpg found out about a signature; ``reason`` is empty when it is good."""

    reason: str
    fingerprint: str | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """An address that stands in a key; ``trusted`` tells whether it is known to be right."""

    address: Address
    trusted: bool


class Status:
    """The status lines of one run."""

    def __init__(self, text: str) -> None:
        self._lines = list(_lines(text))

    def every(self, keyword: str) -> list[str]:
        """Return the arguments of every line with that keyword."""
        return [arguments for name, arguments in self._lines if name == keyword]

    def has(self, *keywords: str) -> bool:
        """Whether there is a line with one of these keywords."""
        return any(name in keywords for name, _ in self._lines)

    @property
    def has_signature(self) -> bool:
        """Whether a signature was seen, good or bad."""
        return self.has("NEWSIG", "GOODSIG", "VALIDSIG", *(_AGAINST.keys() - {"UNEXPECTED"}))

    @property
    def doubtful(self) -> bool:
        """Whether something speaks against the signature."""
        return self.has(*_AGAINST)

    @property
    def locked(self) -> bool:
        """Whether a private key stayed closed for want of the right passphrase."""
        said = (text.split()[-1:] for name in ("FAILURE", "ERROR") for text in self.every(name))
        codes = {int(word[0]) & 0xFFFF for word in said if word and _NUMBER.fullmatch(word[0])}
        return self.has("BAD_PASSPHRASE", "MISSING_PASSPHRASE") or not codes.isdisjoint(_LOCKED)

    def decrypted(self) -> bool:
        """Whether all that was given out was encrypted, and not changed on the way.

        ::

            DECRYPTION_INFO mdc-method cipher [aead-algorithm]

        A home may say that a missing check is no error (``ignore-mdc-error``);
        so the check itself must have been made, which ``GOODMDC`` says of the old
        kind, and the number of an algorithm of the new one.
        """
        if self.has("DECRYPTION_FAILED", "BADMDC", "NODATA", "UNEXPECTED", "FAILURE"):
            return False
        order = [
            name
            for name, _ in self._lines
            if name in {"BEGIN_DECRYPTION", "PLAINTEXT", "DECRYPTION_OKAY"}
        ]
        kinds = [arguments.split() for arguments in self.every("DECRYPTION_INFO")]
        sealed = len(kinds) == 1 and len(kinds[0]) > _AEAD and kinds[0][_AEAD] != "0"
        return order == ["BEGIN_DECRYPTION", "PLAINTEXT", "DECRYPTION_OKAY"] and (
            sealed or self.has("GOODMDC")
        )

    def verdict(self) -> Verdict:
        """Return what is known of the one signature that there must be.

        ::

            VALIDSIG fingerprint date timestamp expires version reserved key-algorithm
                digest class primary-fingerprint
        """
        for keyword, reason in _AGAINST.items():
            if self.has(keyword):
                return Verdict(reason)
        good, valid = self.every("GOODSIG"), self.every("VALIDSIG")
        if not good or not valid:
            return Verdict("there is no signature that can be checked")
        if len(good) != 1 or len(valid) != 1 or len(self.every("NEWSIG")) > 1:
            return Verdict("there are several signatures")
        fields = valid[0].split()
        if len(fields) < _VALIDSIG_FIELDS:
            return Verdict("the signature cannot be checked")
        if fields[7] not in _STRONG:
            return Verdict("the signature is made with a digest that is weak or unknown")
        if fields[8] not in _OF_DOCUMENT:
            return Verdict("the signature is not of a message")
        return Verdict("", fields[9], _moment(fields[2]))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        if line.startswith(_PREFIX):
            keyword, _, arguments = line[len(_PREFIX) :].rstrip("\r").partition(" ")
            yield keyword, arguments


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def owners(listing: bytes) -> tuple[Owner, ...]:
    """Return the addresses in the one key of a listing, without those that are out of use.

    ::

        record = type ":" validity ":" … (the tenth field is the user ID)

    A user ID with several addresses is none: whoever has certified it has seen
    one of them.
    """
    records = [line.split(":") for line in listing.decode("utf-8", "replace").splitlines()]
    keys = [record for record in records if record[0] == "pub"]
    if len(keys) != 1 or keys[0][1][:1] in _OUT_OF_USE:
        return ()
    found: list[Owner] = []
    for record in records:
        if record[0] == "uid" and len(record) > _USER_ID and record[1][:1] not in _OUT_OF_USE:
            named = read_addresses(_unescaped(record[_USER_ID]))[0]
            if len(named) == 1:
                found.append(Owner(named[0], record[1][:1] in _TRUSTED))
    return tuple(found)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
