"""Do with one user's mail what IMAP and POP3 are for, on the embedded server, and check all of it.

Ada watches her INBOX while she sends herself a letter, lists it, downloads one of its attachments
and nothing else of it, moves it away and deletes what is left. Her sessions are of three protocols
and under one name. Nothing here prints.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

from courriel.cli.demonstration import Demonstration
from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.events import Arrived, Event
from courriel.model.query import where
from courriel.model.summary import Summary
from courriel.sandbox import Server
from courriel.sessions.imap import IMAPSession
from courriel.sessions.pop3 import POP3Session
from courriel.sessions.registry import Registry
from courriel.sessions.smtp import SMTPSession

__all__ = ["FOLDER", "Postbox"]

FOLDER = "Reisen & Épices"
"""Where the letter is moved to: a name that needs its own encoding on the wire."""

_SMALL = hashlib.shake_128(b"a small file").digest(3 * 1024)
_LARGE = hashlib.shake_128(b"a large file").digest(1024 * 1024)

# Seconds: until the watch is on for certain, and between two letters if the first came before it.
_SETTLING = 0.1
_PATIENCE = 3.0
_LETTERS = 5


class Postbox:
    """Ada's sessions and what she does in them; the checks go to ``job``."""

    def __init__(self, job: Demonstration, server: Server, smtp: SMTPSession) -> None:
        self._job = job
        self._server = server
        self.registry = Registry()
        self.smtp = smtp
        self.registry.add(smtp)

    def open_imap(self) -> IMAPSession:
        """Open ada's IMAP session."""
        server = self._server
        session = IMAPSession(
            server.host,
            port=server.imap_tls_port,
            user="ada",
            password=self._job.password,
            tls=server.ssl_context,
        )
        self.registry.add(session)
        return session.open()

    def open_pop3(self) -> POP3Session:
        """Open ada's POP3 session."""
        server = self._server
        session = POP3Session(
            server.host,
            port=server.pop3_tls_port,
            user="ada",
            password=self._job.password,
            tls=server.ssl_context,
        )
        self.registry.add(session)
        return session.open()

    def wait_for_letter(self, session: IMAPSession) -> Arrived | None:
        """Send ada a letter while another thread waits for it in IDLE; return what it is told."""
        events = session.watch(timeout=_PATIENCE * _LETTERS)
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(_next_arrival, events)
            wait([first], _SETTLING)
            self._send_until(first)
            arrived = first.result()
        self._job.check("arrivals told by IDLE", 1, len(arrived.ids) if arrived else 0)
        return arrived

    def _send_until(self, told: Future[Arrived | None]) -> None:
        for _ in range(_LETTERS):
            self.smtp.send(_letter())
            # What arrives before the watch is on is not news to it.
            if wait([told], _PATIENCE).done:
                return

    def list(self, session: IMAPSession) -> list[Summary]:
        """List her INBOX, the newest first, without any body."""
        summaries = list(session.messages(newest_first=True))
        there = len(self._server.mailbox("ada"))
        self._job.check("messages listed", there, len(summaries))
        self._job.check("messages marked as read", 0, sum(not each.unread for each in summaries))
        return summaries

    def download(self, session: IMAPSession, arrived: Arrived) -> tuple[Summary, Attachment]:
        """Download the letter's small attachment, and neither the large one nor the text."""
        (summary,) = session.messages(query=where.ids(arrived.ids[-1]))
        part = next(part for part in summary.attachments if part.name == "map.bin")
        content = session.part(summary.id, part)
        file = Attachment(part.name or "", content, part.content_type)
        self._job.check("the small attachment, SHA-256", _digest(_SMALL), _digest(content))
        self._job.check("letter larger than a mebibyte", True, summary.size > len(_LARGE))
        return summary, file

    def move(self, session: IMAPSession, summary: Summary) -> None:
        """Move the letter into a new folder."""
        session.create_folder(FOLDER)
        session.move([summary.id], FOLDER)
        moved = self._server.mailbox("ada", FOLDER)
        self._job.check("messages in the new folder", 1, len(moved))
        self._job.check("messages counted there by IMAP", 1, session.count(FOLDER))

    def delete(self, session: POP3Session) -> int:
        """Delete what is left in her INBOX, over POP3; it goes when the session is closed."""
        ids = [summary.id for summary in session.messages()]
        session.delete(ids)
        self._job.check("messages before the session is closed", len(ids), self._left())
        return len(ids)

    def close(self) -> None:
        """Close all her sessions by her name."""
        kinds = (SMTPSession, IMAPSession, POP3Session)
        sessions = [self.registry.find("ada", kind) for kind in kinds]
        self.registry.close("ada")
        for session in sessions:
            self._job.check(f"{type(session).__name__} closed", "closed", session.state.value)
        self._job.check("messages after the session is closed", 0, self._left())

    def _left(self) -> int:
        return len(self._server.mailbox("ada"))


def _next_arrival(events: Iterator[Event]) -> Arrived | None:
    return next((event for event in events if isinstance(event, Arrived)), None)


def _letter() -> Email:
    return Email(
        sender="Ada <ada@example.org>",
        to="Ada <ada@example.org>",
        subject="The journey",
        text="A map, and a film that is large.\n",
        attachments=[Attachment("map.bin", _SMALL), Attachment("film.bin", _LARGE)],
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
