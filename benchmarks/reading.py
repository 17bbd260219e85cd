"""Measure reading from a real Dovecot on loopback: whole mails, envelopes, and POP3.

Dovecot and client have a core each, where there are two. Its mailboxes lie in memory, and its
caches are warm.
"""

from __future__ import annotations

import os

from benchmarks.dovecot import Dovecot, running
from benchmarks.mails import SMALL_OCTETS, WHOLE_OCTETS
from benchmarks.processes import placed
from benchmarks.reading_tables import ENVELOPES, POP3, WHOLE
from benchmarks.readings import Readings, mebibytes, readings
from benchmarks.report import Goal, Section
from benchmarks.scale import Scale
from benchmarks.sending import rows

PLACES = "Dovecot on loopback and the client each on its own core"
CLOCK = "mails a second: median (least–most), by the clients' own clocks"
LISTINGS = ("courriel messages", "courriel messages, all read")
ASYNC_LISTINGS = ("courriel async messages", "courriel async messages, all read")
LINEAR = 0.9
"""Of the rate at 2,000 mails that is left at 20,000 when the cost is linear, less the noise."""
GROWTH_MIB = 40


def measure(scale: Scale) -> list[Section]:
    """Start Dovecot once, and measure every table on it."""
    cores = sorted(os.sched_getaffinity(0))
    counts = {"whole": scale.whole_mails, "few": scale.whole_mails, "many": scale.envelopes}
    with running(**counts, core=cores[0]) as dovecot, placed(cores[-1]):
        return [
            _whole(dovecot, scale),
            _envelopes(dovecot, scale),
            _many_envelopes(dovecot, scale),
            _pop3(dovecot, scale),
        ]


def _whole(dovecot: Dovecot, scale: Scale) -> Section:
    count = scale.whole_mails
    found = readings(WHOLE, dovecot.imap_port, dovecot.whole, lambda _: count, rounds=scale.rounds)
    text = (
        f"{count:,} mails of {WHOLE_OCTETS:,} octets, {PLACES}; {CLOCK}, from the command to the "
        "last mail. mbsync has no clock: its start, its sign-in and its writing of files are in "
        "its time."
    )
    peers = ("imaplib, unparsed", "imap-tools")
    names = ("courriel fetch_many", "courriel async fetch_many")
    goals = [
        found.goal("IMAP, whole mails", name, peer, required)
        for name in names
        for peer, required in zip(peers, (1.0, 8.0), strict=True)
    ]
    return _section("Whole mails over IMAP", text, found, peers, goals)


def _envelopes(dovecot: Dovecot, scale: Scale) -> Section:
    count = scale.whole_mails
    found = readings(
        ENVELOPES, dovecot.imap_port, dovecot.whole, lambda _: count, rounds=scale.rounds
    )
    text = (
        f"The same {count:,} mails, {PLACES}; {CLOCK}. courriel asks for flags, date, size, "
        "envelope and structure; `all read` looks at subject, sender and parts of each. The "
        "others ask for the envelope alone, where nothing else is said."
    )
    peer = "IMAPClient"
    goals = [
        found.goal("IMAP, envelopes", name, peer, 3.0) for name in (*LISTINGS, *ASYNC_LISTINGS)
    ]
    return _section("Envelopes", text, found, (peer, "aioimaplib, unparsed"), goals, memory=True)


def _many_envelopes(dovecot: Dovecot, scale: Scale) -> Section:
    ours = [reader for reader in ENVELOPES if reader.name in (*LISTINGS, *ASYNC_LISTINGS)]
    few = readings(
        ours, dovecot.imap_port, dovecot.few, lambda _: scale.whole_mails, rounds=scale.rounds
    )
    found = readings(
        ENVELOPES, dovecot.imap_port, dovecot.many, lambda _: scale.envelopes, rounds=scale.rounds
    )
    text = (
        f"{scale.envelopes:,} mails of {SMALL_OCTETS:,} octets, as above. Who writes the ids of "
        "all into one command is refused for its length."
    )
    peer = "IMAPClient, by 500"
    goals = [
        *(found.goal("IMAP, many envelopes", n, peer, 3.0) for n in (*LISTINGS, *ASYNC_LISTINGS)),
        *(_linear(few, found, name, scale) for name in (*LISTINGS, *ASYNC_LISTINGS)),
        *(_bounded(found, name, scale) for name in (*LISTINGS, *ASYNC_LISTINGS)),
    ]
    peers = (peer, "aioimaplib, unparsed")
    return _section("Many envelopes", text, found, peers, goals, memory=True)


def _pop3(dovecot: Dovecot, scale: Scale) -> Section:
    found = readings(
        POP3, dovecot.pop3_port, dovecot.whole, lambda _: scale.whole_mails, rounds=scale.rounds
    )
    text = (
        f"{scale.whole_mails:,} mails of {WHOLE_OCTETS:,} octets, {PLACES}; {CLOCK}, from the "
        "first command to the last mail. mpop has no clock: its start, its sign-in and its "
        "writing of files are in its time."
    )
    names = ("courriel fetch_many", "courriel async fetch_many")
    goals = [found.goal("POP3, loopback", name, "poplib", 2.5) for name in names]
    return _section("POP3", text, found, ("poplib", "mpop, into a Maildir"), goals)


def _linear(few: Readings, many: Readings, name: str, scale: Scale) -> Goal:
    """Return the goal that a mail costs the same in a large mailbox as in a small one."""
    one, other = many.rates[name], few.rates[name]
    measured = None if isinstance(one, str) or isinstance(other, str) else one.ratio(other)
    text = f"IMAP: {name}, rate at {scale.envelopes:,}, of the rate at {scale.whole_mails:,}"
    return Goal(text, LINEAR, measured)


def _bounded(found: Readings, name: str, scale: Scale) -> Goal:
    growth = found.growths.get(name)
    return Goal(
        f"IMAP: {name}, memory while streaming {scale.envelopes:,}",
        GROWTH_MIB,
        None if growth is None else mebibytes(growth),
        unit="MiB",
        at_most=True,
        digits=1,
    )


def _section(
    title: str,
    text: str,
    found: Readings,
    peers: tuple[str, ...],
    goals: list[Goal],
    *,
    memory: bool = False,
) -> Section:
    """Return a table of rates, with the growth in memory as a last column if wanted."""
    lines = rows(found.rates, peers)
    columns = ("Reader", "Mails/s", *(f"× {peer}" for peer in peers))
    if memory:
        lines = [(*line, found.growth(line[0])) for line in lines]
        columns = (*columns, "Peak growth, MiB")
    return Section(title, text, columns, lines, goals=goals)
