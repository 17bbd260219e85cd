"""Make OAuth 2.0 access tokens that Dovecot can check by itself.

A token is a JSON Web Token (RFC 7519) signed with HMAC-SHA-256 (RFC 7518, 3.2); the server finds
the key in a folder by ``azp``, algorithm and ``kid``, so no identity provider is needed.

Only the making of tokens and the layout of the key folder live here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from pathlib import Path

SCOPE = "mail"
"""What a token allows; the server wants it, and names it when it refuses a token."""


def _segment(data: bytes) -> str:
    """Encode as base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class Issuer:
    """An issuer of tokens whose key lies below ``folder``, where Dovecot looks it up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = secrets.token_bytes(32)
        file = folder / "default" / "HS256" / "default"
        file.parent.mkdir(parents=True)
        file.write_bytes(base64.b64encode(self._key))

    def token(self, user: str, *, lifetime: float = 3_600.0) -> str:
        """Make a token for ``user`` that ends in ``lifetime`` seconds; a negative one has ended."""
        now = time.time()
        # A token is never younger than its end, whatever its lifetime.
        issued = int(min(now, now + lifetime)) - 60
        header = {"alg": "HS256", "typ": "JWT"}
        claims = {
            "sub": user,
            "scope": SCOPE,
            "iat": issued,
            "nbf": issued,
            "exp": int(now + lifetime),
        }
        text = ".".join(_segment(json.dumps(part).encode()) for part in (header, claims))
        signature = hmac.new(self._key, text.encode("ascii"), hashlib.sha256).digest()
        return f"{text}.{_segment(signature)}"
