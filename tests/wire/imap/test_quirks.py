"""Every deviation in the table is read as the table says, and every one has a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from courriel.model.address import Address
from courriel.model.folder import Counters, Namespace, Namespaces
from courriel.model.limits import Limits
from courriel.model.summary import Part
from courriel.model.uids import UidSet
from courriel.wire.imap.answers import (
    Answer,
    Code,
    Condition,
    Expunged,
    FlagList,
    Found,
    Identity,
    Listed,
    NamespaceList,
    StatusOf,
    Tagged,
)
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.parse import parse
from courriel.wire.imap.quirks import QUIRKS, breaks_at_binary

CHILDLESS = frozenset({"\\HasNoChildren"})
NOTHING = Found("ESEARCH", tag=b"A1", by_uid=True)


def read(name: str) -> Answer:
    (quirk,) = (quirk for quirk in QUIRKS if quirk.name == name)
    return parse(Frame(quirk.example), Limits())


def fetched(name: str) -> Fetched:
    answer = read(name)
    assert isinstance(answer, Fetched)
    return answer


ANSWERS: dict[str, Answer] = {
    "separator-not-escaped": Listed(CHILDLESS, "\\", "Sent", b"Sent"),
    "empty-separator": Listed(CHILDLESS, None, "Sent", b"Sent"),
    "name-without-quotes": Listed(CHILDLESS, "/", "Sent Items", b"Sent Items"),
    "status-name-without-quotes": StatusOf(
        "Sent Items", b"Sent Items", Counters(messages=3, unseen=1)
    ),
    "status-name-with-parentheses": StatusOf(
        "Sent (old)", b"Sent (old)", Counters(messages=3, unseen=1)
    ),
    "expunged-for-expunge": Expunged(3),
    "name-in-utf8": Listed(frozenset(), "/", "Entwürfe", "Entwürfe".encode()),
    "attributes-nil": Listed(frozenset(), "/", "Sent", b"Sent"),
    "bracket-in-flags": FlagList(frozenset({"\\Seen", "[Junk]", "a]b"})),
    "bracket-in-permanent-flags": Condition(
        "OK", Code("PERMANENTFLAGS", frozenset({"[Junk]", "\\*"})), "Limited"
    ),
    "no-text": Tagged(b"A1", "OK", None, ""),
    "code-without-text": Tagged(b"A1", "OK", Code("READ-WRITE"), ""),
    "code-without-value": Condition("OK", Code("UIDNEXT"), "unknown"),
    "code-never-closed": Tagged(b"A1", "NO", None, "[SERVERBUG internal error"),
    "copyuid-without-sets": Tagged(b"A1", "OK", Code("COPYUID"), "done"),
    "search-with-trailing-space": Found("SEARCH"),
    "search-of-nil": Found("SEARCH"),
    "search-with-commas": Found("SEARCH", numbers=UidSet(((1, 3),))),
    "esearch-all-empty": NOTHING,
    "esearch-all-quoted": Found("ESEARCH", tag=b"A1", by_uid=True, count=0),
    "esearch-in-parentheses": Found(
        "ESEARCH", tag=b"A1", by_uid=True, count=2, numbers=UidSet(((4, 5),)), order=((4, 5),)
    ),
    "highestmodseq-negative": Condition("OK", Code("HIGHESTMODSEQ"), "ok"),
    "status-negative": StatusOf("INBOX", b"INBOX", Counters(messages=3)),
    "namespace-short": NamespaceList(Namespaces((Namespace("", "/"),))),
    "namespace-nil-separator": NamespaceList(Namespaces((Namespace("", None),))),
    "identity-odd": Identity({"name": "QQ"}),
    "binary-ends-the-session": Condition(
        "BYE",
        None,
        "FETCH failed: Internal error occurred. Refer to server log for more information.",
    ),
}

# Sequence number, UID, flags, size and date.
FACTS: dict[str, tuple[Any, ...]] = {
    "number-zero": (0, None, frozenset({"\\Seen"}), None),
    "modseq-negative": (1, 5, None, None),
    "thread-id-nil": (1, 5, None, None),
    "extra-spaces": (1, 5, frozenset({"\\Seen"}), None),
    "no-space-between-items": (1, 5, frozenset({"\\Seen"}), 7),
    "lower-case": (1, 5, frozenset({"\\Seen"}), 7),
    "nil-for-values": (1, 5, frozenset(), None),
    "size-as-decimal": (1, 5, None, 9_373_600),
    "date-of-zeros": (1, 5, None, None),
    "item-unknown": (1, 5, frozenset(), None),
    "section-as-string": (1, 5, None, None),
    "section-as-asked-for": (1, 5, None, None),
    "fetch-never-closed": (1, 5, frozenset({"\\Seen"}), None),
}

# Subject and authors.
ENVELOPES: dict[str, tuple[str, tuple[Address, ...]]] = {
    "expunged-and-empty": ("", ()),
    "envelope-of-nil": ("", ()),
    "envelope-nil": ("", ()),
    "envelope-short": ("Hi", ()),
    "envelope-empty-lists": ("Hi", ()),
    "envelope-address-as-text": ("Hi", (Address("Ada", "a@b.org"),)),
    "envelope-address-nil": ("Hi", (Address("", "a@b.org"),)),
    "envelope-address-reversed": ("Hi", (Address("Ada", "a@b.org"),)),
    "envelope-address-in-brackets": ("Hi", (Address("", "a@b.org"),)),
    "envelope-nameless-host": ("Hi", (Address.as_read("Ada", ""),)),
    "envelope-missing-domain": ("Hi", (Address.as_read("", "root"),)),
    "envelope-host-nil": ("Hi", (Address.as_read("", "root"),)),
    "envelope-group-without-name": ("Hi", (Address("", "a@b.org"),)),
    "envelope-name-in-quotes": ("Hi", (Address("Ada L", "a@b.org"),)),
    "envelope-8-bit": ("Grüße", ()),
    "envelope-bare-lf": ("Hi there", ()),
    "quotes-not-escaped": ("say", ()),
}

IMAGE = Part("1", "image/png", None, 12, "base64")
STRUCTURES: dict[str, tuple[Part, ...]] = {
    "structure-without-subtype": (
        Part("1", size=12, charset="utf-8", parameters={"charset": "utf-8"}, lines=1),
    ),
    "structure-nil-types": (Part("1"),),
    "structure-empty-parameters": (IMAGE,),
    "structure-size-nil": (Part("1", "image/png", None, 0, "base64"),),
    "structure-size-negative": (Part("1"),),
    "structure-size-decimal": (Part("1", "image/png", None, 9_373_600, "base64"),),
    "structure-short": (Part("1", "image/png"),),
    "structure-without-parameters": (Part("1", "image/png", None, 12, "base64", inline_id="a@b"),),
    "structure-disposition-as-string": (
        Part("1", "image/png", None, 12, "base64", disposition="inline"),
    ),
    "structure-disposition-of-nil": (IMAGE,),
    "structure-disposition-flat": (
        Part("1", "image/png", "a.png", 12, "base64", disposition="inline"),
    ),
    "structure-empty-multipart": (Part("1", "multipart/mixed", parameters={"boundary": "b"}),),
    "structure-multipart-as-leaf": (
        Part("1", "multipart/related", size=400, parameters={"boundary": "b"}),
    ),
    "structure-message-without-body": (Part("1", "message/rfc822", size=99, lines=7),),
    "structure-spaces-between-parts": (
        Part("1", "a/b", size=1, around="multipart/mixed"),
        Part("2", "a/c", size=2, around="multipart/mixed"),
    ),
    "structure-8-bit": (
        Part("1", "image/png", "Grüße.png", 12, "base64", parameters={"name": "Grüße.png"}),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str) -> None:
    assert ANSWERS[name] == read(name)


@pytest.mark.parametrize("name", FACTS)
def test_items(name: str) -> None:
    answer = fetched(name)
    assert FACTS[name] == (answer.number, answer.uid, answer.flags, answer.size)
    assert (None, None, None) == (answer.received, answer.modseq, answer.thread_id)


def test_what_is_beside_the_items() -> None:
    assert {"X-SCORE": b'(1 ("a" NIL))'} == fetched("item-unknown").unknown
    assert {"1": b"short", "2": b""} == fetched("section-as-string").sections
    assert {"1": b"one", "BINARY:2": b"two"} == fetched("section-as-asked-for").sections


@pytest.mark.parametrize("name", ENVELOPES)
def test_envelopes(name: str) -> None:
    envelope = fetched(name).read_envelope()
    assert ENVELOPES[name] == (envelope.subject, envelope.authors)


def test_what_describes_a_message_and_what_does_not() -> None:
    assert fetched("size-as-decimal").describes
    assert fetched("envelope-short").describes
    assert not fetched("expunged-and-empty").describes
    assert not fetched("thread-id-nil").describes


@pytest.mark.parametrize(
    ("greeting", "identity", "breaks"),
    [
        ("Dovecot (Debian) ready.", None, True),
        ("ready", {"name": "Dovecot"}, True),
        ("ready", {"name": None}, False),
        ("ready", {}, False),
        ("Cyrus IMAP ready", {"name": "Cyrus"}, False),
    ],
)
def test_who_breaks_at_binary(
    greeting: str, identity: dict[str, str | None] | None, breaks: bool
) -> None:
    assert breaks == breaks_at_binary(greeting, identity)


@pytest.mark.parametrize("name", STRUCTURES)
def test_structures(name: str) -> None:
    assert STRUCTURES[name] == fetched(name).read_structure()


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("envelope-short", Fetched.read_envelope),
        ("quotes-not-escaped", Fetched.read_envelope),
        ("structure-without-subtype", Fetched.read_structure),
        ("structure-nil-types", Fetched.read_structure),
        ("structure-short", Fetched.read_structure),
        ("structure-without-parameters", Fetched.read_structure),
    ],
)
def test_what_is_missing_is_a_defect(name: str, reader: Callable[[Fetched], object]) -> None:
    answer = fetched(name)
    reader(answer)
    assert answer.defects


def test_every_quirk_is_tested_and_says_what_is_read() -> None:
    tested = {*ANSWERS, *FACTS, *ENVELOPES, *STRUCTURES}
    assert tested == {quirk.name for quirk in QUIRKS}
    assert len(tested) == len(QUIRKS)
    assert all(quirk.read and quirk.example for quirk in QUIRKS)
