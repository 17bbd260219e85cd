"""Be an IMAP server, without I/O: octets in, octets and events out.

A pure object, one a connection; it knows no socket, no clock, no thread. ::

    machine.receive_data(octets)
    while (event := machine.next_event()) is not None:
        ...                     # shake hands, or close
    transport.write(machine.data_to_send())

When more than ``ImapPolicy.output`` octets wait to be sent, it stops obeying until they have been
taken: ask ``next_event()`` again then. During IDLE it calls ``wake``, from whichever thread changed
the mailbox, when there may be something to say: ask then, too. The machine frames, dispatches and
counts; what the commands do is in ``commands`` and the files that it names.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from courriel.errors import Misused, Refused, Unauthorised
from courriel.sandbox.accounts import Accounts
from courriel.sandbox.events import Closing, TlsWanted
from courriel.sandbox.imap import authentication, greeting
from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.commands import command_of
from courriel.sandbox.imap.conversation import Conversation, Mode
from courriel.sandbox.imap.intake import Intake, Overlong, Request
from courriel.sandbox.imap.policy import ImapPolicy
from courriel.sandbox.imap.replies import Done, Outcome, Replies, bad, no, status_of
from courriel.sandbox.store import Store

__all__ = ["ImapMachine"]

_TAG = re.compile(rb"[!#$&',-\[\]-z|}~]{1,100}(?=[ \r\n]|\Z)")
_APPEND = re.compile(rb"[^ ]{1,100} APPEND ", re.IGNORECASE)


class ImapMachine:
    """The server's end of one connection.

    ``secured`` says that TLS is there from the start; ``server_end_point`` is
    the certificate's hash for channel binding (RFC 5929, 4); ``nonce`` makes
    printable random text, for a test to replace.
    """

    def __init__(
        self,
        policy: ImapPolicy,
        accounts: Accounts,
        store: Store,
        *,
        secured: bool = False,
        server_end_point: bytes | None = None,
        nonce: Callable[[], str] | None = None,
    ) -> None:
        self.wake: Callable[[], None] = _nothing
        self._conversation = Conversation(
            policy,
            accounts,
            store,
            nonce or _random_text,
            self._changed,
            secured=secured,
            server_end_point=server_end_point if secured else None,
        )
        self._end_point = server_end_point
        self._intake = Intake(self._check_literal, lambda: self._write(b"+ Go on\r\n"))
        self._out: list[bytes] = []
        self._octets = 0
        self._event: TlsWanted | Closing | None = None
        self._running: Replies | None = None
        self._expunge = False
        words = " ".join(["CAPABILITY", *self._conversation.capabilities])
        self._say(f"OK [{words}] {policy.domain} courriel sandbox".encode())

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
            self._hang_up("Nothing may follow STARTTLS before the handshake")
        elif not self.closed:
            self._intake.feed(data)

    def receive_eof(self) -> None:
        """Note that the client has gone; a command that is not complete is dropped."""
        if not self.closed:
            self._close(clean=True)

    def data_to_send(self) -> bytes:
        """Return what is to be sent, once."""
        out, self._out, self._octets = b"".join(self._out), [], 0
        return out

    def next_event(self) -> TlsWanted | Closing | None:
        """Go on until something has to be done; None when octets are needed, or to be taken."""
        while self._event is None:
            try:
                if not self._step():
                    break
            except Overlong as error:
                self._hang_up(str(error))
            except (Refused, Misused) as error:
                self._finish(error)
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
        conversation.mode = Mode.COMMAND
        self._intake.clear()

    def end(self, enhanced: str, reason: str) -> None:
        """Tell the client that the conversation ends here (RFC 3501, 7.1.5: BYE)."""
        if not self.closed:
            self._hang_up(reason)

    def _step(self) -> bool:
        """Obey one command, or some of it; False when octets are needed, or to be taken."""
        if self._octets > self._conversation.policy.output:
            return False
        if self._running is not None:
            self._run(self._running)
            return True
        match self._conversation.mode:
            case Mode.COMMAND:
                return self._read_command()
            case Mode.RESPONSE:
                line = self._intake.line(self._conversation.policy.stranger_line)
                if line is not None:
                    self._take(authentication.respond(self._conversation, line))
                return line is not None
            case Mode.IDLE:
                return self._idle()
        return False

    def _idle(self) -> bool:
        conversation = self._conversation
        conversation.sync(expunge=True)
        self._flush()
        line = self._intake.line(conversation.policy.command_line)
        if line is None:
            return False
        self._expunge = True
        self._take(greeting.done(conversation, line))
        return True

    def _read_command(self) -> bool:
        conversation = self._conversation
        policy = conversation.policy
        stranger = conversation.user is None
        request = self._intake.request(policy.stranger_line if stranger else policy.command_line)
        if request is None:
            return False
        conversation.behind = self._intake.waiting > 0
        self._obey(request)
        return True

    def _obey(self, request: Request) -> None:
        conversation = self._conversation
        found = _TAG.match(request.text)
        conversation.tag = found[0] if found else b"*"
        self._expunge = False
        if request.error is not None:
            raise request.error
        if found is None:
            raise bad("A command begins with a tag")
        arguments = Arguments(request, utf8=conversation.utf8)
        arguments.skip(found[0])
        arguments.space()
        command = command_of(conversation, arguments)
        self._expunge = command.expunge
        self._take(command.obey(conversation, arguments))

    def _take(self, outcome: Outcome | None) -> None:
        """Go on with what a command has become; None when it goes on later."""
        if isinstance(outcome, Done):
            self._finish(outcome)
        elif outcome is not None:
            self._running = outcome
        else:
            self._flush()

    def _run(self, running: Replies) -> None:
        """Let a command say more, until there is enough to be sent."""
        limit = self._conversation.policy.output
        try:
            while self._octets <= limit:
                self._say(next(running))
        except StopIteration as finished:
            self._running = None
            self._finish(finished.value)

    def _finish(self, outcome: Done | Refused | Misused) -> None:
        """Say how the command ended, and what has happened meanwhile."""
        conversation = self._conversation
        self._running = None
        if not isinstance(outcome, Done):
            self._count(outcome)
        if conversation.mode in (Mode.COMMAND, Mode.TLS):
            conversation.sync(expunge=self._expunge)
        self._flush()
        self._write(b"%b %b\r\n" % (conversation.tag, status_of(outcome)))
        if conversation.mode is Mode.TLS:
            self._event = TlsWanted()
        elif self.closed:
            self._close(clean=isinstance(outcome, Done))
        elif conversation.errors > conversation.policy.errors:
            self._hang_up("Too many errors")
        elif conversation.auth_failures >= conversation.policy.auth_failures:
            self._hang_up("Too many wrong credentials")

    def _count(self, error: Refused | Misused) -> None:
        conversation = self._conversation
        if conversation.exchange is not None:
            conversation.exchange.close()
            conversation.exchange = None
        if conversation.mode is Mode.RESPONSE:
            conversation.mode = Mode.COMMAND
        conversation.errors += isinstance(error, Misused)
        conversation.auth_failures += isinstance(error, Unauthorised)

    def _check_literal(self, request: Request, octets: int) -> None:
        """Raise Refused or Misused when a literal is too large for its command."""
        conversation = self._conversation
        policy = conversation.policy
        if request.text.endswith(b"+}") and not conversation.has("LITERAL+"):
            raise bad("LITERAL+ is not offered")
        if len(request.literals) >= policy.literals:
            raise bad(f"A command has at most {policy.literals} literals")
        octets += sum(map(len, request.literals))
        if conversation.user is None:
            if octets > policy.stranger_line:
                raise bad(f"Literals have at most {policy.stranger_line} octets before the sign-in")
        elif _APPEND.match(request.text):
            if octets > policy.message_size:
                raise no(f"APPEND takes at most {policy.message_size} octets", "TOOBIG")
        elif octets > policy.literal:
            raise bad(f"The literals of a command have at most {policy.literal} octets")

    def _changed(self) -> None:
        self.wake()

    def _flush(self) -> None:
        conversation = self._conversation
        untagged, conversation.untagged = conversation.untagged, []
        for line in untagged:
            self._say(line)
        prompt, conversation.prompt = conversation.prompt, None
        if prompt is not None:
            self._write(b"+ %b\r\n" % prompt)

    def _hang_up(self, reason: str) -> None:
        self._flush()
        self._say(f"BYE {reason}".encode())
        self._close(clean=False)

    def _close(self, *, clean: bool) -> None:
        conversation = self._conversation
        if conversation.mode is Mode.IDLE:
            conversation.unlisten()
        conversation.mode = Mode.CLOSED
        conversation.view = None
        self._running = None
        self._intake.clear()
        self._event = Closing(clean)

    def _say(self, line: bytes) -> None:
        self._write(b"* ", line, b"\r\n")

    def _write(self, *pieces: bytes) -> None:
        self._out += pieces
        self._octets += sum(map(len, pieces))


def _random_text() -> str:
    return secrets.token_urlsafe(18)


def _nothing() -> None:
    """Wake nobody."""
