"""Whose turn it is in an exchange, and what to say when the server does not keep to it.

A server may ask (a challenge) or report success (None). Each mechanism knows how many questions it
has answers for: a success that comes early and a question that comes late are both answers that
do not follow the protocol. Only these two checks, and the words they share, live here.
"""

from __future__ import annotations

from courriel.errors import Garbled

_HINT = "Tell whoever runs the server."


def signing_in(name: str) -> str:
    """Return how errors name the operation of signing in with mechanism ``name``."""
    return f"signing in with {name}"


def challenged(name: str, answer: bytes | None) -> bytes:
    """Return the challenge in ``answer``, and insist that it is one.

    Raises Garbled when the server reports success before ``name`` is through.
    """
    if answer is None:
        raise Garbled(
            "the server reported success before the exchange was over",
            operation=signing_in(name),
            hint=_HINT,
        )
    return answer


def concluded(name: str, answer: bytes | None) -> None:
    """Insist that ``answer`` is the report of success.

    Raises Garbled when the server asks again although ``name`` has said all.
    """
    if answer is not None:
        raise Garbled(
            "the server asked again after the last response",
            operation=signing_in(name),
            hint=_HINT,
        )
