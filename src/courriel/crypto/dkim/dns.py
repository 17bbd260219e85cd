"""Ask the DNS for the texts of a name, by dnspython (extra ``dns``).

A resolver is anything that can be called with a name and returns the texts published under it, so
that a program with a resolver, or a cache, of its own hands that over, and a test a dictionary.

Only the asking lives here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from courriel.errors import Disconnected, Misused, TimedOut
from courriel.model.characters import excerpt

__all__ = ["DnsResolver", "Resolver"]

Resolver: TypeAlias = "Callable[[str], Sequence[bytes | str]]"
"""Return the TXT records of a name, the strings of each joined; none when there are none.

An error that it raises means that the answer is not known for now.
"""

_OPERATION = "DnsResolver"


class DnsResolver:
    """Ask the servers that the machine is set up with, or others.

    ``nameservers`` are IP addresses, ``port`` is where they listen. One
    question takes at most ``timeout`` seconds, further attempts included.
    Raises Misused when dnspython is not installed, or no server is known.
    """

    def __init__(
        self, *, timeout: float = 5.0, nameservers: Sequence[str] = (), port: int = 53
    ) -> None:
        self._timeout = _seconds(timeout)
        try:
            from dns.exception import DNSException
            from dns.resolver import Resolver as Stub
        except ImportError as error:
            raise Misused(
                "asking the DNS needs the package dnspython",
                operation=_OPERATION,
                hint="Install it with: pip install 'courriel[dns]', or give resolver=.",
            ) from error
        try:
            self._stub = Stub(configure=not nameservers)
            if nameservers:
                self._stub.nameservers = list(nameservers)
            self._stub.port = port
        except (DNSException, ValueError) as error:
            raise Misused(
                f"no name server can be used ({error})",
                operation=_OPERATION,
                hint='Name one: DnsResolver(nameservers=["192.0.2.53"]).',
            ) from error

    def __call__(self, name: str) -> list[bytes]:
        """Return the TXT records of a name. Raises TimedOut and Disconnected."""
        from dns.exception import DNSException, Timeout
        from dns.resolver import NXDOMAIN

        try:
            answer = self._stub.resolve(
                f"{name}.", "TXT", lifetime=self._timeout, raise_on_no_answer=False, search=False
            )
        except NXDOMAIN:
            return []
        except Timeout as error:
            raise TimedOut(f"the DNS did not answer for {name}", operation="look up") from error
        except DNSException as error:
            raise Disconnected(
                f"the DNS has no answer for {name} ({type(error).__name__})", operation="look up"
            ) from error
        return [b"".join(record.strings) for record in answer.rrset or ()]


def _seconds(timeout: object) -> float:
    if isinstance(timeout, (int, float)) and 0 < timeout <= 3600:
        return timeout
    raise Misused(
        f"timeout cannot be {excerpt(timeout)}",
        operation=_OPERATION,
        hint="Give seconds, an hour at most.",
    )
