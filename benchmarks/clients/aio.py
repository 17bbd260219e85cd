"""Send with aiosmtplib, one message after the other, as its one connection allows."""

from __future__ import annotations

import asyncio

import aiosmtplib

from benchmarks.clients.task import Task


async def main() -> None:
    task = Task.from_arguments()
    accepted = 0
    connection = aiosmtplib.SMTP(hostname=task.host, port=task.port, use_tls=False, start_tls=False)
    async with connection:
        await connection.sendmail(task.sender, [task.recipient], task.source)
        with task.timed():
            for _ in range(task.count):
                refused, _ = await connection.sendmail(task.sender, [task.recipient], task.source)
                accepted += not refused
            task.check(accepted)


if __name__ == "__main__":
    asyncio.run(main())
