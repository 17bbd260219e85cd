"""Know the users of the sandbox: their passwords and tokens, and which addresses lead to them.

An address leads to a user when it is his name, when its local part is his name, whatever the
domain, or when it is that with a ``+tag`` behind it; names are compared without regard to case.
Whether a password is right is asked here by every SASL mechanism; nothing here knows how a
mechanism talks.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import normalize

from courriel.errors import Misused
from courriel.model.secret import Secret
from courriel.wire.sasl.prep import prepared

# RFC 7677, 4: at least 4096. More would only make tests slower.
_ITERATIONS = 4_096


@dataclass(frozen=True, slots=True)
class ScramKeys:
    """What a server stores for SCRAM instead of a password (RFC 5802, 3)."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes


class Accounts:
    """The users with their secrets.

    ``users`` maps names to passwords, ``tokens`` names to OAuth 2 access
    tokens; without a token a user's password is his token. ``catch_all`` is
    the user who gets the mail of all unknown addresses, None for nobody.
    Raises Misused for a name that no address can have, and for tokens or a
    catch-all of somebody who is no user.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        tokens: Mapping[str, str] | None = None,
        catch_all: str | None = None,
    ) -> None:
        for name in (*(tokens or {}), *([] if catch_all is None else [catch_all])):
            if name not in users:
                raise _misused(f"{name!r} is no user", "Name it in users, with a password.")
        self._names = {_folded(name): name for name in users}
        if len(self._names) < len(users) or any(not name or " " in name for name in users):
            raise _misused(
                "a user name is empty, has a space, or is there twice but for its case",
                "Give names that can be the local part of an address.",
            )
        self._passwords = {name: Secret(password) for name, password in users.items()}
        for password in self._passwords.values():
            # What SCRAM cannot use would otherwise fail in the middle of a test.
            prepared(password, "password", "the sandbox")
        self._tokens = {name: Secret(token) for name, token in (tokens or {}).items()}
        self._catch_all = catch_all
        self._keys: dict[tuple[str, str], ScramKeys] = {}
        # Unknown users get a salt that stays the same, so that it does not tell them apart.
        self._pepper = secrets.token_bytes(16)

    @property
    def users(self) -> tuple[str, ...]:
        """Every user's name, in the order given."""
        return tuple(self._passwords)

    def resolve(self, address: str) -> str | None:
        """Return the user whom ``address`` leads to, or None.

        ``postmaster`` leads to the first user when nobody has that name, as
        RFC 5321, 4.5.1 wants it accepted.
        """
        name = self._named(address)
        if name is not None:
            return name
        local, _, _ = address.rpartition("@")
        if _folded(local or address) == "postmaster" and self._passwords:
            return next(iter(self._passwords))
        return self._catch_all

    def _named(self, address: str) -> str | None:
        folded = _folded(address)
        local, at, _ = folded.rpartition("@")
        if not at:
            local = folded
        if local.startswith('"'):
            local = _unquoted(local)
        return (
            self._names.get(folded)
            or self._names.get(local)
            or self._names.get(local.partition("+")[0])
        )

    def known(self, name: str) -> str | None:
        """Return the user who signs in as ``name``: his name or an address of his."""
        return self._named(name)

    def check_password(self, name: str, password: str) -> str | None:
        """Return the user whom this name and password sign in, or None."""
        user = self.known(name)
        if user is None or self._passwords[user] != Secret(password):
            return None
        return user

    def check_token(self, name: str, token: str) -> str | None:
        """Return the user whom this OAuth 2 token signs in, or None.

        An empty ``name`` (allowed in OAUTHBEARER) matches whoever has the token.
        """
        for user in [self.known(name)] if name else self._passwords:
            if user is not None and self._tokens.get(user, self._passwords[user]) == Secret(token):
                return user
        return None

    def check_digest(self, name: str, challenge: bytes, digest: str) -> str | None:
        """Return the user whose password made this CRAM-MD5 digest (RFC 2195), or None."""
        user = self.known(name)
        if user is None:
            return None
        expected = hmac.new(self._passwords[user].reveal().encode(), challenge, "md5").hexdigest()
        return user if hmac.compare_digest(expected.encode(), digest.lower().encode()) else None

    def check_apop(self, name: str, timestamp: str, digest: str) -> str | None:
        """Return the user whose password made this digest of APOP (RFC 1939, 7), or None."""
        user = self.known(name)
        if user is None:
            return None
        words = (timestamp + self._passwords[user].reveal()).encode()
        expected = hashlib.md5(words, usedforsecurity=False).hexdigest()
        return user if hmac.compare_digest(expected.encode(), digest.lower().encode()) else None

    def scram_keys(self, name: str, digest: str) -> ScramKeys:
        """Return the SCRAM keys of a user; those of nobody for an unknown name."""
        user = self.known(name)
        key = (user or "", digest)
        if key not in self._keys or user is None:
            salt = hmac.new(self._pepper, _folded(name).encode(), "sha256").digest()[:16]
            password = self._passwords[user] if user is not None else Secret(salt.hex())
            self._keys[key] = _derive(digest, prepared(password, "password", "SCRAM"), salt)
        return self._keys[key]


def _derive(digest: str, password: bytes, salt: bytes) -> ScramKeys:
    salted = hashlib.pbkdf2_hmac(digest, password, salt, _ITERATIONS)
    client_key = hmac.new(salted, b"Client Key", digest).digest()
    server_key = hmac.new(salted, b"Server Key", digest).digest()
    return ScramKeys(salt, _ITERATIONS, hashlib.new(digest, client_key).digest(), server_key)


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return normalize("NFC", name.casefold())


def _unquoted(local: str) -> str:
    """Return what a quoted-string says (RFC 5321, 4.1.2)."""
    text, pairs = local[1:-1], iter(local[1:-1])
    if "\\" not in text:
        return text
    return "".join(next(pairs, "") if character == "\\" else character for character in pairs)


def _misused(message: str, hint: str) -> Misused:
    return Misused(message, operation="sandbox", hint=hint)
