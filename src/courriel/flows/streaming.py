"""Sending many messages: as many in flight as the window allows, and a receipt for each, in order.

A stream reads the caller's iterable ahead. What is ready is handed out before an iterable that may
take its time is asked for more. Whatever goes wrong with one message is told in its receipt; only
what ends the stream itself is raised, behind the receipts of all that was in flight.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable, Iterable, Iterator
from copy import copy
from typing import Any, cast

from courriel.errors import CourrielError, Misused, SendRefused, TimedOut, Uncertain
from courriel.faces import Emit, Flow, Items
from courriel.flows.effects import QUICK_ITERATORS, End
from courriel.flows.envelope import check_options
from courriel.flows.flight import Flight, give_up, in_step, mend, unanswered
from courriel.flows.pulling import Raised, pulled
from courriel.flows.sending import take_off
from courriel.flows.smtp_opening import SmtpDialogue
from courriel.flows.taking import taken
from courriel.model.address import AddressesLike, AddressLike
from courriel.model.outgoing import Route, Sendable, prepare_for
from courriel.model.receipt import Receipt
from courriel.model.sendoptions import SendOptions

_OPERATION = "send_many"


def send_stream(
    dialogue: SmtpDialogue,
    emails: Iterable[Sendable] | AsyncIterable[Sendable],
    sender: AddressLike | None,
    recipients: AddressesLike,
    options: SendOptions,
) -> Items[Receipt]:
    """Send many messages, as many in flight as the window allows, and emit receipts in order."""
    dialogue.machine  # noqa: B018 - Not open is an error of the call, not of each message.
    check_options(options)
    recipients = yield from taken(recipients)
    stream = Stream(dialogue, _iterator(emails), sender, recipients, options)
    try:
        while True:
            yield from stream.fill()
            if not stream.ahead:
                break
            receipt = yield from stream.first()
            yield Emit(receipt)
    finally:
        stream.recall()
    if isinstance(stream.end, Exception):
        raise stream.end


class Stream:
    """The messages of one call that were read and whose receipts are not handed out yet."""

    __slots__ = (
        "_dialogue",
        "_iterator",
        "_octets",
        "_options",
        "_patient",
        "_route",
        "ahead",
        "end",
    )

    def __init__(
        self,
        dialogue: SmtpDialogue,
        iterator: Iterator[Sendable],
        sender: AddressLike | None,
        recipients: AddressesLike,
        options: SendOptions,
    ) -> None:
        self._dialogue = dialogue
        self._iterator = iterator
        self._patient = not isinstance(iterator, QUICK_ITERATORS)
        self._route = _route(sender, recipients)
        self._options = options
        self._octets = 0
        self.ahead: deque[Flight | Receipt] = deque()
        """What was read, in order."""
        self.end: End | Exception | None = None
        """Why no more is read: it has ended, it raised, or the operation's time is over."""

    def fill(self) -> Flow[None]:
        """Read ahead and put in flight as much as the window takes."""
        limits, ahead = self._dialogue.profile.limits, self.ahead
        while (
            self.end is None
            and len(ahead) < limits.window_messages
            and self._octets < limits.window_octets
            and not (self._patient and self._ready)
        ):
            email = yield from pulled(self._iterator)
            if isinstance(email, End):
                self.end = email
                return
            if isinstance(email, Raised):
                self.end = email.error
                return
            if not self._dialogue.usable:
                yield from _mended(self._dialogue)
            begun = self._begin(email)
            self._octets += begun.octets if isinstance(begun, Flight) else 0
            ahead.append(begun)

    @property
    def _ready(self) -> bool:
        """Whether the first receipt can be handed out now."""
        if not self.ahead:
            return False
        first = self.ahead[0]
        return isinstance(first, Receipt) or first.transaction.done

    def first(self) -> Flow[Receipt]:
        """Wait for the first receipt, and take it out."""
        first = self.ahead[0]
        if isinstance(first, Flight):
            self._octets -= first.octets
            first = yield from self._settled(first)
        self.ahead.popleft()
        return first

    def _settled(self, flight: Flight) -> Flow[Receipt]:
        try:
            return (yield from flight.settle())
        except CourrielError as error:
            late = error if isinstance(error, TimedOut) else error.__cause__
            if isinstance(late, TimedOut) and not flight.transaction.done:
                # Nothing but the operation's own time is over, and with it the stream.
                self._stop(late)
                receipt = self.ahead[0]
                assert isinstance(receipt, Receipt)
                return receipt
            give_up(flight.machine, flight.transaction, error)
            return _failed(error, flight.outgoing.message_id)

    def _stop(self, late: TimedOut) -> None:
        """Read no more, and give up what is in flight: the last first, so that none is written."""
        flights = [
            (place, flight)
            for place, flight in enumerate(self.ahead)
            if isinstance(flight, Flight) and not flight.transaction.done
        ]
        for _, flight in reversed(flights):
            flight.machine.withdraw(flight.transaction)
        late.raised_by(_OPERATION)
        late.session_usable = all(in_step(f.machine, f.transaction) for _, f in flights)
        for place, flight in flights:
            error = unanswered(flight.machine, flight.transaction, flight.outgoing, late)
            error.session_usable = late.session_usable
            self.ahead[place] = _failed(error, flight.outgoing.message_id)
        if not isinstance(self.end, Exception):
            self.end = late

    def _begin(self, email: Sendable) -> Flight | Receipt:
        message_id = None
        if isinstance(self._route, CourrielError):
            return _failed(copy(self._route), message_id)
        try:
            outgoing = prepare_for(email, self._route)
            message_id = outgoing.message_id
            return take_off(self._dialogue, outgoing, self._options)
        except CourrielError as error:
            return _failed(error, message_id)

    def recall(self) -> None:
        """Give up what is ahead, but not the connection, for somebody who has stopped iterating.

        The last one first, so that none is written in the place of one that is
        given up. One that DATA has announced can only be stopped by hanging up,
        so it goes out still.
        """
        for flight in reversed(self.ahead):
            if isinstance(flight, Flight):
                flight.machine.recall(flight.transaction)


def _route(sender: AddressLike | None, recipients: AddressesLike) -> Route | CourrielError:
    """Return the way of all messages, or why none can go it: that is told in their receipts."""
    try:
        return Route.of(sender, recipients)
    except CourrielError as error:
        return error


def _iterator(emails: Any) -> Iterator[Sendable]:
    many = hasattr(emails, "__iter__") or hasattr(emails, "__aiter__")
    if not many or isinstance(emails, (str, bytes, bytearray, memoryview)):
        raise Misused("send_many takes an iterable of messages", hint="Use send for one message.")
    if hasattr(emails, "__aiter__"):
        iterator = emails.__aiter__()  # The asyncio driver awaits its items.
    else:
        iterator = iter(emails)
    return cast("Iterator[Sendable]", iterator)


def _mended(dialogue: SmtpDialogue) -> Flow[None]:
    """Mend if that is possible; where it is not, each message is told so by itself."""
    try:
        yield from mend(dialogue)
    except CourrielError:
        return


def _failed(error: CourrielError, message_id: str | None) -> Receipt:
    error.raised_by(_OPERATION)
    refused = error.refused if isinstance(error, (SendRefused, Uncertain)) else {}
    reply = error.reply if isinstance(error, SendRefused) else None
    return Receipt(message_id, (), refused, reply, error)
