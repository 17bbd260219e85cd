"""What every machine does, whatever its grammar."""

from __future__ import annotations

import pytest

from courriel.errors import CourrielError, Disconnected, Garbled, Refused
from courriel.model.limits import Limits
from courriel.protocol.machine import Machine


class Plain(Machine):
    """A machine that only sends."""

    __slots__ = ("failed",)

    def __init__(self) -> None:
        super().__init__(Limits())
        self.failed: list[CourrielError] = []

    def say(self, data: bytes) -> None:
        self._send(data)

    def _fail_all(self, error: CourrielError) -> None:
        self.failed.append(error)


def test_what_is_to_be_sent_is_given_once_and_together() -> None:
    machine = Plain()
    machine.say(b"one ")
    machine.say(b"two")
    before = machine.has_data_to_send
    assert b"one two" == machine.data_to_send()
    assert (True, False) == (before, machine.has_data_to_send)
    assert b"" == machine.data_to_send()
    assert 7 == machine.octets_queued
    assert 0 == machine.octets_sent


def test_it_is_condemned_once() -> None:
    machine = Plain()
    machine.say(b"never sent")
    first = Garbled("nonsense")
    machine.condemn(first)
    machine.condemn(Disconnected("later"))
    machine.receive_eof()
    assert [first] == machine.failed
    assert first is machine.error
    assert not machine.usable
    assert b"" == machine.data_to_send()


def test_the_peer_may_end_it() -> None:
    machine = Plain()
    machine.receive_eof()
    assert isinstance(machine.error, Disconnected)
    assert "closed the connection" in machine.error.message


def test_whoever_comes_too_late_is_told() -> None:
    machine = Plain()
    machine.check_usable()
    machine.condemn(Garbled("nonsense"))
    with pytest.raises(Disconnected, match="the session is broken: nonsense"):
        machine.check_usable()


def test_an_error_that_broke_nothing_is_told_as_it_is() -> None:
    machine = Plain()
    machine.condemn(Refused("the server does not want us", code=554))
    with pytest.raises(Refused, match="does not want us"):
        machine.check_usable()


def test_nothing_unasked_has_happened() -> None:
    assert Plain().next_event() is None


def test_every_drained_ticket_is_told() -> None:
    machine = Plain()
    machine.say(b"abc")
    tickets = [machine.drained(), machine.drained()]
    machine.data_to_send()
    machine.data_sent(3)
    assert [None, None] == [ticket.value for ticket in tickets]
    machine.say(b"abc")
    late = machine.drained()
    machine.receive_eof()
    assert isinstance(late.error, Disconnected)
    assert isinstance(machine.drained().error, Disconnected)
