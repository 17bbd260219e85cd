"""The command ``courriel watch``: what happens in a folder, as it happens, until somebody ends it.

With ``--json`` it prints one object a line: first ``{"event": "watching"}`` with the number of
messages when it begins to watch, then one for each event.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import Any

from rich.text import Text

from courriel.cli.options import Ca
from courriel.cli.reader import reader, reported, with_folders
from courriel.cli.reading_options import Account, AsJson, Count, Folder, Seconds
from courriel.cli.screen import print_json, screen_for
from courriel.cli.summaries import summary_as_json, summary_table
from courriel.model.events import Arrived, Event, FlagsChanged, Resynchronise, Vanished
from courriel.model.query import where
from courriel.model.summary import Summary
from courriel.sessions.imap import IMAPSession

__all__ = ["watch"]


def watch(
    account: Account = None,
    folder: Folder = "INBOX",
    timeout: Seconds = None,
    count: Count = None,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Watch a folder and show what arrives, goes and changes. Ctrl-C ends it. Not with POP3."""
    # Whoever presses Ctrl-C has seen enough: that is no error.
    with (
        suppress(KeyboardInterrupt),
        reported("event", as_json=as_json),
        reader(account, ca) as opened,
    ):
        session = with_folders(opened)
        there = session.count(folder)
        if as_json:
            print_json({"event": "watching", "folder": folder, "messages": there})
        else:
            screen_for().print(Text(f"Watching {folder}, {there:,} messages. Ctrl-C ends it."))
        for event in islice(session.watch(folder, timeout=timeout), count):
            _tell(session, event, as_json=as_json)


def _tell(session: IMAPSession, event: Event, *, as_json: bool) -> None:
    summaries: list[Summary] = []
    if isinstance(event, Arrived):
        # Another program may have taken some of them away by now.
        summaries = list(session.messages(event.folder, query=where.ids(*event.ids)))
    if as_json:
        print_json(_as_json(event, summaries))
        return
    screen = screen_for()
    screen.print(Text(_sentence(event)))
    if summaries:
        screen.print(summary_table(summaries, flags=True))


def _as_json(event: Event, summaries: list[Summary]) -> dict[str, Any]:
    match event:
        case Arrived(folder, ids):
            messages = [summary_as_json(summary) for summary in summaries]
            return {"event": "arrived", "folder": folder, "ids": ids, "messages": messages}
        case Vanished(folder, ids):
            return {"event": "vanished", "folder": folder, "ids": ids}
        case FlagsChanged(folder, identifier, flags):
            changed = {"id": identifier, "flags": sorted(flags)}
            return {"event": "flags", "folder": folder, **changed}
        case Resynchronise(folder, reason):
            return {"event": "resynchronise", "folder": folder, "reason": reason}


def _sentence(event: Event) -> str:
    match event:
        case Arrived(_, ids):
            return "A message arrived." if len(ids) == 1 else f"{len(ids):,} messages arrived."
        case Vanished(_, ids):
            return f"Gone: {', '.join(map(str, ids))}."
        case FlagsChanged(_, identifier, flags):
            return f"{identifier} is now {', '.join(sorted(flags)) or 'without flags'}."
        case Resynchronise(_, reason):
            return f"List the folder again: {reason}."
