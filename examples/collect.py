"""Collect the mail of a POP3 account into files, and delete it there.

    POP3_URL=pop3s://ada:secret@mail.example.org python examples/collect.py mail

A message is marked when its file is written, and deleted when the session ends. When that goes
wrong the next run finds the files that are there, so that nothing is lost.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from courriel import POP3Session


def file_for(directory: Path, identifier: str) -> Path:
    """Return the file of a message: an id may hold characters that no file name has."""
    return directory / f"{hashlib.sha256(identifier.encode()).hexdigest()[:32]}.eml"


def main(target: str) -> None:
    directory = Path(target)
    directory.mkdir(exist_ok=True)
    with POP3Session.from_url(os.environ["POP3_URL"]) as session:
        ids = [summary.id for summary in session.messages()]
        missing = [one for one in ids if not file_for(directory, one).exists()]
        for identifier, email in zip(missing, session.fetch_many(missing), strict=True):
            path = file_for(directory, identifier)
            partial = path.with_suffix(".part")
            partial.write_bytes(email.source)
            partial.replace(path)
        session.delete(ids)
    print(f"{len(missing)} collected, {len(ids)} deleted")


if __name__ == "__main__":
    main(*sys.argv[1:])
