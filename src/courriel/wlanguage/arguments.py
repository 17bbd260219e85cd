"""The shapes in which EmailStartSMTPSession may be called.

The password is the optional *second* of three strings: two strings are user and server, three are
user, password and server. Port, mode and option follow in this order. Every argument may also be
given by name.

Only the reading of arguments lives here; nothing is opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from courriel.model.options import Security
from courriel.model.secret import Secret
from courriel.wlanguage.constants import SessionOption, Transmission
from courriel.wlanguage.faults import WLanguageError

__all__ = ["SmtpArguments", "arguments"]

_WITH_PASSWORD = ("user", "password", "server", "port", "asynchronous", "option")
_WITHOUT_PASSWORD = ("user", "server", "port", "asynchronous", "option")
_OPERATION = "EmailStartSMTPSession"


@dataclass(frozen=True, slots=True)
class SmtpArguments:
    """Hold what a session is to be opened with. A blank password, and None, mean: none.

    Raises WLanguageError for a value of the wrong type and for a blank server.
    """

    server: str
    user: str = ""
    password: Secret | str | None = field(default=None, repr=False)
    token: Any = field(default=None, repr=False)
    port: int = 25
    asynchronous: bool | Transmission = False
    option: SessionOption = SessionOption.DEFAULT
    operation: str = _OPERATION

    def __post_init__(self) -> None:
        self._check("user", str)
        self._check("server", str)
        self._check("password", str, Secret, type(None))
        self._check("asynchronous", bool, Transmission)
        self._check("option", SessionOption)
        if not self.server.strip():
            raise self._wrong("server", "a name or an address", self.server)
        self._check("port", int)
        if isinstance(self.port, bool) or not 0 < self.port < 65536:
            raise self._wrong("port", "a number from 1 to 65535", self.port)

    @property
    def security(self) -> Security:
        """How the connection is protected."""
        return self.option.security

    @property
    def secret(self) -> Secret | None:
        """The password, or None: no authentication is tried."""
        return Secret(self.password) if self.password else None

    def _check(self, name: str, *kinds: type) -> None:
        value = getattr(self, name)
        if not isinstance(value, kinds):
            raise self._wrong(name, " or ".join(kind.__name__ for kind in kinds), value)

    def _wrong(self, name: str, wanted: str, value: object) -> WLanguageError:
        # The value itself is not shown: misplaced, it may be the password.
        return WLanguageError(
            f"{name} must be {wanted}, not {_described(value)}", operation=self.operation
        )


def _described(value: object) -> str:
    if isinstance(value, str):
        return "another text" if value.strip() else "a blank text"
    return repr(value) if isinstance(value, int) else type(value).__name__


def arguments(positional: tuple[object, ...], named: dict[str, object]) -> SmtpArguments:
    """Read the arguments of one call of EmailStartSMTPSession.

    Raises WLanguageError where they do not fit its syntax.
    """
    names = _shape(positional, named)
    if len(positional) > len(names):
        raise WLanguageError("too many arguments", operation=_OPERATION)
    given = dict(zip(names, positional, strict=False))
    for name, value in named.items():
        if name not in _WITH_PASSWORD:
            raise WLanguageError(f"there is no argument {name!r}", operation=_OPERATION)
        if name in given:
            raise WLanguageError(f"{name} is given twice", operation=_OPERATION)
        given[name] = value
    for name in ("user", "server"):
        if name not in given:
            raise WLanguageError(f"{name} is missing", operation=_OPERATION)
    if given["user"] == "":
        raise WLanguageError("user is blank: the session needs a name", operation=_OPERATION)
    values: dict[str, Any] = given
    return SmtpArguments(**values)


def _shape(positional: tuple[object, ...], named: dict[str, object]) -> tuple[str, ...]:
    texts = 0
    for value in positional:
        if not isinstance(value, (str, Secret, type(None))):
            break
        texts += 1
    third_is_named = texts == 2 and "server" in named
    return _WITH_PASSWORD if texts >= 3 or third_is_named else _WITHOUT_PASSWORD
