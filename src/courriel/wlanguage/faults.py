"""Wrong use, and what is remembered of a failure.

WLanguage knows two kinds of failure. An expected one (network, login, a server that says no)
makes the function answer False and is remembered for ``ErrorInfo``: here ``Details``. Wrong use is
a programming error and stops the program unless it is trapped: here ``WLanguageError``.

Only these two live here: no state, and no function of the family.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from courriel.errors import CourrielError, Misused, Refused, SendRefused

__all__ = ["Details", "WLanguageError"]


class WLanguageError(Misused):
    """The program is wrong: an unknown session, a bad parameter, reading where one may only send.

    It is raised, never turned into False (the vendor's error window, or WHEN EXCEPTION). Like its
    parent it is also a ``RuntimeError``.
    """


@dataclass(frozen=True, slots=True)
class Details:
    """What ``ErrorInfo`` may be asked about the last failure of a thread.

    ``code`` is the server's reply code (RFC 5321, 4.2) or 0: the vendor's numbers are not
    published, ours are the server's own.
    """

    message: str = ""
    summary: str = ""
    code: int = 0
    info: str = ""
    system_code: int = 0
    system_message: str = ""
    debug: str = ""

    @classmethod
    def of(cls, error: CourrielError | OSError) -> Details:
        """Return what is worth remembering of ``error``."""
        system_code, system_message = _system(error)
        summary, debug = str(error), type(error).__name__
        if isinstance(error, CourrielError):
            summary, debug = error.message, f"{debug}: {error.operation}"
        return cls(
            message=_message(error),
            summary=summary,
            code=(error.code or 0) if isinstance(error, Refused) else 0,
            info=error.text if isinstance(error, Refused) else "",
            system_code=system_code,
            system_message=system_message,
            debug=debug,
        )

    @property
    def full(self) -> str:
        """Everything known, one labelled line each."""
        lines = (
            ("Message", self.message),
            ("Code", self.code),
            ("Server", self.info),
            ("System", self.system_message and f"{self.system_message} ({self.system_code})"),
            ("Debug", self.debug),
        )
        return "\n".join(f"{label}: {value}" for label, value in lines if value)


def _message(error: CourrielError | OSError) -> str:
    if isinstance(error, SendRefused) and len(error.refused) > 1:
        # str(error) tells one reason; with several recipients each has his own.
        refusals = (f"{recipient}: {refusal}" for recipient, refusal in error.refused.items())
        return "\n".join((str(error), *refusals))
    return str(error) or type(error).__name__


def _system(error: BaseException) -> tuple[int, str]:
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno:
            return cause.errno, cause.strerror or str(cause)
    return 0, ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
