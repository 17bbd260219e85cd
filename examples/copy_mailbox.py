"""Copy all folders of an account to another server, with flags and times of arrival.

    python examples/copy_mailbox.py imaps://ada:secret@old.example.org \
        imaps://ada:secret@new.example.net

What is there already, by its Message-ID, is not copied again: the program can be interrupted.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from courriel import Folder, IMAPSession, Refused


def identifiers(session: IMAPSession, folder: str) -> set[str]:
    """Return the Message-IDs that a folder holds."""
    found = (summary.envelope.message_id for summary in session.messages(folder))
    return {identifier for identifier in found if identifier}


def copy(old: IMAPSession, new: IMAPSession, folder: Folder, name: str) -> int:
    """Copy one folder; return how many messages were missing there."""
    with suppress(Refused):
        # It may be there already; if it cannot be made, the next call says so.
        new.create_folder(name)
    known = identifiers(new, name)
    missing = [
        summary for summary in old.messages(folder.name) if summary.envelope.message_id not in known
    ]
    # They stream: a few are in memory at a time.
    emails = old.fetch_many(missing, folder=folder.name)
    for summary, email in zip(missing, emails, strict=True):
        flags = summary.flags - {"\\Recent"}
        new.append(name, email, flags=flags, received=summary.received)
    return len(missing)


def main(source: str, target: str) -> None:
    with IMAPSession.from_url(source) as old, IMAPSession.from_url(target) as new:
        separator = new.namespaces().personal[0].separator or "/"
        for folder in old.folders():
            if folder.selectable:
                name = folder.name.replace(folder.separator or separator, separator)
                print(f"{name}: {copy(old, new, folder, name)} copied")


if __name__ == "__main__":
    main(*sys.argv[1:])
