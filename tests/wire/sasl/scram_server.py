"""A SCRAM server small enough to check against RFC 5802 by eye; it shares no code with ours."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode


class ScramServer:
    """Knows one user, and says what a server says in the two steps of the exchange."""

    def __init__(
        self,
        user: str,
        password: str,
        *,
        digest: str = "sha256",
        salt: bytes = b"salt",
        iterations: int = 4,
        end_point: bytes | None = None,
        offers_binding: bool = False,
    ) -> None:
        self._user = user
        self._digest = digest
        self._salt = salt
        self._iterations = iterations
        self._end_point = end_point
        self._offers_binding = offers_binding
        self._salted = self._stretch(password.encode())
        self._header = b""
        self._messages: list[bytes] = []
        self._nonce = b""

    def first(self, client_first: bytes | None) -> bytes:
        assert client_first is not None
        flag, authorization, bare = client_first.split(b",", 2)
        if flag == b"y" and self._offers_binding:
            return b"e=server-does-support-channel-binding"
        assert authorization == b""
        self._header = flag + b",,"
        name, nonce = bare.split(b",")
        assert name.startswith(b"n=")
        if name[2:].replace(b"=2C", b",").replace(b"=3D", b"=").decode() != self._user:
            return b"e=unknown-user"
        assert nonce.startswith(b"r=")
        self._nonce = nonce[2:] + b"%hvYDpWUa"
        challenge = b"r=%s,s=%s,i=%d" % (self._nonce, b64encode(self._salt), self._iterations)
        self._messages = [bare, challenge]
        return challenge

    def final(self, client_final: bytes | None) -> bytes:
        assert client_final is not None
        without_proof, _, proof = client_final.rpartition(b",p=")
        binding, nonce = without_proof.split(b",")
        bound = self._end_point if self._header.startswith(b"p=") else b""
        assert bound is not None
        if b64decode(binding.removeprefix(b"c=")) != self._header + bound:
            return b"e=channel-bindings-dont-match"
        assert nonce == b"r=" + self._nonce
        message = b",".join([*self._messages, without_proof])
        stored = hashlib.new(self._digest, self._hmac(self._salted, b"Client Key")).digest()
        signature = self._hmac(stored, message)
        key = bytes(a ^ b for a, b in zip(b64decode(proof), signature, strict=True))
        if hashlib.new(self._digest, key).digest() != stored:
            return b"e=invalid-proof"
        return b"v=" + b64encode(self._hmac(self._hmac(self._salted, b"Server Key"), message))

    def _stretch(self, password: bytes) -> bytes:
        """Compute Hi() (RFC 5802, 2.2), by its definition."""
        block = self._hmac(password, self._salt + b"\0\0\0\1")
        result = int.from_bytes(block, "big")
        for _ in range(self._iterations - 1):
            block = self._hmac(password, block)
            result ^= int.from_bytes(block, "big")
        return result.to_bytes(len(block), "big")

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, self._digest).digest()
