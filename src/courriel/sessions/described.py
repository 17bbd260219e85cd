"""From a constructor's arguments, or a URL, to a session that is not open yet.

Every kind of session is described in the same words, each class writes them out once in its
``__init__``. Only this passage lives here; the words themselves are checked in ``profile``.
"""

from __future__ import annotations

from inspect import signature
from typing import Any, ClassVar, Self

from courriel.errors import Misused
from courriel.flows.dialogue import Dialogue
from courriel.model.profile import Profile
from courriel.model.secret import discreet
from courriel.sessions.base import Session
from courriel.sessions.profile import Service, profile_of, read_url


class Described(Session):
    """What the session classes share that are made from a server's name and an account."""

    __slots__ = ()

    _service: ClassVar[Service]

    def _describe(self, described: dict[str, Any], *, named: bool) -> None:
        arguments = {name: value for name, value in described.items() if name != "self"}
        profile = profile_of(self._service, named=named, **arguments)
        super().__init__(self._dialogue_of(profile))

    def _dialogue_of(self, profile: Profile) -> Dialogue[Any]:
        raise NotImplementedError

    @classmethod
    @discreet
    def from_url(cls, url: str, **overrides: Any) -> Self:
        """Make a session from ``scheme://user:password@host:port/``.

        The schemes of SMTP are ``smtps``, ``smtp+starttls`` and ``smtp``, those of
        the other protocols ``lmtp``, ``pop3s`` and ``imaps`` with the same
        variants. User and password are percent-encoded. ``overrides`` are
        arguments of the constructor. Raises Misused; never shows the URL.
        """
        service, arguments = read_url(url)
        if service != cls._service.name:
            raise Misused(
                f"the URL is for {service}, not for {cls._service.name}",
                operation="from_url",
                hint="Use open_session(url) to get the session that fits.",
            )
        defaults = {
            name: parameter.default
            for name, parameter in signature(cls.__init__).parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY
        }
        merged = defaults | arguments | overrides
        unknown = set(merged) - set(defaults) - {"host"}
        if unknown:
            raise Misused(f"unknown argument {sorted(unknown)[0]!r}", operation="from_url")
        session = cls.__new__(cls)
        session._describe(merged, named="security" in overrides)
        return session
