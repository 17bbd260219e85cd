"""Read with IMAPClient, which parses answers into values and envelopes into tuples of bytes.

``list`` gives it all ids at once, which it writes into one line (it takes no ranges); ``chunks``
gives it five hundred at a time; ``structure`` does so and asks for all that courriel's ``messages``
asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.clients.reading import Task

ALL = ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE"]
CHUNK = 500


def whole(session: Any, task: Task) -> None:
    found = session.fetch(list(task.numbers), ["BODY.PEEK[]"])
    task.check([len(entry[b"BODY[]"]) for entry in found.values()])


def single(session: Any, task: Task) -> None:
    task.check([len(session.fetch(n, ["BODY.PEEK[]"])[n][b"BODY[]"]) for n in task.numbers])


def ids(session: Any, task: Task) -> None:
    task.check_count(len(session.fetch(list(task.numbers), ["ENVELOPE"])))


def chunks(session: Any, task: Task) -> None:
    _by_chunks(session, task, ["ENVELOPE"])


def structure(session: Any, task: Task) -> None:
    _by_chunks(session, task, ALL)


def _by_chunks(session: Any, task: Task, items: list[str]) -> None:
    starts = range(0, task.count, CHUNK)
    pieces = (list(task.numbers[start : start + CHUNK]) for start in starts)
    task.check_count(sum(len(session.fetch(piece, items)) for piece in pieces))


MODES: dict[str, Callable[[Any, Task], None]] = {
    "whole": whole,
    "single": single,
    "list": ids,
    "chunks": chunks,
    "structure": structure,
}


def main() -> None:
    task = Task.from_arguments()
    # It has no types.
    imapclient: Any = import_module("imapclient")
    with imapclient.IMAPClient(task.host, port=task.port, ssl=False) as session:
        session.login(task.user, task.password)
        session.select_folder("INBOX", readonly=True)
        with task.timed():
            MODES[task.mode](session, task)


if __name__ == "__main__":
    main()
