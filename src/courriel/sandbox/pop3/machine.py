"""Be a POP3 server, without I/O: octets in, octets and events out.

A pure object, one a connection; it knows no socket, no clock, no thread. ::

    machine.receive_data(octets)
    while (event := machine.next_event()) is not None:
        ...                     # shake hands, or close
    transport.write(machine.data_to_send())

When more than ``Pop3Policy.output`` octets wait to be sent, it stops obeying until they have been
taken: ask ``next_event()`` again then. The machine frames, dispatches and counts; what a command
does is in ``greeting``, ``authentication`` and ``messages``, which the table ``_COMMANDS`` names.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from courriel.errors import Misused, Refused, Unauthorised
from courriel.sandbox.accounts import Accounts
from courriel.sandbox.events import Closing, TlsWanted
from courriel.sandbox.pop3 import authentication, greeting, messages, replies
from courriel.sandbox.pop3.conversation import Conversation, Mode
from courriel.sandbox.pop3.maildrop import Maildrops
from courriel.sandbox.pop3.policy import Pop3Policy
from courriel.sandbox.pop3.replies import FATAL, fatal, refused
from courriel.sandbox.smtp.intake import Intake

__all__ = ["Pop3Machine"]

_COMMANDS: Mapping[str, Callable[[Conversation, str], bytes]] = {
    "APOP": authentication.apop,
    "AUTH": authentication.auth,
    "CAPA": greeting.capa,
    "DELE": messages.dele,
    "LANG": greeting.lang,
    "LIST": messages.list_,
    "NOOP": greeting.noop,
    "PASS": authentication.password,
    "QUIT": greeting.quit_,
    "RETR": messages.retr,
    "RSET": messages.rset,
    "STAT": messages.stat,
    "STLS": greeting.stls,
    "TOP": messages.top,
    "UIDL": messages.uidl,
    "USER": authentication.user,
    "UTF8": greeting.utf8,
}


class Pop3Machine:
    """The server's end of one connection.

    ``secured`` says that TLS is there from the start; ``server_end_point`` is
    the certificate's hash for channel binding (RFC 5929, 4); ``nonce`` makes
    printable random text, for a test to replace.
    """

    def __init__(
        self,
        policy: Pop3Policy,
        accounts: Accounts,
        maildrops: Maildrops,
        *,
        secured: bool = False,
        server_end_point: bytes | None = None,
        nonce: Callable[[], str] | None = None,
    ) -> None:
        nonce = nonce or _random_text
        self._conversation = Conversation(
            policy,
            accounts,
            maildrops,
            nonce,
            secured=secured,
            server_end_point=server_end_point if secured else None,
        )
        self._end_point = server_end_point
        self._intake = Intake()
        self._out: list[bytes] = []
        self._out_octets = 0
        self._event: TlsWanted | Closing | None = None
        if self._conversation.offers("APOP"):
            self._conversation.timestamp = f"<{nonce()}@{policy.domain}>"
        words = f"{policy.domain} POP3 courriel sandbox {self._conversation.timestamp}"
        self._say(replies.ok(words.rstrip()))

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
            self._hang_up(fatal("Nothing may follow STLS before the handshake"))
        elif not self.closed:
            self._intake.feed(data)

    def receive_eof(self) -> None:
        """Note that the client has gone; without QUIT nothing is removed (RFC 1939, 6)."""
        if not self.closed:
            self._close(clean=True)

    def data_to_send(self) -> bytes:
        """Return what is to be sent, once."""
        out, self._out = b"".join(self._out), []
        self._out_octets = 0
        return out

    def next_event(self) -> TlsWanted | Closing | None:
        """Go on until something has to be done; None when octets are to be taken or to be fed."""
        while self._event is None:
            try:
                if not self._step():
                    return None
            except Refused as error:
                self._refuse(error)
        event, self._event = self._event, None
        return event

    def tls_started(self) -> None:
        """Note that the handshake is done; everything heard before is forgotten."""
        conversation = self._conversation
        if conversation.mode is not Mode.TLS:
            raise Misused(
                "nobody asked for TLS", operation="tls_started", hint="Wait for TlsWanted."
            )
        conversation.secured = True
        conversation.server_end_point = self._end_point
        conversation.name = ""
        conversation.utf8 = False
        conversation.mode = Mode.COMMAND
        self._intake.clear()

    def end(self, enhanced: str, reason: str) -> None:
        """Tell the client that the conversation ends here; nothing is removed."""
        if not self.closed:
            self._hang_up(refused(reason, "SYS/TEMP"))

    def _step(self) -> bool:
        """Use some of the octets held; False when they do not suffice, or may not be used yet."""
        conversation = self._conversation
        if self._out_octets > conversation.policy.output:
            return False
        match conversation.mode:
            case Mode.COMMAND:
                return self._read_command()
            case Mode.RESPONSE:
                return self._read_response()
        return False

    def _read_command(self) -> bool:
        conversation = self._conversation
        line = self._intake.line(conversation.policy.auth_line)
        if line is None:
            return False
        conversation.behind = self._intake.waiting > 0
        self._say(self._obey(line))
        match conversation.mode:
            case Mode.TLS:
                self._event = TlsWanted()
            case Mode.CLOSED:
                self._close(clean=True)
        return True

    def _read_response(self) -> bool:
        line = self._intake.line(self._conversation.policy.auth_line)
        if line is None:
            return False
        self._say(authentication.respond(self._conversation, line))
        return True

    def _obey(self, line: bytes) -> bytes:
        policy = self._conversation.policy
        verb, _, argument = _text(line).partition(" ")
        verb = verb.upper()
        handler = _COMMANDS.get(verb)
        if handler is None:
            raise refused("There is no such command")
        if len(line) + 2 > policy.command_line and verb != "AUTH":
            raise refused(f"A line has at most {policy.command_line} octets")
        if self._conversation.behind and "PIPELINING" not in policy.capabilities and verb != "STLS":
            # What is behind came before our reply could have been read.
            raise refused("PIPELINING is not offered; wait for each reply")
        return handler(self._conversation, argument)

    def _refuse(self, error: Refused) -> None:
        conversation = self._conversation
        if conversation.exchange is not None:
            conversation.exchange.close()
            conversation.exchange = None
        conversation.mode = Mode.COMMAND
        if error.code == FATAL:
            self._hang_up(error)
            return
        # Whoever has signed in may ask for what is not there as often as he likes.
        conversation.errors += conversation.maildrop is None
        conversation.auth_failures += isinstance(error, Unauthorised)
        self._say_error(error)
        if conversation.errors > conversation.policy.errors:
            self._hang_up(refused("Too many errors", "SYS/TEMP"))
        elif conversation.auth_failures >= conversation.policy.auth_failures:
            self._hang_up(refused("Too many wrong credentials", "SYS/TEMP"))

    def _hang_up(self, error: Refused) -> None:
        self._say_error(error)
        self._close(clean=False)

    def _close(self, *, clean: bool) -> None:
        self._conversation.mode = Mode.CLOSED
        self._conversation.leave(update=False)
        self._intake.clear()
        self._event = Closing(clean)

    def _say_error(self, error: Refused) -> None:
        self._say(replies.encode_error(error, codes=self._conversation.codes))

    def _say(self, reply: bytes) -> None:
        self._out.append(reply)
        self._out_octets += len(reply)


def _text(line: bytes) -> str:
    """Decode a command. Blanks at its end may be a password's, and stay."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise refused("The command is neither ASCII nor UTF-8") from None
    if not text.isprintable() and any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise refused("There is a control character in the command")
    return text


def _random_text() -> str:
    return secrets.token_urlsafe(18)
