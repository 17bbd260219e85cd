"""A query means the same messages here as on a server that searches."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused, NotSupported
from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.flags import FLAGGED, RECENT, SEEN
from courriel.model.matching import matches, reach
from courriel.model.query import Query, where

SOURCE = (
    "Received: from a by b; Tue, 3 Nov 2026 23:30:00 -0800\r\n"
    "Received: from c by a; Sun, 1 Nov 2026 10:00:00 +0000\r\n"
    "Date: Sun, 1 Nov 2026 00:30:00 +0200\r\n"
    "From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.org>\r\n"
    "To: Bob <bob@example.org>, carol@example.org\r\n"
    "Cc: dave@example.org\r\n"
    "Subject: =?utf-8?b?R3LDvMOfZSBhdXMgS8O2bG4=?=\r\n"
    "List-Id: <news.example.org>\r\n"
    "X-Empty:\r\n"
    "Message-ID: <one@example.org>\r\n"
    "Content-Type: multipart/mixed; boundary=A\r\n"
    "\r\n"
    "--A\r\n"
    "Content-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "Wir sehen uns im Caf=E9=\r\n"
    " am Dom.\r\n"
    "--A\r\n"
    "Content-Type: text/html\r\n"
    "\r\n"
    '<table class="hidden"><b>Wei</b>hnachten\r\n'
    "--A\r\n"
    "Content-Type: application/octet-stream\r\n"
    "\r\n"
    "octets\r\n"
    "--A\r\n"
    "Content-Type: message/rfc822\r\n"
    "\r\n"
    "Subject: weitergeleitet\r\n"
    "\r\n"
    "Innen\r\n"
    "--A--\r\n"
)
EMAIL = Email.from_source(SOURCE.encode())


@pytest.mark.parametrize(
    "query",
    [
        where.all,
        where.sender("JÜRGEN"),
        where.sender("juergen@EXAMPLE"),
        where.sender("Jürgen <juergen@"),
        where.to("carol"),
        where.cc("dave"),
        where.recipient("dave"),
        where.subject("GRÜSSE AUS"),
        where.subject("grüße"),
        where.subject(""),
        where.bcc(""),
        where.header("list-id", "NEWS"),
        where.header("X-Empty"),
        where.message_id("one@example.org"),
        where.body("café am dom"),
        where.body("weihnachten"),
        where.body("WEITERGELEITET"),
        where.body("innen"),
        where.body(""),
        where.text("x-empty:"),
        where.text("innen"),
        where.text(""),
    ],
    ids=repr,
)
def test_texts_are_found_as_people_see_them(query: Query) -> None:
    assert matches(query, EMAIL)
    assert not matches(~query, EMAIL)


@pytest.mark.parametrize(
    "query",
    [
        ~where.all,
        where.sender("bob"),
        where.to("dave"),
        where.cc("bob"),
        where.bcc("bob"),
        where.recipient("juergen"),
        where.subject("=?utf-8?"),
        where.subject("gruse"),
        where.header("X-Missing"),
        where.header("List-Id", "old"),
        where.message_id("ne@example.org"),
        where.body("hidden"),
        where.body("octets"),
        where.body("köln"),
        where.text("nowhere"),
    ],
    ids=repr,
)
def test_what_is_not_there_is_not_found(query: Query) -> None:
    assert not matches(query, EMAIL)
    assert matches(~query, EMAIL)


def test_days_are_those_that_the_mail_writes() -> None:
    # The same moment is the 31st in London: the zone does not count (RFC 3501, 6.4.4).
    sent = date(2026, 11, 1)
    assert matches(where.sent_on(sent) & where.sent_since(sent), EMAIL)
    assert not matches(where.sent_before(sent), EMAIL)
    assert matches(where.sent_before(sent + timedelta(days=1)), EMAIL)


def test_without_a_server_the_last_received_field_says_when_it_was_taken() -> None:
    taken = date(2026, 11, 3)
    assert matches(where.on(taken) & where.since(taken) & ~where.before(taken), EMAIL)
    received = datetime(2026, 11, 5, 1, tzinfo=timezone(timedelta(hours=9)))
    assert matches(where.on(date(2026, 11, 5)), EMAIL, received=received)
    assert matches(where.on(date(2026, 11, 1)), Email.from_source(b"Date: 1 Nov 2026 08:00\n\n"))


def test_a_mail_without_any_date_has_no_age() -> None:
    nothing = Email.from_source(b"Subject: x\n\n")
    day = date(2026, 11, 1)
    for query in (where.since(day), where.before(day), where.on(day), where.sent_on(day)):
        assert not matches(query, nothing)
    assert not matches(where.younger(10**9) | where.older(1), nothing)


def test_age_counts_from_now() -> None:
    received = datetime(2026, 11, 3, 12, tzinfo=UTC)
    later = received + timedelta(hours=1)
    assert matches(where.younger(3_600) & where.older(3_600), EMAIL, received=received, now=later)
    assert not matches(where.younger(3_599), EMAIL, received=received, now=later)
    assert not matches(where.older(3_601), EMAIL, received=received, now=later)
    assert matches(where.younger(60), EMAIL, received=datetime.now(UTC))
    assert matches(where.younger(60), EMAIL, received=datetime.now())  # noqa: DTZ005 - Local time.


def test_sizes_are_those_of_the_whole_message() -> None:
    assert matches(where.larger(EMAIL.size - 1) & where.smaller(EMAIL.size + 1), EMAIL)
    assert not matches(where.larger(EMAIL.size) | where.smaller(EMAIL.size), EMAIL)
    assert matches(where.larger(1_000_000), EMAIL, size=1_000_001)


def test_ids_are_compared_with_ids_of_their_kind() -> None:
    assert matches(where.ids(1, 5, 9), EMAIL, id=5)
    assert not matches(where.id_range(6), EMAIL, id=5)
    assert matches(where.ids("abc", "def"), EMAIL, id="def")
    assert not matches(where.ids(), EMAIL, id="def")
    for query, id_ in ((where.ids(1), "1"), (where.ids("1"), 1)):
        with pytest.raises(Misused, match="another kind"):
            matches(query, EMAIL, id=id_)
    with pytest.raises(NotSupported):
        matches(where.ids(1), EMAIL)


def test_flags_are_looked_at_when_they_are_known() -> None:
    flags = frozenset({SEEN, FLAGGED, "Work"})
    query = where.seen & where.flagged & where.keyword("work") & where.old
    assert matches(query & ~where.answered & ~where.deleted & ~where.draft, EMAIL, flags=flags)
    assert not matches(where.unseen | where.recent | where.new, EMAIL, flags=flags)
    assert matches(where.unseen & where.new, EMAIL, flags=frozenset({RECENT}))


@pytest.mark.parametrize(
    ("query", "capability"),
    [
        (where.gmail("has:attachment"), "X-GM-EXT-1"),
        (where.modified_since(5), "CONDSTORE"),
        (where.keyword("work"), "FLAGS"),
        (where.unseen, "FLAGS"),
        (where.all & (where.subject("nowhere") & ~where.new), "FLAGS"),
    ],
    ids=repr,
)
def test_what_only_a_server_knows_is_not_supported(query: Query, capability: str) -> None:
    for ask in (lambda: matches(query, EMAIL), lambda: reach(query)):
        with pytest.raises(NotSupported) as raised:
            ask()
        assert capability == raised.value.capability
        assert "search" == raised.value.operation


def test_a_query_says_how_much_it_needs() -> None:
    assert "listing" == reach(where.all) == reach(where.larger(5) & where.ids("a"))
    assert "header" == reach(where.larger(5) | where.subject("x")) == reach(where.younger(5))
    assert "body" == reach(where.subject("x") & ~where.body("x")) == reach(where.text("x"))
    assert "listing" == reach(where.unseen, flags=True)


def test_a_message_composed_here_is_searched_too() -> None:
    email = Email(
        sender="ada@example.org",
        bcc="Eve <eve@example.org>",
        subject="Été",
        text="hello",
        attachments=[Attachment("list.csv", b"apples;pears")],
    )
    query = where.bcc("eve") & where.text("bcc: eve") & where.subject("ÉTÉ") & where.body("PEARS")
    assert matches(query & where.sender("ada@"), email)


def test_a_mail_without_an_author_has_no_sender() -> None:
    assert not matches(where.sender("ada"), Email.from_source(b"Sender: ada@example.org\n\n"))


LEAVES = st.sampled_from(
    [where.subject("a"), where.subject("b"), where.larger(5), where.seen, where.all, where.ids()]
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(lambda a, b: a & b, inner, inner)
        | st.builds(lambda a, b: a | b, inner, inner)
        | st.builds(lambda a: ~a, inner)
    ),
    max_leaves=12,
)


@given(QUERIES, QUERIES, st.text("ab ", max_size=3), st.integers(0, 10), st.booleans())
def test_law_queries_follow_the_laws_of_logic(
    left: Query, right: Query, subject: str, size: int, seen: bool
) -> None:
    email = Email.from_source(f"Subject: {subject}\n\n".encode())
    flags = frozenset({SEEN}) if seen else frozenset()

    def holds(query: Query) -> bool:
        return matches(query, email, flags=flags, size=size, id=1)

    assert (holds(left) and holds(right)) == holds(left & right)
    assert (holds(left) or holds(right)) == holds(left | right)
    assert holds(~left) is not holds(left)
    assert holds(~(left & right)) == holds(~left | ~right)


@given(st.binary(max_size=400), st.text(st.characters(exclude_categories=("C", "Z")), max_size=5))
def test_law_no_mail_is_too_broken_to_search(source: bytes, text: str) -> None:
    email = Email.from_source(source)
    query = where.text(text) | where.sender(text) | where.since(date(2026, 1, 1))
    assert matches(query | ~query, email)
