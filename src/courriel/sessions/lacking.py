"""What an IMAP session can do and a POP3 session cannot: each call is there, and says so.

Whoever writes for both gets ``NotSupported`` with the name of what is missing, as for a folder
that POP3 has not; nothing is said to the server, and it makes no difference whether the session is
open. It is raised where the call of an IMAP session would raise: when it is awaited, at the first
item, by ``result()``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from courriel.errors import NotSupported
from courriel.faces import Flow, Items, operation, stream

_ELSEWHERE = "Use the account's IMAP server, if it has one."


class _Refusal:
    """How a call is refused, under whatever name it is given."""

    def __init__(self, capability: str, why: str, hint: str = _ELSEWHERE) -> None:
        self._capability = capability
        self._why = why
        self._hint = hint

    def _error(self) -> NotSupported:
        return NotSupported(self._why, capability=self._capability, hint=self._hint)

    def _described(self, function: Any, owner: type, name: str) -> Any:
        function.__name__, function.__qualname__ = name, f"{owner.__qualname__}.{name}"
        function.__doc__ = f"Raise NotSupported ({self._capability}): {self._why}. {self._hint}"
        return function


class lacking(_Refusal, operation[Any, ..., NoReturn]):  # noqa: N801 - It reads as a value.
    """Make a name an operation that raises NotSupported."""

    def __set_name__(self, owner: type, name: str) -> None:
        def refuse(_self: Any, *_args: Any, **_named: Any) -> Flow[NoReturn]:
            yield from ()
            raise self._error()

        operation.__init__(self, self._described(refuse, owner, name))


class lacking_stream(_Refusal, stream[Any, ..., NoReturn]):  # noqa: N801 - Likewise.
    """Make a name a stream that raises NotSupported."""

    def __set_name__(self, owner: type, name: str) -> None:
        def refuse(_self: Any, *_args: Any, **_named: Any) -> Items[NoReturn]:
            yield from ()
            raise self._error()

        stream.__init__(self, self._described(refuse, owner, name))


_ONE = "POP3 has one folder, INBOX"
_NO_FLAGS = "a POP3 server keeps no flags"
_NO_WAY_IN = "messages come into a POP3 mailbox only by mail"


class Lacking:
    """The calls of IMAP sessions that POP3 has nothing for."""

    __slots__ = ()

    folders = lacking("FOLDERS", _ONE)
    create_folder = lacking("FOLDERS", _ONE)
    delete_folder = lacking("FOLDERS", _ONE)
    rename_folder = lacking("FOLDERS", _ONE)
    subscribe = lacking("FOLDERS", _ONE)
    unsubscribe = lacking("FOLDERS", _ONE)
    namespaces = lacking("FOLDERS", _ONE)
    copy = lacking("FOLDERS", _ONE)
    move = lacking("FOLDERS", _ONE)
    status = lacking("STATUS", "POP3 counts nothing but messages", "Use count().")
    search = lacking(
        "SEARCH", "a POP3 server cannot search", "Use messages(query=…), which looks here."
    )
    threads = lacking("THREAD=REFERENCES", "a POP3 server cannot sort messages into conversations")
    flag = lacking("FLAGS", _NO_FLAGS, "Remember the ids that you have seen.")
    expunge = lacking(
        "EXPUNGE", "a POP3 server removes messages at the end", "delete() and close() remove them."
    )
    append = lacking("APPEND", _NO_WAY_IN)
    append_many = lacking("APPEND", _NO_WAY_IN)
    watch = lacking_stream(
        "IDLE",
        "a POP3 server tells nothing unasked, and nothing new before the next session",
        "Open a session now and then.",
    )
    identify = lacking("ID", "a POP3 server does not say what it is")
    quota = lacking("QUOTA", "a POP3 server does not say how much may be kept")
    compress = lacking("COMPRESS=DEFLATE", "POP3 knows no compression")
