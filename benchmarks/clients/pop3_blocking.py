"""Read over POP3 with courriel's blocking session: one by one, in a pipeline, or streaming.

The ids are known before the clock starts, as poplib knows its numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.clients.reading import Task
from courriel import POP3Session, Security


def whole(session: POP3Session, task: Task, ids: list[str]) -> None:
    task.check([len(mail.source) for mail in session.fetch_many(ids)])


def single(session: POP3Session, task: Task, ids: list[str]) -> None:
    task.check([len(session.fetch(one).source) for one in ids])


def pipeline(session: POP3Session, task: Task, ids: list[str]) -> None:
    with session.pipeline() as line:
        mails = [line.fetch(one) for one in ids]
    task.check([len(mail.result().source) for mail in mails])


MODES: dict[str, Callable[[POP3Session, Task, list[str]], None]] = {
    "whole": whole,
    "single": single,
    "pipeline": pipeline,
}


def main() -> None:
    task = Task.from_arguments()
    with POP3Session(
        task.host,
        port=task.port,
        user=task.user,
        password=task.password,
        security=Security.PLAINTEXT,
    ) as session:
        ids = [summary.id for summary in session.messages(limit=task.count)]
        with task.timed():
            MODES[task.mode](session, task, ids)


if __name__ == "__main__":
    main()
