"""Say how much is measured: a whole run, or a smoke test.

Only the numbers live here.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scale:
    """How often and how much. Counts are messages of one client's one run.

    Whoever has no line of its own in a table is in the line of the empty name.
    """

    rounds: int = 5
    loopback: dict[str, int] = field(
        default_factory=lambda: {
            "smtplib": 5_000,
            "aiosmtplib": 2_000,
            "nodemailer": 2_000,
            "smtp-source": 8_000,
            "": 6_000,
        }
    )
    latency: dict[str, int] = field(
        default_factory=lambda: {
            "smtplib": 20,
            "aiosmtplib": 20,
            "nodemailer": 30,
            "smtp-source": 20,
            "courriel send_source": 60,
            "courriel send": 60,
            "courriel async send": 60,
            "": 1_500,
        }
    )
    latency_without_chunking: int = 200
    interpreter_starts: int = 30
    idle_sessions: int = 5_000
    body: int = 1 << 30
    whole_mails: int = 2_000
    envelopes: int = 20_000
    messages: int = 2_000
    imap_latency: dict[str, int] = field(
        default_factory=lambda: {
            **dict.fromkeys(("imaplib", "IMAPClient", "imap-tools", "aioimaplib"), 20),
            **dict.fromkeys(("courriel fetch", "courriel async fetch"), 30),
            "": 100,
        }
    )
    pop3_latency: dict[str, int] = field(
        default_factory=lambda: {
            "poplib": 20,
            **dict.fromkeys(("courriel fetch", "courriel async fetch"), 30),
            "": 2_000,
        }
    )

    def count(self, table: dict[str, int], name: str) -> int:
        """Return how many messages a sender sends in one run."""
        return table.get(name, table[""])


WHOLE = Scale()
QUICK = Scale(
    rounds=1,
    loopback={"": 300},
    latency={"": 5, "courriel send_many": 100, "courriel async send_many": 100},
    latency_without_chunking=20,
    interpreter_starts=3,
    idle_sessions=200,
    body=64 << 20,
    whole_mails=100,
    envelopes=500,
    messages=50,
    imap_latency={"": 10},
    pop3_latency={"": 10, "mpop, into a Maildir": 100},
)
