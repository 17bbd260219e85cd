"""Make replies: out of words, out of errors, into octets (RFC 1939, 3; RFC 2449, 8).

::

    single-line = ("+OK" / "-ERR") [SP "[" resp-code "]"] [SP text] CRLF
    multi-line  = single-line *(line CRLF) "." CRLF

A command that goes wrong raises ``Refused``; what the client then reads is ``encode_error(error)``.
Replies never repeat what the client sent, so that nothing of it can get into its log or its screen.
"""

from __future__ import annotations

from collections.abc import Iterable

from courriel.errors import Refused


def ok(text: str = "") -> bytes:
    """Return a positive reply of one line."""
    return f"+OK {text}\r\n".encode() if text else b"+OK\r\n"


def listing(text: str, lines: Iterable[str]) -> bytes:
    """Return a positive reply with ``lines``, none of which may begin with a dot."""
    return "".join([f"+OK {text}\r\n", *(f"{line}\r\n" for line in lines), ".\r\n"]).encode()


def content(text: str, octets: bytes) -> bytes:
    """Return a positive reply with a message, dot-stuffed (RFC 1939, 3).

    What does not end with CRLF gets one: no other end can be told.
    """
    if octets.startswith(b"."):
        octets = b"." + octets
    if b"\r\n." in octets:
        octets = octets.replace(b"\r\n.", b"\r\n..")
    end = b".\r\n" if octets.endswith(b"\r\n") or not octets else b"\r\n.\r\n"
    return b"".join((ok(text), octets, end))


# The code of SMTP for what ends a conversation, as the intake raises it for a bare LF.
FATAL = 521


def refused(text: str, code: str = "") -> Refused:
    """Return the error whose reply is ``-ERR [code] text``."""
    return Refused(text, operation="POP3", enhanced=code or None, text=text)


def fatal(text: str) -> Refused:
    """Return the error whose reply is the last."""
    return Refused(text, operation="POP3", code=FATAL, text=text)


def encode_error(error: Refused, *, codes: frozenset[str]) -> bytes:
    """Return the reply to a command that went wrong; ``codes`` are those that may be shown."""
    code = error.enhanced or ""
    shown = f"[{code}] " if code in codes else ""
    return f"-ERR {shown}{error.text or error.message}\r\n".encode()
