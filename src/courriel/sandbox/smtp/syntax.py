"""Read the arguments of MAIL and RCPT (RFC 5321, 4.1.2; RFC 6531, 3.3; RFC 3461, 4).

::

    MAIL          = "FROM:" Reverse-path [SP Mail-parameters]
    RCPT          = "TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP …]
    Reverse-path  = Path / "<>"
    Path          = "<" [ A-d-l ":" ] Mailbox ">"
    A-d-l         = "@" Domain *( "," "@" Domain )
    Mailbox       = Local-part "@" ( Domain / address-literal )
    Local-part    = Dot-string / Quoted-string
    esmtp-param   = esmtp-keyword ["=" esmtp-value]
    esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
    esmtp-value   = 1*(%d33-60 / %d62-126 / UTF8-non-ascii)

It is read as it stands: what a kind server would let pass is refused here, since that is how a
program learns of its fault before a less kind one tells it. Pure functions only; whether an
extension was offered, and who lives at an address, is asked elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from courriel.sandbox.smtp.replies import refused

_UTF8 = r"\u0080-\U0010ffff"
_ATOM = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~\-{_UTF8}]+"
_DOT_STRING = rf"{_ATOM}(?:\.{_ATOM})*"
_QUOTED = rf'"(?:[ !#-\[\]-~{_UTF8}]|\\[ -~])*"'
_LABEL = rf"[A-Za-z0-9{_UTF8}](?:-*[A-Za-z0-9{_UTF8}])*"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_LITERAL = r"\[(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|IPv6:[0-9A-Fa-f:.]{2,45})\]"
_ROUTE = rf"@{_DOMAIN}(?:,@{_DOMAIN})*:"
_MAILBOX = rf"(?P<local>{_DOT_STRING}|{_QUOTED})@(?P<domain>{_DOMAIN}|{_LITERAL})"
_PATH = rf"<(?:{_ROUTE})?(?P<mailbox>{_MAILBOX})>"
_REST = r"(?: (?P<parameters>.*))?"

_MAIL = re.compile(rf"FROM:(?:<>|{_PATH}){_REST}", re.IGNORECASE)
_RCPT = re.compile(rf"TO:(?:<(?P<postmaster>postmaster)>|{_PATH}){_REST}", re.IGNORECASE)
_HOST = re.compile(rf"{_DOMAIN}|{_LITERAL}")
_PARAMETER = re.compile(rf"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~{_UTF8}]+))?")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_HEXCHAR = re.compile(r"\+([0-9A-F]{2})")

# RFC 5321, 4.5.3.1.1 to 4.5.3.1.3, in octets.
_LOCAL_PART = 64
_DOMAIN_NAME = 255
_PATH_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Path:
    """One path with the parameters behind it, keywords in upper case.

    ``address`` has neither brackets nor source route; the route is accepted
    and ignored (RFC 5321, C).
    """

    address: str
    parameters: dict[str, str | None]


def reverse_path(argument: str) -> Path:
    """Read the argument of MAIL. Raises Refused: 501 5.5.4, or 5.1.7 for the address."""
    match = _MAIL.fullmatch(argument)
    if match is None:
        raise _unread(argument, "FROM:", "5.1.7")
    return _path(match, "5.1.7")


def forward_path(argument: str) -> Path:
    """Read the argument of RCPT. Raises Refused: 501 5.5.4, or 5.1.3 for the address."""
    match = _RCPT.fullmatch(argument)
    if match is None:
        raise _unread(argument, "TO:", "5.1.3")
    if match["postmaster"]:
        return Path(match["postmaster"], _parameters(match["parameters"]))
    return _path(match, "5.1.3")


def is_host(text: str) -> bool:
    """Tell whether ``text`` is a domain or an address literal (RFC 5321, 4.1.2)."""
    return len(text) <= _DOMAIN_NAME and _HOST.fullmatch(text) is not None


def xtext(text: str) -> str:
    """Decode xtext (RFC 3461, 4). Raises Refused (501 5.5.4) for anything else."""
    if _XTEXT.fullmatch(text) is None:
        raise refused(501, "5.5.4", "A parameter is not xtext (RFC 3461, 4)")
    return _HEXCHAR.sub(lambda match: chr(int(match[1], 16)), text)


def _path(match: re.Match[str], status: str) -> Path:
    address = match["mailbox"] or ""
    if len(address.encode()) > _LOCAL_PART and (
        len(match["local"].encode()) > _LOCAL_PART
        or len(match["domain"].encode()) > _DOMAIN_NAME
        or len(address.encode()) + 2 > _PATH_LENGTH
    ):
        raise refused(501, status, "The address is too long (RFC 5321, 4.5.3.1)")
    return Path(address, _parameters(match["parameters"]))


def _parameters(text: str | None) -> dict[str, str | None]:
    if not text:
        return {}
    parameters: dict[str, str | None] = {}
    for word in text.split(" "):
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise refused(501, "5.5.4", "A parameter is not KEYWORD or KEYWORD=value")
        keyword = match[1].upper()
        if keyword in parameters:
            raise refused(501, "5.5.4", f"{keyword} is there twice")
        parameters[keyword] = match[2]
    return parameters


def _unread(argument: str, prefix: str, status: str) -> Exception:
    if not argument.upper().startswith(prefix):
        return refused(501, "5.5.4", f"The command goes on with {prefix}<address>")
    if argument[len(prefix) :].startswith(" "):
        return refused(501, "5.5.4", f"There is no space behind {prefix} (RFC 5321, 3.3)")
    return refused(501, status, "This is no address between angle brackets")
