"""Refusals of a real Postfix, at every step, are told truthfully and hit only their own message."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import Disconnected, SendRefused, SessionState, Uncertain
from tests.faces import Face
from tests.servers.maildir import Maildirs
from tests.servers.postfix import Postfix
from tests.servers.refusals import (
    DATA_REFUSALS,
    END_REFUSALS,
    MAIL_REFUSALS,
    RECIPIENT_REFUSALS,
    UNKNOWN,
)
from tests.sessions.doors import through
from tests.sessions.letters import ADA, SENDER, expect_once, letter, message_id

pytestmark = pytest.mark.server

PIPES = ("open", "no CHUNKING", "no PIPELINING", "starttls", "no extension")
SENDER_REFUSALS = MAIL_REFUSALS | DATA_REFUSALS | END_REFUSALS


def said(error: Any) -> str:
    """Write a refusal as its table has it, without what Postfix puts before the words."""
    return f"{error.code} {error.enhanced} {error.text.rpartition(': ')[2]}"


@pytest.mark.parametrize("door", PIPES)
async def test_some_recipients_refused_is_no_error(
    face: Face, postfix: Postfix, mail: Maildirs, door: str
) -> None:
    busy, full, foreign = "busy@example.org", "full@example.org", "ada@elsewhere.example"
    async with face.smtp(**through(postfix, door)) as session:
        receipt = await session.send(
            letter(1), sender=SENDER, recipients=[UNKNOWN, ADA, busy, foreign, SENDER, full]
        )
        assert SessionState.OPEN is session.state
    assert (ADA, SENDER) == receipt.accepted
    assert [UNKNOWN, busy, foreign, full] == list(receipt.refused)
    assert {"RCPT"} == {refusal.command for refusal in receipt.refused.values()}
    assert "5.1.1" == receipt.refused[UNKNOWN].enhanced
    assert RECIPIENT_REFUSALS[busy] == said(receipt.refused[busy])
    assert receipt.refused[busy].retryable
    assert not receipt.refused[full].retryable
    assert "Relay access denied" in receipt.refused[foreign].text
    expect_once([1], mail.wait_for("ada", 1))
    expect_once([1], mail.wait_for("bob", 1))


@pytest.mark.parametrize("door", PIPES)
async def test_all_recipients_refused_is_one(
    face: Face, postfix: Postfix, mail: Maildirs, door: str
) -> None:
    async with face.smtp(**through(postfix, door)) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send(letter(1), sender=SENDER, recipients=[UNKNOWN, "full@example.org"])
        error = caught.value
        assert [UNKNOWN, "full@example.org"] == list(error.refused)
        assert (550, "5.1.1", "RCPT") == (error.code, error.enhanced, error.command)
        assert ((), message_id(1)) == (error.accepted, error.message_id)
        assert error.session_usable
        assert not error.retryable
        receipt = await session.send(letter(2), sender=SENDER, recipients=[ADA])
        assert (ADA,) == receipt.accepted
    postfix.drain()
    expect_once([2], mail.inbox("ada"))


@pytest.mark.parametrize("sender", [s for s, r in SENDER_REFUSALS.items() if r[:3] != "421"])
@pytest.mark.parametrize("door", PIPES)
async def test_a_refused_message_leaves_the_session_usable(
    face: Face, postfix: Postfix, mail: Maildirs, door: str, sender: str
) -> None:
    async with face.smtp(**through(postfix, door)) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send(letter(1), sender=sender, recipients=[ADA, SENDER])
        assert SENDER_REFUSALS[sender] == said(caught.value)
        assert [ADA, SENDER] == list(caught.value.refused)
        assert SENDER_REFUSALS[sender].startswith("4") == caught.value.retryable
        assert caught.value.session_usable
        assert session.usable
        assert (ADA,) == (await session.send(letter(2), sender=SENDER, recipients=[ADA])).accepted
    postfix.drain()
    expect_once([2], mail.inbox("ada"))
    assert [] == mail.inbox("bob")


@pytest.mark.parametrize("sender", [s for s, r in SENDER_REFUSALS.items() if r[:3] == "421"])
@pytest.mark.parametrize("door", PIPES)
async def test_a_421_refuses_the_message_and_ends_the_session(
    face: Face, postfix: Postfix, mail: Maildirs, door: str, sender: str
) -> None:
    async with face.smtp(**through(postfix, door)) as session:
        with pytest.raises(SendRefused) as caught:
            await session.send(letter(1), sender=sender, recipients=[ADA])
        assert SENDER_REFUSALS[sender] == said(caught.value)
        assert not caught.value.session_usable
        assert SessionState.BROKEN is session.state
        with pytest.raises(Disconnected):
            await session.send(letter(2), sender=SENDER, recipients=[ADA])
        await session.open()
        await session.send(letter(3), sender=SENDER, recipients=[ADA])
    postfix.drain()
    expect_once([3], mail.inbox("ada"))


@pytest.mark.parametrize("door", PIPES)
async def test_a_421_to_a_recipient_leaves_nobody_with_the_message(
    face: Face, postfix: Postfix, mail: Maildirs, door: str
) -> None:
    async with face.smtp(**through(postfix, door)) as session:
        # Under CHUNKING the message was handed over with its envelope, and has no answer.
        chunked = "CHUNKING" in session.capabilities
        with pytest.raises(Uncertain if chunked else Disconnected, match="421"):
            await session.send(letter(1), sender=SENDER, recipients=["goodbye@example.org", ADA])
        assert SessionState.BROKEN is session.state
    postfix.drain()
    assert [] == mail.inbox("ada")


FATES = {
    "fine": (SENDER, ADA),
    "unknown": (SENDER, UNKNOWN),
    "busy": (SENDER, "busy@example.org"),
    "mail": ("refused-at-mail@example.org", ADA),
    "data": ("refused-at-data@example.org", ADA),
    "end": ("refused-at-end@example.org", ADA),
    "later": ("busy-at-end@example.org", ADA),
}


def addressed(name: str, fate: str) -> bytes:
    """Write a message that carries its own envelope."""
    sender, recipient = FATES[fate]
    text = letter(name, f"{name}\r\n".encode()).replace(SENDER.encode(), sender.encode(), 1)
    return text.replace(b"\r\nSubject", f"\r\nTo: {recipient}\r\nSubject".encode(), 1)


async def collected(receipts: Any) -> list[Any]:
    return [receipt async for receipt in receipts]


@pytest.mark.slow
@pytest.mark.parametrize("door", ["open", "no CHUNKING", "no PIPELINING", "submission"])
async def test_of_three_hundred_the_bad_ones_hit_only_themselves(
    face: Face, postfix: Postfix, mail: Maildirs, door: str
) -> None:
    bad = [fate for fate in FATES if fate != "fine"]
    plan = [bad[n // 7 % len(bad)] if n % 7 == 3 else "fine" for n in range(300)]
    # Several in a row, and a message that cannot even be prepared.
    plan[100:110] = [*bad, "unknown", "end", "mail", "data"]
    messages: list[Any] = [addressed(str(n), fate) for n, fate in enumerate(plan)]
    messages[200] = b"Subject: nobody\r\n\r\nHello.\r\n"
    plan[200] = "misused"
    async with face.smtp(**through(postfix, door)) as session:
        receipts = await collected(session.send_many(iter(messages)))
        assert session.usable
    assert [message_id(n) if n != 200 else None for n in range(300)] == [
        receipt.message_id for receipt in receipts
    ]
    for fate, receipt in zip(plan, receipts, strict=True):
        assert (fate == "fine") == (receipt.error is None)
        assert ((ADA,) if fate == "fine" else ()) == receipt.accepted
        if fate == "misused":
            assert "sender" in str(receipt.error)
        elif fate != "fine":
            assert isinstance(receipt.error, SendRefused)
            assert FATES[fate][1] in receipt.refused
    postfix.drain()
    expect_once([n for n, fate in enumerate(plan) if fate == "fine"], mail.inbox("ada"))


@pytest.mark.parametrize(
    "sender",
    ["goodbye-at-mail@example.org", "goodbye-at-data@example.org", "goodbye-at-end@example.org"],
)
@pytest.mark.parametrize("door", ["open", "no CHUNKING", "no PIPELINING"])
async def test_a_421_in_the_middle_of_many_is_told_truthfully(
    face: Face, postfix: Postfix, mail: Maildirs, door: str, sender: str
) -> None:
    messages = [addressed(str(n), "fine") for n in range(20)]
    messages[10] = messages[10].replace(SENDER.encode(), sender.encode(), 1)
    async with face.smtp(**through(postfix, door)) as session:
        receipts = await collected(session.send_many(messages))
        assert SessionState.BROKEN is session.state
    assert [message_id(n) for n in range(20)] == [receipt.message_id for receipt in receipts]
    assert all((ADA,) == receipt.accepted for receipt in receipts[:10])
    assert SENDER_REFUSALS[sender] == said(receipts[10].error)
    postfix.drain()
    expect_once(range(10), mail.inbox("ada"))
    for receipt in receipts[11:]:
        assert () == receipt.accepted
        # Only what was handed over may be in doubt.
        assert type(receipt.error).__name__ in ("Disconnected", "Uncertain")
        assert not receipt.error.session_usable
    if door != "open":
        assert {"Disconnected"} == {type(r.error).__name__ for r in receipts[11:]}
