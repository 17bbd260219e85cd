"""Send with the standard library's smtplib, one message after the other."""

from __future__ import annotations

import smtplib

from benchmarks.clients.task import Task


def main() -> None:
    task = Task.from_arguments()
    accepted = 0
    with smtplib.SMTP(task.host, task.port) as connection:
        connection.sendmail(task.sender, [task.recipient], task.source)
        with task.timed():
            for _ in range(task.count):
                refused = connection.sendmail(task.sender, [task.recipient], task.source)
                accepted += not refused
            task.check(accepted)


if __name__ == "__main__":
    main()
