"""A string that does not show itself.

A password or token is wrapped where it enters the house and unwrapped where its bytes are made
(``wire.sasl``), so that no repr, log line, traceback with locals or pickled error can hold it.
"""

from __future__ import annotations

from typing import NoReturn

from courriel.errors import Misused

__all__ = ["Secret"]


class Secret:
    """Hold a string that ``repr``, ``str``, ``format`` and pickling never show.

    Two secrets compare equal when their strings do, in constant time.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | Secret) -> None:
        if not isinstance(value, (str, Secret)):
            raise Misused(f"a secret is a string, not {type(value).__name__}", operation="Secret")
        self._value: str = value._value if isinstance(value, Secret) else value

    def reveal(self) -> str:
        """Return the string itself. Call it as late as possible."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac

        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled: it would leave the process in clear")
