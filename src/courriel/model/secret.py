"""A string that does not show itself.

A password or token is wrapped where it enters the house and unwrapped where its bytes are made
(``wire.sasl``), so that no repr, log line, traceback with locals or pickled error can hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

from courriel.errors import CourrielError, Misused

__all__ = ["Secret", "discreet"]

P = ParamSpec("P")
T = TypeVar("T")


def discreet(function: Callable[P, T]) -> Callable[P, T]:
    """Have errors forget the frames below, whose locals hold the arguments.

    For what is called with secrets that are still plain strings. The traceback
    ends at the call, which is where the mistake is if there is one.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except (CourrielError, TypeError) as error:
            wrong = error.with_traceback(None)
            wrong.__cause__ = wrong.__context__ = None
        # This very frame is in the traceback too.
        del args, kwargs
        raise wrong

    return call


class Secret:
    """Hold a string that ``repr``, ``str``, ``format`` and pickling never show.

    Two secrets compare equal when their strings do, in constant time.
    """

    __slots__ = ("_value",)

    @discreet
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

        ours, theirs = (s._value.encode(errors="surrogatepass") for s in (self, other))
        return hmac.compare_digest(ours, theirs)

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled: it would leave the process in clear")
