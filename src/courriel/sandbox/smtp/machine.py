"""Be an SMTP or LMTP server, without I/O: octets in, octets and events out.

A pure object, one a connection; it knows no socket, no clock, no thread. ::

    machine.receive_data(octets)
    while (event := machine.next_event()) is not None:
        ...                     # keep the message and answer(), shake hands, or close
    transport.write(machine.data_to_send())

Events are pulled one at a time, and nothing is read beyond one before it has been dealt with. The
machine frames, dispatches and counts; what a command does is in ``greeting``, ``mail`` and
``authentication``, which the table ``_COMMANDS`` names.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from courriel.errors import Misused, Refused, Unauthorised
from courriel.model.receipt import Reply
from courriel.sandbox.accounts import Accounts
from courriel.sandbox.envelope import SmtpEnvelope
from courriel.sandbox.smtp import authentication, greeting, mail, replies
from courriel.sandbox.smtp.conversation import Conversation, Mode, Transaction
from courriel.sandbox.smtp.events import Closing, Event, MessageReceived, TlsWanted
from courriel.sandbox.smtp.intake import Intake, flaw
from courriel.sandbox.smtp.policy import SmtpPolicy
from courriel.sandbox.smtp.replies import refused

__all__ = ["SmtpMachine"]

_Handler = Callable[[Conversation, str], "Reply | None"]

_COMMON: Mapping[str, _Handler] = {
    "AUTH": authentication.auth,
    "BDAT": mail.bdat,
    "DATA": mail.data,
    "HELP": greeting.help_,
    "MAIL": mail.mail,
    "NOOP": greeting.noop,
    "QUIT": greeting.quit_,
    "RCPT": mail.rcpt,
    "RSET": greeting.rset,
    "STARTTLS": greeting.starttls,
    "VRFY": greeting.vrfy,
}
# RFC 2033, 4.1: LMTP has LHLO and must not have the other two.
_COMMANDS: Mapping[bool, Mapping[str, _Handler]] = {
    False: {**_COMMON, "EHLO": greeting.ehlo, "HELO": greeting.helo},
    True: {**_COMMON, "LHLO": greeting.ehlo},
}
_KNOWN = frozenset(("EHLO", "EXPN", "ETRN", "HELO", "LHLO", "SAML", "SEND", "SOML", "TURN"))

# What the client got wrong, as opposed to what it may ask and be denied.
_MISTAKES = frozenset((500, 501, 502, 503, 504, 555))


class SmtpMachine:
    """The server's end of one connection.

    ``secured`` says that TLS is there from the start; ``server_end_point`` is
    the certificate's hash for channel binding (RFC 5929, 4); ``nonce`` makes
    printable random text, for a test to replace.
    """

    def __init__(
        self,
        policy: SmtpPolicy,
        accounts: Accounts,
        *,
        secured: bool = False,
        server_end_point: bytes | None = None,
        nonce: Callable[[], str] | None = None,
    ) -> None:
        self._conversation = Conversation(
            policy,
            accounts,
            nonce or _random_text,
            secured=secured,
            server_end_point=server_end_point if secured else None,
        )
        self._end_point = server_end_point
        self._commands = _COMMANDS[policy.lmtp]
        self._enhanced = "ENHANCEDSTATUSCODES" in policy.capabilities
        self._intake = Intake()
        self._out: list[bytes] = []
        self._event: Event | None = None
        name = "LMTP" if policy.lmtp else "ESMTP"
        self._say(Reply(220, (f"{policy.domain} {name} courriel sandbox",)))

    @property
    def closed(self) -> bool:
        """Whether the conversation is over: what still comes in is ignored."""
        return self._conversation.mode is Mode.CLOSED

    @property
    def waiting(self) -> int:
        """How many octets are held that have not been used yet."""
        return self._intake.waiting

    def receive_data(self, data: bytes) -> None:
        """Take octets from the client."""
        if self._conversation.mode is Mode.TLS:
            self._hang_up(refused(521, "5.5.1", "Nothing may follow STARTTLS before the handshake"))
        elif not self.closed:
            self._intake.feed(data)

    def receive_eof(self) -> None:
        """Note that the client has gone; a message that is not complete is dropped."""
        if not self.closed:
            self._close(clean=True)

    def data_to_send(self) -> bytes:
        """Return what is to be sent, once."""
        out, self._out = b"".join(self._out), []
        return out

    def next_event(self) -> Event | None:
        """Go on until something has to be done; None when more octets are needed.

        Raises Misused when the last message has not been answered.
        """
        if self._conversation.mode is Mode.VERDICT and self._event is None:
            raise Misused(
                "the message received has no answer yet",
                operation="next_event",
                hint="Call answer() first.",
            )
        while self._event is None:
            try:
                if not self._step():
                    return None
            except Refused as error:
                self._refuse(error)
        event, self._event = self._event, None
        return event

    def answer(self, outcome: Sequence[Reply]) -> None:
        """Answer the message received: one reply for each recipient, in order.

        LMTP gives them all; SMTP has one reply only, the first that is not
        positive or else the first.
        """
        transaction = self._conversation.transaction
        if self._conversation.mode is not Mode.VERDICT or transaction is None:
            raise Misused(
                "there is no message to answer",
                operation="answer",
                hint="Call it once for each MessageReceived.",
            )
        self._conclude(outcome)

    def tls_started(self) -> None:
        """Note that the handshake is done; everything heard before is forgotten."""
        conversation = self._conversation
        if conversation.mode is not Mode.TLS:
            raise Misused(
                "nobody asked for TLS", operation="tls_started", hint="Wait for TlsWanted."
            )
        conversation.secured = True
        conversation.server_end_point = self._end_point
        self._intake.clear()
        conversation.restart()

    def end(self, enhanced: str, reason: str) -> None:
        """Tell the client that the conversation ends here (RFC 5321, 3.8: 421)."""
        if not self.closed:
            self._hang_up(refused(421, enhanced, reason))

    def _step(self) -> bool:
        """Use some of the octets held; False when they do not suffice."""
        match self._conversation.mode:
            case Mode.COMMAND | Mode.RESPONSE:
                return self._read_line()
            case Mode.CONTENT:
                return self._read_content()
            case Mode.CHUNK:
                return self._read_chunk()
        return False

    def _read_line(self) -> bool:
        conversation = self._conversation
        line = self._intake.line(conversation.policy.auth_line)
        if line is None:
            return False
        if conversation.mode is Mode.RESPONSE:
            self._say(authentication.respond(conversation, line))
            return True
        conversation.behind = self._intake.waiting > 0
        reply = self._obey(line)
        if reply is not None:
            self._say(reply)
        match conversation.mode:
            case Mode.CONTENT:
                self._intake.begin_content()
            case Mode.TLS:
                self._event = TlsWanted()
            case Mode.CLOSED:
                self._close(clean=True)
        return True

    def _obey(self, line: bytes) -> Reply | None:
        verb, _, argument = _text(line).partition(" ")
        verb = verb.upper()
        handler = self._commands.get(verb)
        if handler is None:
            if verb in _KNOWN:
                raise refused(502, "5.5.1", f"{verb} is not a command of this service")
            raise refused(500, "5.5.2", "There is no such command")
        policy = self._conversation.policy
        if len(line) + 2 > policy.command_line and verb != "AUTH":
            raise refused(500, "5.5.2", f"A line has at most {policy.command_line} octets")
        if (
            self._conversation.behind
            and "PIPELINING" not in policy.capabilities
            and verb not in ("BDAT", "STARTTLS")
        ):
            # What is behind came before our reply could have been read.
            raise refused(503, "5.5.0", "PIPELINING is not offered; wait for each reply")
        return handler(self._conversation, argument)

    def _read_content(self) -> bool:
        try:
            content = self._intake.content(self._conversation.policy.message_size)
        except Refused as error:
            self._conclude([replies.of(error)])
            return True
        if content is None:
            return False
        self._received(content)
        return True

    def _read_chunk(self) -> bool:
        conversation = self._conversation
        chunk, transaction = conversation.chunk, conversation.transaction
        if chunk.refusal is not None or transaction is None:
            chunk.octets -= self._intake.drop(chunk.octets)
            if chunk.octets:
                return False
            self._refuse_chunk()
            return True
        octets = self._intake.chunk(chunk.octets)
        if octets is None:
            return False
        if chunk.last:
            content = bytes(transaction.chunks) + octets if transaction.chunks else octets
            self._received(content)
            return True
        if transaction.chunks is None:
            transaction.chunks = bytearray()
        transaction.chunks += octets
        conversation.mode = Mode.COMMAND
        self._say(replies.ok("2.0.0", f"{chunk.octets} octets"))
        return True

    def _refuse_chunk(self) -> None:
        conversation = self._conversation
        chunk, transaction = conversation.chunk, conversation.transaction
        assert chunk.refusal is not None
        conversation.mode = Mode.COMMAND
        if transaction is not None and chunk.last:
            self._conclude([chunk.refusal])
            return
        if transaction is not None:
            # The rest of the message follows; it goes the same way (RFC 3030, 2).
            transaction.failed = True
            transaction.chunks = bytearray()
        self._say(chunk.refusal)

    def _received(self, content: bytes) -> None:
        transaction = self._conversation.transaction
        assert transaction is not None
        found = flaw(content, transaction.begun.body)
        if found:
            self._conclude([Reply(550, (found,), "5.5.2")])
            return
        self._conversation.mode = Mode.VERDICT
        self._event = MessageReceived(_envelope(transaction), content)

    def _conclude(self, outcome: Sequence[Reply]) -> None:
        """End the transaction; a single reply counts for every recipient."""
        conversation = self._conversation
        transaction = conversation.transaction
        assert transaction is not None
        recipients = len(transaction.recipients)
        if conversation.policy.lmtp and recipients:
            for reply in outcome if len(outcome) == recipients else [outcome[0]] * recipients:
                self._say(reply)
        else:
            self._say(next((reply for reply in outcome if not reply.positive), outcome[0]))
        conversation.transaction = None
        conversation.mode = Mode.COMMAND

    def _refuse(self, error: Refused) -> None:
        conversation = self._conversation
        if conversation.exchange is not None:
            conversation.exchange.close()
            conversation.exchange = None
            conversation.mode = Mode.COMMAND
        conversation.errors += error.code in _MISTAKES
        conversation.auth_failures += isinstance(error, Unauthorised)
        if error.code in (421, 521):
            self._hang_up(error)
            return
        self._say(replies.of(error))
        if conversation.errors > conversation.policy.errors:
            self._hang_up(refused(421, "4.7.0", "Too many errors"))
        elif conversation.auth_failures >= conversation.policy.auth_failures:
            self._hang_up(refused(421, "4.7.0", "Too many wrong credentials"))

    def _hang_up(self, error: Refused) -> None:
        self._say(replies.of(error))
        self._close(clean=False)

    def _close(self, *, clean: bool) -> None:
        self._conversation.mode = Mode.CLOSED
        self._conversation.transaction = None
        self._intake.clear()
        self._event = Closing(clean)

    def _say(self, reply: Reply) -> None:
        self._out.append(replies.encode(reply, enhanced=self._enhanced))


def _envelope(transaction: Transaction) -> SmtpEnvelope:
    return replace(transaction.begun, recipients=tuple(transaction.recipients))


def _text(line: bytes) -> str:
    """Decode a command; trailing blanks are borne (RFC 5321, 4.1.1)."""
    try:
        text = line.decode().rstrip(" \t")
    except UnicodeDecodeError:
        raise refused(500, "5.5.2", "The command is neither ASCII nor UTF-8") from None
    if not text.isprintable() and any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise refused(500, "5.5.2", "There is a control character in the command")
    return text


def _random_text() -> str:
    return secrets.token_urlsafe(18)
