"""Read over IMAP with courriel's blocking session, in each of its ways.

``whole`` and ``read`` stream mails, the second looks at all that is in them; ``list`` and ``touch``
do the same with summaries; ``single`` asks for one mail after the other, ``pipeline`` for all at
once.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.clients.reading import Task
from courriel import IMAPSession, Security


def whole(session: IMAPSession, task: Task) -> None:
    task.check([len(mail.source) for mail in session.fetch_many(task.numbers)])


def read(session: IMAPSession, task: Task) -> None:
    sizes: list[int] = []
    for mail in session.fetch_many(task.numbers):
        parts = (mail.subject, mail.sender, mail.text, mail.html, mail.attachments[0].content)
        sizes.append(len(mail.source) if all(parts) else 0)
    task.check(sizes)


def single(session: IMAPSession, task: Task) -> None:
    task.check([len(session.fetch(number).source) for number in task.numbers])


def pipeline(session: IMAPSession, task: Task) -> None:
    with session.pipeline() as line:
        mails = [line.fetch(number) for number in task.numbers]
    task.check([len(mail.result().source) for mail in mails])


def listed(session: IMAPSession, task: Task) -> None:
    task.check_count(sum(1 for _ in session.messages()))


def touch(session: IMAPSession, task: Task) -> None:
    subjects: list[str] = []
    for summary in session.messages():
        envelope = summary.envelope
        subjects.append(envelope.subject if envelope.sender and summary.parts else "")
    task.check_subjects(subjects)


MODES: dict[str, Callable[[IMAPSession, Task], None]] = {
    "whole": whole,
    "read": read,
    "single": single,
    "pipeline": pipeline,
    "list": listed,
    "touch": touch,
}


def main() -> None:
    task = Task.from_arguments()
    with IMAPSession(
        task.host,
        port=task.port,
        user=task.user,
        password=task.password,
        security=Security.PLAINTEXT,
    ) as session:
        # Selects the folder, which every peer has done before the clock starts.
        session.fetch(1)
        with task.timed():
            MODES[task.mode](session, task)


if __name__ == "__main__":
    main()
