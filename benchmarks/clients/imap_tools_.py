"""Read with imap-tools, which parses every mail, and has headers where others have envelopes.

``bulk`` asks for all in one command; ``chunks`` for five hundred at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import imap_tools

from benchmarks.clients.reading import Task

CHUNK = 500


def _uids(task: Task) -> list[str]:
    return [str(number) for number in task.numbers]


def whole(session: imap_tools.BaseMailBox, task: Task) -> None:
    mails = session.fetch(uid_list=_uids(task), mark_seen=False, bulk=True)
    task.check([mail.size_rfc822 for mail in mails])


def single(session: imap_tools.BaseMailBox, task: Task) -> None:
    mails = session.fetch(uid_list=_uids(task), mark_seen=False, bulk=False)
    task.check([mail.size_rfc822 for mail in mails])


def bulk(session: imap_tools.BaseMailBox, task: Task) -> None:
    _headers(session, task, bulk=True)


def chunks(session: imap_tools.BaseMailBox, task: Task) -> None:
    _headers(session, task, bulk=CHUNK)


def _headers(session: imap_tools.BaseMailBox, task: Task, bulk: bool | int) -> None:
    mails = session.fetch(uid_list=_uids(task), mark_seen=False, headers_only=True, bulk=bulk)
    task.check_subjects([mail.subject for mail in mails])


MODES: dict[str, Callable[[imap_tools.BaseMailBox, Task], None]] = {
    "whole": whole,
    "single": single,
    "bulk": bulk,
    "chunks": chunks,
}


def main() -> None:
    task = Task.from_arguments()
    mailbox = imap_tools.MailBoxUnencrypted(task.host, task.port)
    with mailbox.login(task.user, task.password) as session, task.timed():
        MODES[task.mode](session, task)


if __name__ == "__main__":
    main()
