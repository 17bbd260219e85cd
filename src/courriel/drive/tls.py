"""TLS between two buffers: one layer that both drivers put between machine and transport.

Octets of ciphertext are fed in and taken out; no socket is touched. So STARTTLS and implicit TLS
are the same thing, the blocking and the asyncio driver behave alike, and nothing that was read
before the handshake can be mistaken for what TLS protects (docs/decisions/0003).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from courriel.errors import Disconnected, InsecureConnection
from courriel.flows.effects import Secured

_RECORD = 256 * 1024


def default_context() -> ssl.SSLContext:
    """Return a context that verifies certificate and host name, TLS 1.2 or later."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ssl.HAS_NEVER_CHECK_COMMON_NAME:
        # RFC 9525, 2: a server's names are in the certificate's extension, nowhere else.
        context.hostname_checks_common_name = False
    return context


class Layer(Protocol):
    """What a driver needs of TLS; ``scripted`` pretends it."""

    ended: bool

    def feed(self, ciphertext: bytes, /) -> None: ...
    def take(self) -> bytes: ...
    def shake(self) -> Secured | None: ...
    def decrypt(self) -> bytes: ...
    def encrypt(self, plaintext: bytes, /) -> bytes: ...
    def farewell(self) -> bytes: ...


MakeLayer = Callable[[Any, str], Layer]


class TlsLayer:
    """The client side of one TLS connection."""

    __slots__ = ("_failed", "_host", "_incoming", "_object", "_outgoing", "ended")

    def __init__(self, context: ssl.SSLContext | None, host: str) -> None:
        self._host = host
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        name = host.strip("[]").rstrip(".")
        try:
            self._object = (context or default_context()).wrap_bio(
                self._incoming, self._outgoing, server_hostname=name
            )
        except (ValueError, UnicodeError) as error:
            raise InsecureConnection(
                f"{host!r} cannot be a name in a certificate: {error}", hint="Check the host."
            ) from error
        self._failed: Disconnected | None = None
        self.ended = False
        """Whether the peer said that nothing more will come (close_notify)."""

    def feed(self, ciphertext: bytes) -> None:
        """Take what arrived."""
        self._incoming.write(ciphertext)

    def take(self) -> bytes:
        """Return what must be sent."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def shake(self) -> Secured | None:
        """Go on with the handshake; return its result, or None when more octets are needed."""
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError as error:
            raise self._failure(error) from error
        return Secured(self._object.version() or "", self._object.getpeercert(binary_form=True))

    def decrypt(self) -> bytes:
        """Return the plaintext of what was fed. Raises Disconnected behind the last good record."""
        if self._failed is not None:
            raise self._failed
        parts: list[bytes] = []
        try:
            while data := self._object.read(_RECORD):
                parts.append(data)
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        except ssl.SSLError as error:
            self._failed = Disconnected(
                f"TLS failed: {_words(error)}", hint="Open the session again."
            )
            self._failed.__cause__ = error
            if not parts:
                raise self._failed from error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def encrypt(self, plaintext: bytes) -> bytes:
        """Return the ciphertext of ``plaintext``, and whatever else TLS has to say."""
        try:
            self._object.write(plaintext)
        except ssl.SSLError as error:
            # This frame holds what was to be sent, which may be a password.
            raise Disconnected(
                f"TLS failed: {_words(error)}", hint="Open the session again."
            ) from error.with_traceback(None)
        return self._outgoing.read()

    def farewell(self) -> bytes:
        """Return the close_notify that ends our side (RFC 8446, 6.1)."""
        # The peer's own close_notify is not waited for.
        with suppress(ssl.SSLError, ValueError):
            self._object.unwrap()
        return self.take()

    def _failure(self, error: ssl.SSLError) -> InsecureConnection:
        if isinstance(error, ssl.SSLCertVerificationError):
            return InsecureConnection(
                f"the certificate of {self._host} is not trusted: {error.verify_message}",
                hint="Check the host name; for a private CA hand in tls=ssl.create_default_context("
                "cafile=…).",
            )
        reason = error.reason or ""
        if reason in ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"):
            # Which ports to try depends on the protocol, of which nothing is known here.
            return InsecureConnection("the server does not speak TLS on this port")
        return InsecureConnection(
            f"the TLS handshake failed: {_words(error)}",
            hint="The server may only know TLS before 1.2, or want a client certificate.",
        )


def _words(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()
