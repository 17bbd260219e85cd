"""Say what the sandbox knows of a message besides its octets: the envelope it came in.

The envelope (RFC 5321, 2.3.1) is what MAIL and RCPT said, with their parameters, and who said it.
Only these values live here; they are shared by the SMTP machine, the mailboxes and the tests of
whoever uses the sandbox.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipient:
    """One accepted recipient.

    ``address`` is the forward-path without brackets, ``user`` whose mailbox it
    leads to, ``notify`` the words of NOTIFY (RFC 3461, 4.1) in upper case, and
    ``original`` the decoded ORCPT such as ``"rfc822;ada@example.org"``
    (RFC 3461, 4.2), or None.
    """

    address: str
    user: str
    notify: tuple[str, ...] = ()
    original: str | None = None


@dataclass(frozen=True, slots=True)
class SmtpEnvelope:
    """What came around a message.

    ``sender`` is the reverse-path, ``""`` for a bounce; ``body`` is ``"7BIT"``,
    ``"8BITMIME"``, ``"BINARYMIME"`` or None when BODY was not given; ``size``
    the octets announced with SIZE; ``utf8`` whether SMTPUTF8 was given;
    ``return_`` is ``"FULL"``, ``"HDRS"`` or None and ``envelope_id`` the decoded
    ENVID (RFC 3461, 4.3, 4.4); ``submitter`` the decoded AUTH parameter
    (RFC 4954, 5), ``""`` for ``<>``; ``require_tls`` is RFC 8689. ``client`` is
    the name in EHLO, ``user`` who had signed in, and ``protocol`` the word for
    it all of RFC 3848, such as ``"ESMTPSA"``.
    """

    sender: str = ""
    recipients: tuple[Recipient, ...] = ()
    body: str | None = None
    size: int | None = None
    utf8: bool = False
    return_: str | None = None
    envelope_id: str | None = None
    submitter: str | None = None
    require_tls: bool = False
    client: str = ""
    user: str | None = None
    protocol: str = ""
