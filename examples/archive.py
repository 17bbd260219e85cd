"""Move what is older than some days into the archive, but for what is flagged.

    IMAP_URL=imaps://ada:secret@mail.example.org python examples/archive.py 365

Nothing is downloaded: the server searches, and the server moves.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta

from courriel import IMAPSession, where


def archive_of(session: IMAPSession) -> str:
    """Return the name of the archive, which is made when there is none."""
    for folder in session.folders():
        if folder.use == "archive":
            return folder.name
    session.create_folder("Archive")
    return "Archive"


def main(days: str) -> None:
    day = datetime.now().astimezone() - timedelta(days=int(days))
    with IMAPSession.from_url(os.environ["IMAP_URL"]) as session:
        archive = archive_of(session)
        old = session.search(where.before(day) & ~where.flagged)
        session.move(old, archive)
        print(f"{len(old)} moved to {archive}, {session.count()} left")


if __name__ == "__main__":
    main(*sys.argv[1:])
