"""Read what arrived, straight from the Maildir files: the oracle of every delivery test.

No protocol of ours or of anybody's is asked, so nothing that is under test can hide a fault. A
message appears in ``new`` in one step (rename), complete.

Only reading, waiting and emptying live here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.servers.daemon import wait_until

_MICROSECONDS = re.compile(r"M(\d+)")


def _age(path: Path) -> tuple[int, int, str]:
    """Order file names as the Maildir convention means them: seconds, then microseconds."""
    seconds, _, rest = path.name.partition(".")
    found = _MICROSECONDS.search(rest)
    return int(seconds), int(found[1]) if found else 0, rest


class Maildirs:
    """The mailboxes of all users below ``root``, one folder for each user.

    ``explain`` gives the text that a failure message ends with.
    """

    def __init__(self, root: Path, explain: Callable[[], str]) -> None:
        self.root = root
        self._explain = explain

    def files(self, user: str) -> list[Path]:
        """List the files of the messages in the inbox of ``user``, the oldest first."""
        found = [
            path for folder in ("new", "cur") for path in (self.root / user / folder).glob("[0-9]*")
        ]
        return sorted(found, key=_age)

    def inbox(self, user: str) -> list[bytes]:
        """Read the messages in the inbox of ``user``, the oldest first, as they were stored.

        The server has put its own headers in front (Return-Path, Delivered-To,
        Received), and stores lines with a bare LF.
        """
        return [path.read_bytes() for path in self.files(user)]

    def wait_for(self, user: str, count: int, timeout: float = 20.0) -> list[bytes]:
        """Wait until ``user`` has ``count`` messages or more, at most ``timeout`` seconds.

        Returns all of them. Raises AssertionError with the servers' logs when time is up.
        """
        if not wait_until(lambda: len(self.files(user)) >= count, timeout):
            raise AssertionError(
                f"{user} has {len(self.files(user))} messages after {timeout} s, "
                f"{count} were expected.\n{self._explain()}"
            )
        return self.inbox(user)

    def clear(self, user: str) -> None:
        """Remove every message from the inbox of ``user``."""
        for path in self.files(user):
            path.unlink(missing_ok=True)

    def clear_all(self) -> None:
        """Remove every message from the inbox of everybody."""
        for folder in self.root.iterdir():
            self.clear(folder.name)
