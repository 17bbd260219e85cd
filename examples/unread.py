"""List the newest unread mails of an account, and save what is attached to them.

    IMAP_URL=imaps://ada:secret@mail.example.org python examples/unread.py 20 attachments

Of each mail only the attachments are downloaded, and all stay unread.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from courriel import IMAPSession, Part


def free_name(directory: Path, part: Part) -> Path:
    """Return a name for a part that no file has yet."""
    wanted = Path(part.name or f"part-{part.path}")
    path, number = directory / wanted, 1
    while path.exists():
        number += 1
        path = directory / f"{wanted.stem}-{number}{wanted.suffix}"
    return path


def main(most: str, target: str) -> None:
    directory = Path(target)
    directory.mkdir(exist_ok=True)
    with IMAPSession.from_url(os.environ["IMAP_URL"]) as session:
        for summary in session.messages(unread=True, newest_first=True, limit=int(most)):
            print(f"{summary.id} {summary.envelope.sender}: {summary.envelope.subject}")
            for part in summary.attachments:
                path = free_name(directory, part)
                path.write_bytes(session.part(summary, part))
                print(f"  {path} ({path.stat().st_size} octets)")


if __name__ == "__main__":
    main(*sys.argv[1:])
