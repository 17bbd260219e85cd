"""The commands ``courriel list`` and ``courriel search``: messages, without their bodies.

Only the way from the options to a query and to what is shown lives here.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from courriel.cli.options import Ca
from courriel.cli.reader import reader, reported
from courriel.cli.reading_options import (
    Account,
    Answered,
    AnyText,
    AsJson,
    Before,
    Body,
    Cc,
    Flagged,
    Folder,
    From,
    Gmail,
    Header,
    Larger,
    Limit,
    OldestFirst,
    Since,
    Smaller,
    Subject,
    To,
    Unread,
)
from courriel.cli.screen import print_json, screen_for
from courriel.cli.summaries import summary_as_json, summary_table
from courriel.errors import Misused
from courriel.model.query import Query, where
from courriel.sessions.imap import IMAPSession

__all__ = ["list_", "search"]


def list_(
    account: Account = None,
    folder: Folder = "INBOX",
    unread: Unread = False,
    limit: Limit = 20,
    oldest_first: OldestFirst = False,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """List messages, the newest first. No body is downloaded, nothing is marked as read."""
    with reported("messages", as_json=as_json):
        query = where.unseen if unread else None
        _show(account, ca, folder, query, limit, oldest_first=oldest_first, as_json=as_json)


def search(
    account: Account = None,
    folder: Folder = "INBOX",
    sender: From = None,
    to: To = None,
    cc: Cc = None,
    subject: Subject = None,
    body: Body = None,
    text: AnyText = None,
    header: Header = None,
    since: Since = None,
    before: Before = None,
    larger: Larger = None,
    smaller: Smaller = None,
    unread: Unread = False,
    flagged: Flagged = False,
    answered: Answered = False,
    gmail: Gmail = None,
    limit: Limit = 20,
    oldest_first: OldestFirst = False,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """Search messages: those for which everything that is given is true.

    Case does not matter in texts. With POP3 the search is done here, so that
    headers, or whole messages for --body and --text, are downloaded.
    """
    with reported("messages", as_json=as_json):
        queries = [
            *_texts(sender=sender, to=to, cc=cc, subject=subject, body=body, text=text),
            *[_field(each) for each in header or ()],
            *_dates(since, before),
            *([] if larger is None else [where.larger(larger)]),
            *([] if smaller is None else [where.smaller(smaller)]),
            *([where.unseen] if unread else []),
            *([where.flagged] if flagged else []),
            *([where.answered] if answered else []),
            *([] if gmail is None else [where.gmail(gmail)]),
        ]
        if not queries:
            raise Misused(
                "nothing was said to search for",
                operation="search",
                hint="Give --subject, --from, --since or another of its options, or use list.",
            )
        query = where.all_of(queries)
        _show(account, ca, folder, query, limit, oldest_first=oldest_first, as_json=as_json)


def _show(
    account: str | None,
    ca: Path | None,
    folder: str,
    query: Query | None,
    limit: int,
    *,
    oldest_first: bool,
    as_json: bool,
) -> None:
    with reader(account, ca) as session:
        summaries = list(
            session.messages(
                folder, query=query, newest_first=not oldest_first, limit=limit or None
            )
        )
        flags = isinstance(session, IMAPSession)
    if as_json:
        messages = [summary_as_json(summary) for summary in summaries]
        print_json({"ok": True, "messages": messages, "error": None})
    elif summaries:
        screen_for().print(summary_table(summaries, flags=flags))
    else:
        screen_for(errors=True).print("No messages.")


def _texts(**texts: str | None) -> list[Query]:
    return [getattr(where, name)(text) for name, text in texts.items() if text is not None]


def _dates(since: datetime | None, before: datetime | None) -> list[Query]:
    return [
        *([] if since is None else [where.since(since.date())]),
        *([] if before is None else [where.before(before.date())]),
    ]


def _field(text: str) -> Query:
    name, _, value = text.partition(":")
    return where.header(name.strip(), value.strip())
