"""Send with courriel's asyncio session, in each of its ways.

``send`` awaits each receipt before the next message; ``tasks`` does so in a hundred tasks at once,
on the same session; ``many`` pipelines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import repeat

from benchmarks.clients.task import Task
from courriel import AsyncSMTPSession, Security

TASKS = 100


async def send(session: AsyncSMTPSession, task: Task) -> int:
    return await _sends(session, task, iter(range(task.count)))


async def tasks(session: AsyncSMTPSession, task: Task) -> int:
    numbers = iter(range(task.count))
    return sum(await asyncio.gather(*(_sends(session, task, numbers) for _ in range(TASKS))))


async def _sends(session: AsyncSMTPSession, task: Task, numbers: Iterator[int]) -> int:
    accepted = 0
    for _ in numbers:
        receipt = await session.send(task.source, sender=task.sender, recipients=[task.recipient])
        accepted += len(receipt.accepted)
    return accepted


async def many(session: AsyncSMTPSession, task: Task) -> int:
    receipts = session.send_many(
        repeat(task.source, task.count), sender=task.sender, recipients=[task.recipient]
    )
    return sum([len(receipt.accepted) async for receipt in receipts])


MODES: dict[str, Callable[[AsyncSMTPSession, Task], Awaitable[int]]] = {
    "send": send,
    "tasks": tasks,
    "many": many,
}


async def main() -> None:
    task = Task.from_arguments()
    async with AsyncSMTPSession(task.host, port=task.port, security=Security.PLAINTEXT) as session:
        await session.send_source(task.source, sender=task.sender, recipients=[task.recipient])
        with task.timed():
            task.check(await MODES[task.mode](session, task))


if __name__ == "__main__":
    asyncio.run(main())
