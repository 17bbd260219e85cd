"""How commands and messages are cut into steps (RFC 2920, 3.1; RFC 3030, 4.2)."""

from __future__ import annotations

import pytest

from courriel.errors import Misused
from courriel.protocol.smtp_steps import command_step, reset_step, steps_of
from courriel.protocol.transaction import BODY, DATA, MAIL, Transaction
from courriel.wire.smtp.commands import NOOP, RSET, Auth, Mail, Rcpt

LINES = [b"MAIL FROM:<a@x>\r\n", b"RCPT TO:<b@x>\r\n", b"RCPT TO:<c@x>\r\n"]


def message(body: bytes | None = b"Hi.\r\n", *, chunked: bool) -> Transaction:
    return Transaction(Mail("a@x"), [Rcpt("b@x"), Rcpt("c@x")], body, chunked=chunked)


@pytest.mark.parametrize("body", [b"Hi.\r\n", None])
def test_with_pipelining_the_group_ends_with_data(body: bytes | None) -> None:
    (step,) = steps_of(message(body, chunked=False), pipelining=True)
    assert b"".join([*LINES, b"DATA\r\n"]) == step.data
    assert (MAIL, 0, 1, DATA) == step.slots
    assert step.opens
    assert step.ends_group
    assert (body is None) == step.streams


def test_with_both_the_message_is_in_it() -> None:
    (step,) = steps_of(message(chunked=True), pipelining=True)
    assert b"".join([*LINES, b"BDAT 5 LAST\r\nHi.\r\n"]) == step.data
    assert (MAIL, 0, 1, BODY) == step.slots
    assert not step.ends_group
    assert not step.streams
    assert 5 == step.octets


def test_one_that_is_fed_comes_behind_its_envelope() -> None:
    (step,) = steps_of(message(None, chunked=True), pipelining=True)
    assert b"".join(LINES) == step.data
    assert (MAIL, 0, 1) == step.slots
    assert step.streams
    assert 0 == step.octets


@pytest.mark.parametrize(
    ("chunked", "body", "last"),
    [
        (False, b"Hi.\r\n", [b"DATA\r\n"]),
        (False, None, [b"DATA\r\n"]),
        (True, b"Hi.\r\n", [b"BDAT 5 LAST\r\nHi.\r\n"]),
        (True, None, []),
    ],
)
def test_without_pipelining_each_line_is_a_step(
    chunked: bool, body: bytes | None, last: list[bytes]
) -> None:
    steps = steps_of(message(body, chunked=chunked), pipelining=False)
    assert [*LINES, *last] == [step.data for step in steps]
    assert [True] + [False] * (len(steps) - 1) == [step.opens for step in steps]
    assert [body is None] == [step.streams for step in steps[-1:]]
    assert not any(step.streams for step in steps[:-1])
    assert [not chunked] == [step.ends_group for step in steps[-1:]]
    assert all(1 == len(step.slots) for step in steps)


def test_the_log_sees_commands_but_no_message() -> None:
    for pipelining in (True, False):
        for chunked, end in ((True, "<message of 5 octets>"), (False, "DATA")):
            steps = steps_of(message(chunked=chunked), pipelining=pipelining)
            shown = [line for step in steps for line in step.shown()]
            assert ["MAIL FROM:<a@x>", "RCPT TO:<b@x>", "RCPT TO:<c@x>", end] == shown


def test_a_command_is_one_step() -> None:
    step = command_step(NOOP)
    assert b"NOOP\r\n" == step.data
    assert (0,) == step.slots
    assert step.ends_group
    assert ["AUTH PLAIN …"] == list(command_step(Auth("PLAIN", b"\0ada\0secret")).shown())
    assert RSET.encode() == reset_step().data
    assert not reset_step().ends_group


def test_what_cannot_be_sent_makes_no_step() -> None:
    wrong = Transaction(Mail("a@x"), [Rcpt("b@x"), Rcpt("c@x\r\nDATA")], b"", chunked=True)
    with pytest.raises(Misused):
        steps_of(wrong, pipelining=True)
