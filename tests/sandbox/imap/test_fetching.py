"""FETCH: every attribute, every section, and what it does to flags."""

from __future__ import annotations

import pytest

from tests.sandbox.imap.dialogue import ImapDialogue

MAIL = b"""\
From: Ada <ada@example.org>
To: bob@example.org
Subject: parts
 and pieces
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

ignored
--outer
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

caf=C3=A9
--outer
Content-Type: message/rfc822

Subject: inner
Content-Type: multipart/alternative; boundary=inner

--inner

one
--inner
Content-Type: text/html

<p>two
--inner--
--outer
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

AAEC
--outer
Content-Type: message/rfc822

Subject: single

body
--outer--
""".replace(b"\n", b"\r\n")

ALTERNATIVE = "Content-Type: multipart/alternative; boundary=inner"
HTML = "Content-Type: text/html"


@pytest.fixture
def dialogue() -> ImapDialogue:
    return ImapDialogue.selected(MAIL)


def fetched(dialogue: ImapDialogue, item: str) -> str:
    """Return what one attribute of message 1 is, literals and all."""
    text = "\r\n".join(dialogue.asks(f"FETCH 1 {item}"))
    found, _, done = text.rpartition("\r\n")
    assert "a OK That is all" == done
    return found.removeprefix("* 1 FETCH (").removesuffix(")")


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("1", "caf=C3=A9"),
        ("1.MIME", MAIL.split(b"--outer\r\n")[1].partition(b"caf")[0].decode()),
        ("2.HEADER", f"Subject: inner\r\n{ALTERNATIVE}\r\n\r\n"),
        ("2.TEXT", f"--inner\r\n\r\none\r\n--inner\r\n{HTML}\r\n\r\n<p>two\r\n--inner--"),
        ("2.1", "one"),
        ("2.2", "<p>two"),
        ("2.1.MIME", "\r\n"),
        ("2.2.MIME", "Content-Type: text/html\r\n\r\n"),
        ("3", "AAEC"),
        ("4.1", "body"),
        ("4.TEXT", "body"),
        ("4.HEADER.FIELDS (subject)", "Subject: single\r\n\r\n"),
        ("HEADER.FIELDS (subject)", "Subject: parts\r\n and pieces\r\n\r\n"),
        ("HEADER.FIELDS (x)", "\r\n"),
    ],
)  # fmt: skip
def test_sections(dialogue: ImapDialogue, section: str, expected: str) -> None:
    assert f"BODY[{section}] {{{len(expected)}}}\r\n{expected}" == fetched(
        dialogue, f"BODY.PEEK[{section}]"
    )


@pytest.mark.parametrize(
    "section", ["5", "1.1", "1.2", "2.3", "2.1.1", "4.2", "1.HEADER", "3.TEXT"]
)
def test_sections_that_are_not_there(dialogue: ImapDialogue, section: str) -> None:
    assert f"BODY[{section}] NIL" == fetched(dialogue, f"BODY.PEEK[{section}]")


@pytest.mark.parametrize(
    "item",
    [
        "BODY[0]", "BODY[1.]", "BODY[MIME]", "BODY[.1]", "BODY[1.FROB]", "BODY[HEADER.FIELDS ()]",
        "BODY[HEADER.FIELDS]", "BODY[", "BODY[]<1>", "BODY[]<1.0>", "BODY[]<a.b>", "FROB", "()",
        "(FLAGS", "BODY.PEEK", "BINARY[HEADER]", "BINARY.SIZE[1]<0.1>", "RFC822[1]", "(FLAGS)x",
        "BODY[1 ]", f"BODY[{'1.' * 120}1]",
    ],
)  # fmt: skip
def test_what_is_no_attribute(dialogue: ImapDialogue, item: str) -> None:
    (said,) = dialogue.asks(f"FETCH 1 {item}")
    assert said.startswith("a BAD ")


def test_the_whole_and_its_halves(dialogue: ImapDialogue) -> None:
    header, _, text = MAIL.decode().partition("\r\n\r\n")
    header += "\r\n\r\n"
    whole = header + text
    for item, expected in (("RFC822.HEADER", header), ("BODY.PEEK[HEADER]", header)):
        label = item.replace(".PEEK", "")
        assert f"{label} {{{len(expected)}}}\r\n{expected}" == fetched(dialogue, item)
    assert f"BODY[TEXT] {{{len(text)}}}\r\n{text}" == fetched(dialogue, "BODY.PEEK[TEXT]")
    assert f"BODY[] {{{len(whole)}}}\r\n{whole}" == fetched(dialogue, "BODY.PEEK[]")
    not_from = header.replace("From: Ada <ada@example.org>\r\n", "")
    assert (
        f"BODY[HEADER.FIELDS.NOT (from)] {{{len(not_from)}}}\r\n{not_from}"
        == fetched(dialogue, "BODY.PEEK[HEADER.FIELDS.NOT (from)]")
    )  # fmt: skip


