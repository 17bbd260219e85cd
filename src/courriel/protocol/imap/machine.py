"""The IMAP machine: commands out, answers in, matched by tag and by what they are about.

How octets become answers is the business of ``reader``, how commands become octets that of
``writer``; here is what each answer means. Only what breaks the conversation itself ends it: a tag
that no command has, an invitation that nobody waits for, a bound that is passed, BYE.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from courriel.errors import CourrielError, Disconnected, Garbled
from courriel.model.limits import Limits
from courriel.protocol.imap.dispatch import claimant
from courriel.protocol.imap.fates import out_of_step, refusal, renewed, spared
from courriel.protocol.imap.hearing import shown, unechoed
from courriel.protocol.imap.news import Newsroom
from courriel.protocol.imap.reader import ImapReader
from courriel.protocol.imap.selected import Selected
from courriel.protocol.imap.tickets import Completed, ImapTicket
from courriel.protocol.ticket import Ticket
from courriel.wire.imap import commands
from courriel.wire.imap.answers import (
    Answer,
    CapabilityList,
    Code,
    Condition,
    Continuation,
    Enabled,
    Identity,
    Tagged,
)
from courriel.wire.imap.fragments import Dialect
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.traits import Command, Does

_SHOWN = 500
_ALERTS = 20
_ANSWER = 128
"""Octets that an answer takes beside those that were said, at least."""
_ENABLED = frozenset({"CONDSTORE", "QRESYNC", "UTF8=ACCEPT", "UTF8=ONLY", "IMAP4REV2"})
"""What changes how we talk; whatever else a server says it has enabled is nothing to us."""


class ImapMachine(ImapReader):
    """One IMAP connection, from the greeting on."""

    __slots__ = (
        "_validities",
        "alerts",
        "capabilities",
        "enabled",
        "greeted",
        "identity",
        "learned",
        "news",
        "refused_folder",
    )

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._validities: dict[str, int] = {}
        self.capabilities: frozenset[str] | None = None
        """What the server offers, None while that is not known."""
        self.learned = 0
        """How often it has said so."""
        self.enabled: frozenset[str] = frozenset()
        """What ENABLE has switched on."""
        self.identity: Mapping[str, str | None] | None = None
        """What the server says it is (RFC 2971), None before it was asked; not to be trusted."""
        self.alerts: list[str] = []
        """Texts that the server wants people to see (RFC 9051, 7.1); not to be trusted."""
        self.greeted: Ticket[Condition] = Ticket()
        """The ticket of the server's first words."""
        self.refused_folder: str | None = None
        """The folder that the server has refused to select last."""
        self.news = Newsroom()
        """Where is told what nobody has asked for."""

    @property
    def words(self) -> frozenset[str]:
        return self.capabilities or frozenset()

    @property
    def awaiting(self) -> bool:
        return not self.greeted.done or super().awaiting

    def learn(self, words: Iterable[str]) -> None:
        """Take what the server offers, and how it is written to from now on."""
        self.capabilities = frozenset(words)
        self.learned += 1
        self._settle_dialect()

    def _settle_dialect(self) -> None:
        known = self.words
        self.dialect = Dialect(
            utf8=bool(self.enabled & {"UTF8=ACCEPT", "UTF8=ONLY", "IMAP4REV2"}),
            literal_plus="LITERAL+" in known,
            literal_minus="LITERAL-" in known or "IMAP4REV2" in known,
        )

    def respond(self, ticket: ImapTicket, response: bytes | None) -> None:
        """Send the next response of an exchange; None cancels it (RFC 9051, 6.2.2)."""
        line = commands.AuthenticateResponse(response)
        if ticket.done or not self.usable:
            return
        self._asked = False
        if self._log is not None:
            self._log.debug("C: %s", line.shown())
        self._send(line.encode() + b"\r\n")

    def part(self) -> None:
        if self.usable and self.idle:
            self.submit(commands.Logout())

    def begin_secured(self) -> None:
        """Forget everything that was heard before TLS (RFC 9051, 6.2.1)."""
        super().begin_secured()
        self.capabilities = None
        self.enabled = frozenset()
        self.alerts = []
        self.selected = None
        self._unselected = None
        self._settle_dialect()

    # Answers in.

    def _take(self, frame: Frame) -> None:
        answer = self._parsed(frame)
        if self.echo is not None:
            answer = unechoed(answer, self.echo)
        if self._log is not None:
            self._log.debug("S: %s", shown(frame, self.echo))
        if not self.greeted.done:
            self._greet(answer)
        elif isinstance(answer, Tagged):
            self._end(answer)
        elif isinstance(answer, Continuation):
            self._continue(answer)
        else:
            self._untagged(answer, frame.held)

    def _greet(self, answer: Answer) -> None:
        if not isinstance(answer, Condition) or answer.status not in ("OK", "PREAUTH", "BYE"):
            raise Garbled("the greeting is not one", hint="Check host and port.")
        if answer.code is not None and answer.code.name == "CAPABILITY":
            self.learn(answer.code.value)
        self.greeted.resolve(answer)

    def _continue(self, answer: Continuation) -> None:
        if self._waits_for_invitation:
            self._invited()
            return
        for ticket in self._flying.values():
            if isinstance(ticket.command, commands.Idle):
                # Nobody answers these, so they are not kept, however many there are.
                self._idling = True
                if ticket.given_up:
                    self._leave_idle()
                return
            if isinstance(ticket.command, commands.Authenticate):
                self._asked = True
                ticket.ask(answer)
                return
        raise out_of_step("an invitation to go on that nobody waits for")

    def _untagged(self, answer: Answer, octets: int) -> None:
        if isinstance(answer, Condition):
            self._condition(answer)
            if self.error is not None:
                return
        elif isinstance(answer, CapabilityList):
            self.learn(answer.words)
        elif isinstance(answer, Enabled):
            self.enabled |= answer.words & _ENABLED
            self._settle_dialect()
        ticket = claimant(answer, self._flying.values())
        if ticket is not None:
            ticket.add(answer, octets + _ANSWER)
            if ticket.count > self.limits.answers:
                raise Garbled(
                    f"the server gave more than {self.limits.answers} answers to one command",
                    hint="Limits.answers bounds them.",
                )
            if ticket.octets > self.limits.answers_held:
                raise Garbled(
                    "the server gave larger answers to one command than can be held",
                    hint="Limits.answers_held bounds them.",
                )
        elif self.selected is not None:
            self.news.tell(self.selected, answer)

    def _condition(self, answer: Condition) -> None:
        if answer.status == "BYE" and not self._saying(commands.Logout):
            self.condemn(
                Disconnected(
                    f"the server ended the session: {answer.text or 'BYE'}",
                    hint="Open a new session later.",
                )
            )
        elif answer.code is not None:
            self._heed(answer.code, answer.text)

    def _heed(self, code: Code, text: str) -> None:
        """Take what a response code says to whoever hears it."""
        if code.name == "ALERT" and len(self.alerts) < _ALERTS:
            self.alerts.append("".join(c for c in text[:_SHOWN] if c.isprintable()))
        elif code.name == "CAPABILITY":
            self.learn(code.value)
        elif code.name == "CLOSED":
            # From here on everything is about the folder that is being selected.
            for ticket in self._flying.values():
                if isinstance(ticket.command, commands.Select):
                    ticket.answers.clear()

    def _saying(self, kind: type[Command]) -> bool:
        return any(isinstance(ticket.command, kind) for ticket in self._flying.values())

    # The end of a command.

    def _end(self, tagged: Tagged) -> None:
        ticket = self._flying.get(tagged.tag)
        if ticket is None:
            raise out_of_step("a tagged answer to a command that was not sent")
        if self._writing is ticket:
            if tagged.status == "OK":
                raise out_of_step("an OK to a command that was half said")
            if self._missing:
                # The octets that the server still counts would be read as commands.
                raise out_of_step("an answer in the middle of a literal")
            self._writing, self._rest = None, []
        del self._flying[tagged.tag]
        self._gate.remove(ticket.command)
        if tagged.code is not None:
            self._heed(tagged.code, tagged.text)
        self._conclude(ticket, tagged)

    def _conclude(self, ticket: ImapTicket, tagged: Tagged) -> None:
        command = ticket.command
        ticket.tagged = tagged
        done = tagged.status == "OK" or spared(command, tagged)
        error = None if done else refusal(command, tagged)
        if Does.SELECTS in command.does:
            self._turned(ticket, tagged, error)
        ticket.selected = self.selected
        if isinstance(command, commands.Idle):
            self.news.spurned = not self._leaving_idle
            self._idling = self._leaving_idle = False
            self.news.stir()
        elif isinstance(command, commands.Authenticate):
            self._asked = False
        elif isinstance(command, commands.Id):
            told = [each for each in ticket.answers if isinstance(each, Identity)]
            self.identity = told[-1].fields if told else self.identity or {}
        elif isinstance(command, commands.StartTls) and error is None:
            self._expect_tls()
        elif isinstance(command, commands.Compress) and error is None:
            self._inflate_from_here()
        if error is None:
            ticket.resolve(Completed(tagged, tuple(ticket.answers)))
        else:
            ticket.fail(error)
        room = self._rooms.pop(ticket, None)
        if room is not None and not room.done:
            room.resolve(None)

    def _turned(self, ticket: ImapTicket, tagged: Tagged, error: CourrielError | None) -> None:
        """Take note of what is selected now."""
        self._turning.remove(ticket)
        command, old = ticket.command, self.selected
        self.selected, self._unselected = None, error
        if isinstance(command, commands.Select):
            self.refused_folder = None if error is None else command.name
        if error is None and isinstance(command, commands.Select):
            selected = Selected(command.name, command.read_only, command.read_only)
            for answer in (*ticket.answers, Condition("OK", tagged.code, "")):
                selected.take(answer)
            if not self._renewed(selected):
                self.selected = selected
        if old is not None:
            self.news.left(old.folder)

    def _renewed(self, selected: Selected) -> bool:
        """Whether the folder is another than when it was selected last (RFC 9051, 2.3.1.1).

        Then the numbers that callers hold name other messages, or none: what
        they have submitted fails, and the next call selects the folder anew.
        """
        known = self._validities.get(selected.folder)
        if selected.uid_validity is None:
            return False
        self._validities[selected.folder] = selected.uid_validity
        if known is None or known == selected.uid_validity:
            return False
        self._unselected = renewed(selected.folder)
        return True

    def forget(self, folder: str) -> None:
        """Take note that we have made, renamed or deleted a folder: its ids are void."""
        self._validities.pop(folder, None)

    def _fail_all(self, error: CourrielError) -> None:
        if not self.greeted.done:
            self.greeted.fail(error)
        waiting = [*self._flying.values(), *self._queue]
        rooms = list(self._rooms.values())
        self._flying.clear()
        self._queue.clear()
        self._turning.clear()
        self._rooms.clear()
        self._writing, self._idling = None, False
        for ticket in waiting:
            ticket.fail(error)
        for room in rooms:
            if not room.done:
                room.resolve(None)
        self.news.end()
