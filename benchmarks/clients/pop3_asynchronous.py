"""Read over POP3 with courriel's asyncio session: one by one, in a hundred tasks, or streaming.

The ids are known before the clock starts, as poplib knows its numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from benchmarks.clients.reading import Task
from courriel import AsyncPOP3Session, Security

TASKS = 100


async def whole(session: AsyncPOP3Session, task: Task, ids: list[str]) -> None:
    task.check([len(mail.source) async for mail in session.fetch_many(ids)])


async def single(session: AsyncPOP3Session, task: Task, ids: list[str]) -> None:
    task.check([len((await session.fetch(one)).source) for one in ids])


async def tasks(session: AsyncPOP3Session, task: Task, ids: list[str]) -> None:
    left = iter(ids)

    async def some() -> list[int]:
        return [len((await session.fetch(one)).source) for one in left]

    found = await asyncio.gather(*(some() for _ in range(TASKS)))
    task.check([size for sizes in found for size in sizes])


MODES: dict[str, Callable[[AsyncPOP3Session, Task, list[str]], Awaitable[None]]] = {
    "whole": whole,
    "single": single,
    "tasks": tasks,
}


async def main() -> None:
    task = Task.from_arguments()
    async with AsyncPOP3Session(
        task.host,
        port=task.port,
        user=task.user,
        password=task.password,
        security=Security.PLAINTEXT,
    ) as session:
        ids = [summary.id async for summary in session.messages(limit=task.count)]
        with task.timed():
            await MODES[task.mode](session, task, ids)


if __name__ == "__main__":
    asyncio.run(main())
