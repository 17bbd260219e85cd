"""Read over IMAP with courriel's asyncio session, in each of its ways.

The ways are those of the blocking session, and ``tasks``: a hundred tasks at once on one session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from benchmarks.clients.reading import Task
from courriel import AsyncIMAPSession, Security

TASKS = 100


async def whole(session: AsyncIMAPSession, task: Task) -> None:
    task.check([len(mail.source) async for mail in session.fetch_many(task.numbers)])


async def single(session: AsyncIMAPSession, task: Task) -> None:
    task.check([len((await session.fetch(number)).source) for number in task.numbers])


async def tasks(session: AsyncIMAPSession, task: Task) -> None:
    numbers = iter(task.numbers)

    async def some() -> list[int]:
        return [len((await session.fetch(number)).source) for number in numbers]

    found = await asyncio.gather(*(some() for _ in range(TASKS)))
    task.check([size for sizes in found for size in sizes])


async def pipeline(session: AsyncIMAPSession, task: Task) -> None:
    async with session.pipeline() as line:
        mails = [line.fetch(number) for number in task.numbers]
    task.check([len(mail.result().source) for mail in mails])


async def listed(session: AsyncIMAPSession, task: Task) -> None:
    task.check_count(len([None async for _ in session.messages()]))


async def touch(session: AsyncIMAPSession, task: Task) -> None:
    subjects: list[str] = []
    async for summary in session.messages():
        envelope = summary.envelope
        subjects.append(envelope.subject if envelope.sender and summary.parts else "")
    task.check_subjects(subjects)


MODES: dict[str, Callable[[AsyncIMAPSession, Task], Awaitable[None]]] = {
    "whole": whole,
    "single": single,
    "tasks": tasks,
    "pipeline": pipeline,
    "list": listed,
    "touch": touch,
}


async def main() -> None:
    task = Task.from_arguments()
    async with AsyncIMAPSession(
        task.host,
        port=task.port,
        user=task.user,
        password=task.password,
        security=Security.PLAINTEXT,
    ) as session:
        # Selects the folder, which every peer has done before the clock starts.
        await session.fetch(1)
        with task.timed():
            await MODES[task.mode](session, task)


if __name__ == "__main__":
    asyncio.run(main())
