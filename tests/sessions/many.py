"""Send many letters in one call, and name what became of each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest

from courriel import Receipt
from tests.sessions.letters import ADA, SENDER, letter

CHUNKING = ("PIPELINING", "CHUNKING")
PIPELINING = ("PIPELINING",)
every_way = pytest.mark.parametrize(
    "capabilities",
    [CHUNKING, PIPELINING, (), ("CHUNKING",)],
    ids=["CHUNKING", "PIPELINING", "one-by-one", "CHUNKING-one-by-one"],
)


async def collect(session: Any, emails: Any, **arguments: Any) -> list[Receipt]:
    arguments = {"sender": SENDER, "recipients": [ADA]} | arguments
    return [receipt async for receipt in session.send_many(emails, **arguments)]


async def gather(sending: AsyncIterator[Receipt], receipts: list[Receipt]) -> None:
    async for receipt in sending:
        receipts.append(receipt)


def fates(receipts: Iterable[Receipt]) -> list[str]:
    return ["taken" if r.error is None else type(r.error).__name__ for r in receipts]


def letters(count: int) -> list[bytes]:
    return [letter(number) for number in range(count)]
