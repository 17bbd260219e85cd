"""How a function of the family tells what became of it: True or False, and why.

An expected failure makes it answer False; ErrorOccurred is then true and ErrorInfo has the text,
in the thread that failed. Wrong use is raised (``WLanguageError``).

Only the reporting lives here: ``reported`` for the functions, the other two for programs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, overload

from courriel.errors import CourrielError
from courriel.wlanguage.constants import ErrorSelector, errMessage
from courriel.wlanguage.faults import Details, WLanguageError
from courriel.wlanguage.state import Email, last
from courriel.wlanguage.structure import EmailStructure

__all__ = ["ErrorInfo", "ErrorOccurred", "reported"]


def reported(action: Callable[[], str], email: EmailStructure = Email) -> bool:
    """Do ``action``, remember how it ended, in ``email.Error`` too; return whether it worked.

    What ``action`` returns is remembered as a text about a success, such as the recipients that
    a server refused while it took the message for others; blank for none.
    """
    try:
        note = action()
    except WLanguageError:
        raise
    except (CourrielError, OSError) as error:
        last.occurred, last.details = True, Details.of(error)
    else:
        last.occurred, last.details = False, Details(message=note, summary=note)
    email.Error = last.details.message
    return not last.occurred


class _ErrorOccurred:
    """Be true while the last function of the current thread has failed.

    WLanguage has a variable of this name (French: ErreurDétectée): ``if ErrorOccurred:``. It may
    also be called, ``if ErrorOccurred():``, and compared, ``ErrorOccurred == True``.

    Ours: EmailStartSession, EmailStartSMTPSession, EmailSendMessage and EmailBuildSource set it,
    on success to false; the functions without a result leave it alone. Each thread has its own.
    """

    def __bool__(self) -> bool:
        return last.occurred

    def __call__(self) -> bool:
        return last.occurred

    def __eq__(self, other: object) -> bool:
        return bool(self) == other if isinstance(other, bool) else self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return repr(last.occurred)


ErrorOccurred: Final = _ErrorOccurred()
"""Whether the last function of the current thread failed."""

_Number = Literal[ErrorSelector.CODE, ErrorSelector.SYSTEM_CODE]
_Text = Literal[
    ErrorSelector.MESSAGE,
    ErrorSelector.SUMMARY,
    ErrorSelector.INFO,
    ErrorSelector.FULL_DETAILS,
    ErrorSelector.SYSTEM_MESSAGE,
    ErrorSelector.DEBUG,
]


@overload
def ErrorInfo(selector: _Text = ...) -> str: ...
@overload
def ErrorInfo(selector: _Number) -> int: ...
def ErrorInfo(selector: ErrorSelector = errMessage) -> str | int:
    """Tell about the last error of the current thread (French: ErreurInfo).

    ``selector`` says what is wanted, errMessage when it is left out: a text, or for errCode and
    errSystemCode a number. Before any failure, and after a success, texts are blank and numbers
    0; after a message that the server took for some recipients only, the text names the others.

    Ours: the vendor publishes no numbers for email, so errCode is the server's reply code.
    """
    if not isinstance(selector, ErrorSelector):
        raise WLanguageError(
            f"must be one of the constants err…, not {selector!r}", operation="ErrorInfo"
        )
    text_or_number: str | int = getattr(last.details, selector.value)
    return text_or_number
