"""Read with the standard library's imaplib, which parses nothing of what is fetched."""

from __future__ import annotations

import imaplib
from collections.abc import Callable
from typing import Any

from benchmarks.clients.reading import Task


def _fetch(session: imaplib.IMAP4, ids: str, items: str) -> list[Any]:
    status, data = session.uid("FETCH", ids, items)
    if status != "OK":
        raise SystemExit(f"{status} {data}")
    return data


def whole(session: imaplib.IMAP4, task: Task) -> None:
    data = _fetch(session, f"1:{task.count}", "(BODY.PEEK[])")
    task.check([len(item[1]) for item in data if isinstance(item, tuple)])


def single(session: imaplib.IMAP4, task: Task) -> None:
    task.check([len(_fetch(session, str(n), "(BODY.PEEK[])")[0][1]) for n in task.numbers])


def envelopes(session: imaplib.IMAP4, task: Task) -> None:
    task.check_count(len(_fetch(session, f"1:{task.count}", "(ENVELOPE)")))


MODES: dict[str, Callable[[imaplib.IMAP4, Task], None]] = {
    "whole": whole,
    "single": single,
    "envelopes": envelopes,
}


def main() -> None:
    task = Task.from_arguments()
    with imaplib.IMAP4(task.host, task.port) as session:
        session.login(task.user, task.password)
        session.select("INBOX", readonly=True)
        with task.timed():
            MODES[task.mode](session, task)


if __name__ == "__main__":
    main()
