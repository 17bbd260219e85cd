"""Which commands may be under way together: a table of pairs (RFC 3501, 5.5 and 7.4.1)."""

from __future__ import annotations

from itertools import product

import pytest

from courriel import Secret
from courriel.model.query import where
from courriel.model.uids import UidSet
from courriel.protocol.imap.inflight import InFlight
from courriel.wire.imap import commands
from courriel.wire.imap.fragments import Literal
from courriel.wire.imap.sets import EVERY, SAVED
from courriel.wire.imap.traits import Command

ONE, TWO = UidSet.of([1]), UidSet.of([2])
LETTER = commands.Upload(Literal(b"Hi.\r\n"))

COMMANDS: dict[str, Command] = {
    "FETCH body": commands.Fetch(ONE, ("BODY.PEEK[]",)),
    "FETCH flags": commands.Fetch(ONE, ("FLAGS",)),
    "FETCH flags of another": commands.Fetch(TWO, ("FLAGS",)),
    "FETCH by number": commands.Fetch(ONE, ("UID",), by_sequence=True),
    "STORE": commands.Store(ONE, "+", ("\\Seen",)),
    "SEARCH": commands.Search(where.subject("x")),
    "SEARCH flags": commands.Search(where.unseen),
    "SELECT": commands.Select("Other"),
    "NOOP": commands.Noop(),
    "STATUS": commands.Status("Other", ("MESSAGES",)),
    "APPEND": commands.Append("Other", (LETTER,)),
    "COPY": commands.Copy(ONE, "Other"),
    "EXPUNGE": commands.Expunge(),
    "IDLE": commands.Idle(),
    "LOGIN": commands.Login("ada", Secret("secret")),
    "LOGOUT": commands.Logout(),
}

TOGETHER = {
    # What is said second, behind each that was said first.
    "FETCH body": {
        "FETCH body",
        "FETCH flags",
        "FETCH flags of another",
        "FETCH by number",
        "STORE",
        "SEARCH",
        "SEARCH flags",
        "NOOP",
        "STATUS",
        "APPEND",
        "COPY",
        "EXPUNGE",
    },
    "FETCH flags": {
        "FETCH body",
        "FETCH flags",
        "FETCH flags of another",
        "FETCH by number",
        "SEARCH",
        "SEARCH flags",
        "NOOP",
        "STATUS",
        "APPEND",
        "COPY",
        "EXPUNGE",
    },
    "FETCH by number": {"FETCH by number"},
    "STORE": {
        "FETCH body",
        "FETCH flags of another",
        "FETCH by number",
        "STORE",
        "SEARCH",
        "NOOP",
        "STATUS",
        "APPEND",
    },
    "SELECT": {"NOOP", "STATUS", "APPEND"},
    "NOOP": set(COMMANDS) - {"IDLE", "LOGIN", "LOGOUT"},
    "LOGIN": set(),
}
TOGETHER["FETCH flags of another"] = TOGETHER["FETCH flags"] | {"STORE"}
TOGETHER["IDLE"] = TOGETHER["NOOP"] - {"SELECT"}


def allowed(second: str, *first: str) -> bool:
    gate = InFlight()
    for name in first:
        gate.add(COMMANDS[name])
    return gate.allows(COMMANDS[second])


@pytest.mark.parametrize(("second", "first"), list(product(TOGETHER, COMMANDS)))
def test_pairs(second: str, first: str) -> None:
    expected = first in TOGETHER[second]
    assert expected == allowed(second, first), f"{second} behind {first}"


def test_nothing_in_flight_allows_everything() -> None:
    assert all(allowed(name) for name in COMMANDS)


def test_each_of_many_must_allow_it() -> None:
    assert allowed("FETCH body", "FETCH body", "SEARCH", "STORE")
    assert not allowed("FETCH body", "FETCH body", "SELECT", "STORE")


def test_what_is_answered_forbids_no_more() -> None:
    gate = InFlight()
    for name in ("SELECT", "FETCH body", "FETCH body"):
        gate.add(COMMANDS[name])
    gate.remove(COMMANDS["SELECT"])
    assert 2 == gate.count
    assert gate.allows(COMMANDS["FETCH flags"])
    assert not gate.allows(COMMANDS["SELECT"])


def test_flags_may_be_read_while_those_of_others_are_changed() -> None:
    assert not allowed("FETCH flags", "STORE")
    assert allowed("FETCH flags of another", "STORE")
    assert allowed("STORE", "FETCH flags of another")
    assert not allowed("STORE", "FETCH flags of another", "FETCH flags")


def test_what_only_the_server_can_resolve_may_be_any_message() -> None:
    gate = InFlight()
    gate.add(commands.Store(EVERY, "+", ("\\Seen",)))
    assert not gate.allows(COMMANDS["FETCH flags"])
    assert gate.allows(COMMANDS["FETCH body"])


def test_numbers_say_nothing_about_uids() -> None:
    gate = InFlight()
    gate.add(COMMANDS["STORE"])
    assert not gate.allows(commands.Fetch(TWO, ("FLAGS",), by_sequence=True))


def test_what_runs_in_a_folder_waits_until_it_is_selected() -> None:
    gate = InFlight()
    gate.add(COMMANDS["SELECT"])
    assert gate.allows(commands.Noop())
    assert not gate.allows(commands.Noop(folder="Other"))


SEARCHED = commands.Search(where.subject("x"))
ESEARCHED = commands.Search(where.subject("x"), return_options=("ALL",))


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (SEARCHED, SEARCHED, False),
        (SEARCHED, commands.Search(where.unseen), False),
        (SEARCHED, ESEARCHED, True),
        (ESEARCHED, ESEARCHED, True),
        (SEARCHED, commands.Sort(), True),
        (commands.Sort(), commands.Sort(), False),
        (commands.Sort(), commands.Sort(partial=(1, 5)), True),
        (commands.Thread(), commands.Thread(), False),
        (commands.List(), commands.List(patterns=("%",)), False),
        (commands.List(), commands.Xlist(), False),
        (commands.List(), commands.Lsub(), True),
        (commands.Lsub(), commands.Lsub(), False),
        (commands.Status("Inbox", ()), commands.Status("INBOX", ()), False),
        (commands.Status("One", ()), commands.Status("Two", ()), True),
        (commands.GetQuota(), commands.GetQuotaRoot("INBOX"), False),
        (commands.Namespace(), commands.Namespace(), False),
        (commands.Id(), commands.Id(), False),
        (commands.Fetch(ONE, ("UID",)), commands.Fetch(SAVED, ("UID",)), False),
        (commands.Fetch(SAVED, ("UID",)), commands.Fetch(ONE, ("UID",)), False),
        (commands.Fetch(SAVED, ("UID",)), commands.Fetch(SAVED, ("UID",)), False),
        (commands.Fetch(SAVED, ("UID",)), ESEARCHED, True),
    ],
)
def test_answers_that_do_not_say_whom_they_answer(
    first: Command, second: Command, together: bool
) -> None:
    gate = InFlight()
    gate.add(first)
    assert together == gate.allows(second)
    gate.remove(first)
    assert gate.allows(second)
