"""SMTP and LMTP sessions: the operations, once, and the classes that people use.

Every operation is one line over a flow; what it means is told in its docstring. The blocking and
the asyncio class differ in nothing but their face.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import IO, Any, ClassVar

from courriel.faces import Flow, Items, operation, stream
from courriel.flows import asking, sending, streaming
from courriel.flows.smtp_opening import SmtpDialogue
from courriel.flows.taking import settled
from courriel.model.address import AddressesLike, AddressLike
from courriel.model.limits import Limits
from courriel.model.options import Auth, Security, Timeout
from courriel.model.outgoing import Sendable
from courriel.model.profile import Profile, TokenSource
from courriel.model.receipt import Receipt, Reply
from courriel.model.secret import Secret, discreet
from courriel.model.sendoptions import PLAIN_OPTIONS, SendOptions
from courriel.sessions.base import AsyncSession, BlockingSession
from courriel.sessions.described import Described
from courriel.sessions.pipeline import AsyncPipeline, BlockingPipeline
from courriel.sessions.profile import LMTP, SMTP, Service


class SMTPOperations:
    """What can be done in an SMTP or LMTP session."""

    __slots__ = ()

    _dialogue: SmtpDialogue

    @operation
    def send(
        self,
        email: Sendable,
        *,
        sender: AddressLike | None = None,
        recipients: AddressesLike = None,
        options: SendOptions = PLAIN_OPTIONS,
    ) -> Flow[Receipt]:
        """Send one message and return its receipt (RFC 5321, 3.3).

        ``email`` is an ``Email``, an ``email.message.EmailMessage`` or bytes.
        ``sender`` and ``recipients`` replace those of the message in the
        envelope. Bcc goes into the envelope, never into the message. When only
        some recipients are refused, ``receipt.refused`` says which and why.

        Raises SendRefused when nobody will get it, Uncertain when it was
        handed over and no answer came, Misused for an address or header that
        cannot be sent, NotSupported when the server lacks what it needs,
        Disconnected, TimedOut and Garbled when the session broke before.
        """
        return sending.send_one(self._dialogue, email, sender, settled(recipients), options)

    @stream
    def send_many(
        self,
        emails: Iterable[Sendable] | AsyncIterable[Sendable],
        *,
        sender: AddressLike | None = None,
        recipients: AddressesLike = None,
        options: SendOptions = PLAIN_OPTIONS,
    ) -> Items[Receipt]:
        """Send many messages in flight together, and yield a receipt for each, in order.

        Takes any iterable, and an asynchronous one in an asyncio session. It
        is read ahead by as many messages as ``Limits.window_messages`` and
        ``window_octets`` allow. One bad message does not stop the rest: its
        receipt has ``accepted == ()`` and ``error`` set to what ``send`` would
        have raised. A receipt that has come is yielded before the iterable is
        asked for more, unless that is a list or a tuple; a blocking session
        looks for receipts after each item. So the iterable must not wait for
        the receipt of what it has just given.

        ``Timeout.total`` bounds the iteration as a whole. Raises TimedOut when
        that has run out, and what the iterable raises, both behind the receipts
        of what was read before; Misused when the session is not open.
        """
        return streaming.send_stream(self._dialogue, emails, sender, recipients, options)

    @operation
    def send_source(
        self,
        source: bytes | IO[bytes],
        *,
        sender: AddressLike,
        recipients: AddressesLike,
        options: SendOptions = PLAIN_OPTIONS,
    ) -> Flow[Receipt]:
        """Send a ready-made message, byte for byte but for its line ends.

        ``source`` is bytes or a file opened in binary mode, which is read from
        where it stands, ``Limits.body_chunk`` octets at a time. Line ends
        become CRLF (RFC 5321, 2.3.8). Raises what ``send`` raises.
        """
        # Sending files has a flow of its own, which few programs need.
        from courriel.flows import feeding

        return feeding.send_source(self._dialogue, source, sender, settled(recipients), options)

    @operation
    def verify(self, address: str) -> Flow[Reply]:
        """Ask the server whether it knows an address (VRFY, RFC 5321, 3.5).

        Returns its reply, which may be a polite 252. Raises Refused when it
        says no, Misused for text that is no address, NotSupported for one that
        is not ASCII where the server does not offer SMTPUTF8.
        """
        return asking.verify(self._dialogue, address)

    @operation
    def noop(self) -> Flow[Reply]:
        """Do nothing, to keep the session alive (NOOP, RFC 5321, 4.1.1.9)."""
        return asking.ask(self._dialogue, "NOOP")

    @operation
    def reset(self) -> Flow[Reply]:
        """Have the server forget a transaction that is open (RSET, RFC 5321, 4.1.1.5)."""
        return asking.ask(self._dialogue, "RSET")

    @operation
    def help(self, subject: str = "") -> Flow[Reply]:
        """Ask the server for its help text (HELP, RFC 5321, 4.1.1.8).

        Raises Misused for a subject that is not ASCII.
        """
        return asking.ask(self._dialogue, "HELP", subject)


class _DescribedSmtp(SMTPOperations, Described):
    """The constructor of the SMTP classes, and what the LMTP ones share with them."""

    __slots__ = ()

    _service: ClassVar[Service] = SMTP

    @discreet
    def __init__(
        self,
        host: str,
        *,
        port: int | None = None,
        user: str | None = None,
        password: str | Secret | None = None,
        token: str | Secret | TokenSource | None = None,
        security: Security | str = Security.TLS,
        auth: Auth | str = Auth.REQUIRED,
        timeout: Timeout | float | None = Timeout(),
        tls: Any = None,
        local_name: str | None = None,
        proxy: str | None = None,
        limits: Limits = Limits(),
    ) -> None:
        self._describe(locals(), named=True)

    def _dialogue_of(self, profile: Profile) -> SmtpDialogue:
        return SmtpDialogue(profile, lmtp=self._service is LMTP)


class _DescribedLmtp(_DescribedSmtp):
    """The constructor of the LMTP classes: as that of SMTP, but for the default of ``security``.

    Only where plaintext is asked for by name may a password go over it, so
    the default is not ``Security.PLAINTEXT`` but nothing.
    """

    __slots__ = ()

    _service = LMTP

    @discreet
    def __init__(
        self,
        host: str,
        *,
        port: int | None = None,
        user: str | None = None,
        password: str | Secret | None = None,
        token: str | Secret | TokenSource | None = None,
        security: Security | str | None = None,
        auth: Auth | str = Auth.REQUIRED,
        timeout: Timeout | float | None = Timeout(),
        tls: Any = None,
        local_name: str | None = None,
        proxy: str | None = None,
        limits: Limits = Limits(),
    ) -> None:
        self._describe(locals(), named=True)


class SMTPSession(_DescribedSmtp, BlockingSession):
    """An SMTP session (RFC 5321): open, send, close.

    ::

        with SMTPSession("mail.example.org", user="ada", password="…") as session:
            receipt = session.send(Email(sender="ada@example.org", to="bob@example.org", text="Hi"))

    The constructor only describes; it does no I/O. ``security``: ``"tls"``
    (implicit, the default, port 465), ``"starttls"`` (required, 587) or
    ``"plaintext"`` (25). ``password`` signs in with the best mechanism both
    sides know; ``token`` is an OAuth token, or a callable that returns one.
    ``timeout``: a ``Timeout`` or seconds. ``tls``: an ``ssl.SSLContext``
    instead of the verified default. ``local_name``: our name in EHLO.
    ``proxy``: ``socks5://…`` or ``http://…`` (extra ``proxy``). Raises Misused.

    Any number of threads may use one session at once.
    """

    __slots__ = ()

    def pipeline(self) -> SMTPPipeline:
        """Return a face on which the same calls return ``Pending`` at once."""
        return SMTPPipeline(self)


class AsyncSMTPSession(_DescribedSmtp, AsyncSession):
    """The asyncio twin of ``SMTPSession``, with the same words.

    Any number of tasks of one event loop may use one session at once.
    """

    __slots__ = ()

    def pipeline(self) -> AsyncSMTPPipeline:
        """Return a face on which the same calls return ``Pending`` at once."""
        return AsyncSMTPPipeline(self)


class LMTPSession(_DescribedLmtp, BlockingSession):
    """An LMTP session (RFC 2033): as ``SMTPSession``, with an answer for each recipient.

    ``security`` is ``"plaintext"`` unless said otherwise, the port 24: LMTP
    is spoken inside one site. A password goes over it in clear only to this
    machine, or when plaintext was asked for by name.
    """

    __slots__ = ()

    def pipeline(self) -> SMTPPipeline:
        """Return a face on which the same calls return ``Pending`` at once."""
        return SMTPPipeline(self)


class AsyncLMTPSession(_DescribedLmtp, AsyncSession):
    """The asyncio twin of ``LMTPSession``, with the same words."""

    __slots__ = ()

    def pipeline(self) -> AsyncSMTPPipeline:
        """Return a face on which the same calls return ``Pending`` at once."""
        return AsyncSMTPPipeline(self)


class SMTPPipeline(SMTPOperations, BlockingPipeline):
    """Operations of an SMTP session in flight together; see ``SMTPSession.pipeline``."""

    __slots__ = ()


class AsyncSMTPPipeline(SMTPOperations, AsyncPipeline):
    """Operations of an asyncio SMTP session in flight together."""

    __slots__ = ()