def test_partials(dialogue: ImapDialogue) -> None:
    assert "BODY[]<0> {4}\r\nFrom" == fetched(dialogue, "BODY.PEEK[]<0.4>")
    assert "BODY[1]<7> {2}\r\nA9" == fetched(dialogue, "BODY.PEEK[1]<7.100>")
    assert "BODY[]<99999> {0}\r\n" == fetched(dialogue, "BODY.PEEK[]<99999.1>")


def test_binary(dialogue: ImapDialogue) -> None:
    dialogue.sends(b"a FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[3] BINARY.PEEK[3] BINARY.PEEK[2.9])\r\n")
    expected = "BINARY[1] {5}\r\ncafé BINARY.SIZE[3] 3 BINARY[3] ~{3}\r\n\0\1\2 BINARY[2.9] NIL"
    assert f"* 1 FETCH ({expected})\r\na OK That is all\r\n".encode() == dialogue.takes()


def test_an_unknown_encoding_is_not_guessed_at() -> None:
    dialogue = ImapDialogue.selected(b"Content-Transfer-Encoding: x-frob\r\n\r\nabc")
    (said,) = dialogue.asks("FETCH 1 BINARY[1]")
    assert said.startswith("a NO [UNKNOWN-CTE] ")


def test_small_facts(dialogue: ImapDialogue) -> None:
    date = '" 2-Jan-2024 03:04:05 +0000"'
    expected = f"FLAGS (\\Recent) INTERNALDATE {date} RFC822.SIZE {len(MAIL)}"
    assert expected == fetched(dialogue, "FAST")
    assert f"UID 1 MODSEQ (2) {expected}" == fetched(
        dialogue, "(uid modseq flags internaldate rfc822.size)"
    )
    assert expected in fetched(dialogue, "all")
    assert " BODY ((" in fetched(dialogue, "FULL")


@pytest.mark.parametrize("item", ["BODY[]", "RFC822", "RFC822.TEXT", "BINARY[1]", "BODY[9]"])
def test_reading_is_seeing(item: str) -> None:
    dialogue = ImapDialogue.selected(MAIL)
    assert fetched(dialogue, item).endswith(" FLAGS (\\Recent \\Seen)")
    assert not fetched(dialogue, item).endswith(" FLAGS (\\Recent \\Seen)")
    assert {"\\Seen"} == dialogue.inbox.flags(1)


@pytest.mark.parametrize("item", ["BODY.PEEK[]", "RFC822.HEADER", "BINARY.PEEK[1]", "ENVELOPE"])
def test_peeking_is_not(dialogue: ImapDialogue, item: str) -> None:
    fetched(dialogue, item)
    assert set() == dialogue.inbox.flags(1)


def test_examining_changes_nothing() -> None:
    dialogue = ImapDialogue.signed_in(MAIL)
    dialogue.selects("EXAMINE")
    fetched(dialogue, "BODY[]")
    assert set() == dialogue.inbox.flags(1)


def test_sets() -> None:
    dialogue = ImapDialogue.selected(*[b"x"] * 5)
    dialogue.inbox.remove(3)
    dialogue.asks("NOOP")
    dialogue.play("""
        C: a FETCH 4,2:1,* UID
        S: * 1 FETCH (UID 1)
        S: * 2 FETCH (UID 2)
        S: * 4 FETCH (UID 5)
        S: a OK That is all
        C: a UID FETCH 3:4,900:* FLAGS
        S: * 3 FETCH (UID 4 FLAGS (\\Recent))
        S: * 4 FETCH (UID 5 FLAGS (\\Recent))
        S: a OK That is all
        C: a FETCH 5 UID
        C: b FETCH 0 UID
        C: c FETCH 1: UID
        C: d FETCH 4294967296 UID
        C: e UID FETCH 1:4294967295 UID
        S: a BAD There is no message of that number
        S: b BAD A sequence set …
        S: c BAD A sequence set …
        S: d BAD A sequence set …
        S: * 1 FETCH (UID 1)
        S: * 2 FETCH (UID 2)
        S: * 3 FETCH (UID 4)
        S: * 4 FETCH (UID 5)
        S: e OK That is all
    """)


def test_what_has_changed_since() -> None:
    dialogue = ImapDialogue.selected(*[b"x"] * 3)
    dialogue.inbox.mark(2, "\\Flagged")
    dialogue.play("""
        C: a UID FETCH 1:* FLAGS (CHANGEDSINCE 4)
        S: * 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent) MODSEQ (5))
        S: a OK That is all
        C: a FETCH 1:* FLAGS (FROB 4)
        S: a BAD FETCH knows the modifier …
    """)


def test_much_is_said_in_pieces() -> None:
    dialogue = ImapDialogue.selected(*[b"x" * 1_000] * 100, output=5_000)
    dialogue.says("a FETCH 1:* BODY.PEEK[]", "b NOOP")
    first = dialogue.imap.data_to_send()
    assert 5_000 < len(first) < 7_000
    dialogue.works()
    rest = dialogue.takes()
    assert 100 == (first + rest).count(b"x" * 1_000)
    assert rest.endswith(b"a OK That is all\r\nb OK Nothing done\r\n")
