"""Read with the standard library's poplib, one mail after the other, unparsed."""

from __future__ import annotations

import poplib

from benchmarks.clients.reading import Task


def main() -> None:
    task = Task.from_arguments()
    session = poplib.POP3(task.host, task.port)
    session.user(task.user)
    session.pass_(task.password)
    with task.timed():
        task.check([size(session.retr(number)[1]) for number in task.numbers])
    session.quit()


def size(lines: list[bytes]) -> int:
    """Return the octets of a mail, whose lines come without their ends."""
    return sum(map(len, lines)) + 2 * len(lines)


if __name__ == "__main__":
    main()
