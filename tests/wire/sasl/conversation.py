"""A conversation with a mechanism, for tests: what it says, and what an error shows of it."""

from __future__ import annotations

import base64
from types import TracebackType

from courriel.model.secret import Secret
from courriel.wire.sasl.exchange import Compute, Credentials, Exchange

CANARY = "Canary7f3aPassword"
ALL = [
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-1",
    "OAUTHBEARER",
    "XOAUTH2",
    "CRAM-MD5",
    "PLAIN",
    "LOGIN",
]
"""The mechanisms that ask for a password or a token, best first."""


def known(user: str = "ada", password: str | None = "secret", **more: object) -> Credentials:
    """Return credentials with plain strings for secrets."""
    if isinstance(more.get("token"), str):
        more["token"] = Secret(str(more["token"]))
    secret = None if password is None else Secret(password)
    return Credentials(user, secret, **more)  # type: ignore[arg-type]  # Tests name real fields.


class Conversation:
    """Plays the driver of an exchange: arithmetic is done on the spot."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def begin(self) -> bytes | None:
        return self._settle(next(self._exchange))

    def hear(self, challenge: bytes) -> bytes | None:
        return self._settle(self._exchange.send(challenge))

    def succeed(self) -> None:
        """Report success, and insist that the mechanism is content with it."""
        try:
            said = self._exchange.send(None)
        except StopIteration:
            return
        raise AssertionError(f"after success it still said {said!r}")

    def _settle(self, said: bytes | Compute | None) -> bytes | None:
        while isinstance(said, Compute):
            said = self._exchange.send(said.function())
        return said


def shown(error: BaseException) -> str:
    """Return all that an error shows: texts, fields, causes, and our frames with their locals."""
    words: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        words += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        words += _locals(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__
    return "\n".join(words)


def _locals(traceback: TracebackType | None) -> list[str]:
    words = []
    while traceback is not None:
        frame = traceback.tb_frame
        if "/courriel/" in frame.f_code.co_filename:
            words += [repr(value) for value in frame.f_locals.values()]
        traceback = traceback.tb_next
    return words


def shows_secret(error: BaseException) -> bool:
    """Tell whether the canary can be read from an error, as it is or in base64."""
    text = shown(error)
    return CANARY in text or base64.b64encode(CANARY.encode()).decode().rstrip("=") in text
