"""The command ``courriel save``: the attachments of one message, without the rest of it.

Where the server says what a message is made of (IMAP), only what is saved is downloaded; elsewhere
(POP3) the message is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from courriel.cli.options import Ca
from courriel.cli.reader import found, reader, reported
from courriel.cli.reading_options import Account, AsJson, Directory, Folder, Id, PartPaths
from courriel.cli.screen import plain_table, print_json, screen_for
from courriel.cli.summaries import size_of
from courriel.errors import CourrielError, Misused
from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.parts import part_of, parts_of
from courriel.model.summary import Part, Summary
from courriel.sessions.imap import IMAPSession
from courriel.sessions.pop3 import POP3Session

__all__ = ["save"]


def save(
    id: Id,  # noqa: A002 - What people call it.
    account: Account = None,
    folder: Folder = "INBOX",
    to: Directory = Path(),
    part: PartPaths = None,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Save the attachments of one message. With IMAP nothing else of it is downloaded."""
    with reported("files", as_json=as_json):
        files = []
        with reader(account, ca) as session:
            summary = found(session, id, folder)
            for each, content in _contents(session, summary, part or ()):
                files.append(_saved(each, content, to))
    if as_json:
        print_json({"ok": True, "files": files, "error": None})
    elif files:
        table = plain_table(header=False)
        for file in files:
            table.add_row(Text(file["path"]), size_of(file["size"]))
        screen_for().print(table)
    else:
        screen_for(errors=True).print("The message has no attachments.")


def _contents(
    session: POP3Session | IMAPSession, summary: Summary, paths: Sequence[str]
) -> Iterator[tuple[Part, bytes]]:
    if isinstance(session, IMAPSession):
        for part in _chosen(summary, paths):
            yield part, session.part(summary.id, part, folder=summary.folder)
        return
    email = session.fetch(summary.id)
    for part in _chosen(_described(summary, email), paths):
        yield part, part_of(email, part)


def _described(summary: Summary, email: Email) -> Summary:
    return Summary(summary.id, summary.folder, summary.size, parts=parts_of(email))


def _chosen(summary: Summary, paths: Sequence[str]) -> Sequence[Part]:
    if not paths:
        return summary.attachments
    known = {part.path: part for part in summary.parts}
    for path in paths:
        if path not in known:
            raise Misused(
                "the message has no part of that number",
                operation="save",
                hint=f"Its parts are {', '.join(known)}.",
            )
    return [known[path] for path in paths]


def _saved(part: Part, content: bytes, directory: Path) -> dict[str, Any]:
    file = Attachment(part.name or f"part-{part.path}", content, part.content_type)
    try:
        path = file.save(directory)
    except OSError as error:
        if isinstance(error, CourrielError):
            raise
        raise Misused(
            f"a file cannot be written into {directory}: {error.strerror}",
            operation="save",
            hint="Choose another directory.",
        ) from error
    return {"path": str(path), "part": part.path, "size": len(content)}
