"""Send with courriel's blocking session, in each of its ways.

``source`` and ``send`` wait for each receipt before the next message; ``many`` pipelines.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat

from benchmarks.clients.task import Task
from courriel import Security, SMTPSession


def source(session: SMTPSession, task: Task) -> int:
    accepted = 0
    for _ in range(task.count):
        receipt = session.send_source(task.source, sender=task.sender, recipients=[task.recipient])
        accepted += len(receipt.accepted)
    return accepted


def send(session: SMTPSession, task: Task) -> int:
    accepted = 0
    for _ in range(task.count):
        receipt = session.send(task.source, sender=task.sender, recipients=[task.recipient])
        accepted += len(receipt.accepted)
    return accepted


def many(session: SMTPSession, task: Task) -> int:
    receipts = session.send_many(
        repeat(task.source, task.count), sender=task.sender, recipients=[task.recipient]
    )
    return sum(len(receipt.accepted) for receipt in receipts)


MODES: dict[str, Callable[[SMTPSession, Task], int]] = {
    "source": source,
    "send": send,
    "many": many,
}


def main() -> None:
    task = Task.from_arguments()
    with SMTPSession(task.host, port=task.port, security=Security.PLAINTEXT) as session:
        session.send_source(task.source, sender=task.sender, recipients=[task.recipient])
        with task.timed():
            task.check(MODES[task.mode](session, task))


if __name__ == "__main__":
    main()
