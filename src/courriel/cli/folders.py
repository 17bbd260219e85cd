"""The command ``courriel folders``: what folders there are, what they are for, what is in them."""

from __future__ import annotations

from courriel.cli.options import Ca
from courriel.cli.reader import reader, reported, with_folders
from courriel.cli.reading_options import Account, AsJson, Pattern
from courriel.cli.screen import print_json, screen_for
from courriel.cli.summaries import folder_as_json, folder_table

__all__ = ["folders"]


def folders(
    pattern: Pattern = "*", account: Account = None, ca: Ca = None, as_json: AsJson = False
) -> None:
    """List folders. POP3 has none but INBOX."""
    with reported("folders", as_json=as_json), reader(account, ca) as session:
        listed = with_folders(session).folders(pattern)
    if as_json:
        found = [folder_as_json(folder) for folder in listed]
        print_json({"ok": True, "folders": found, "error": None})
    else:
        screen_for().print(folder_table(listed))
