"""SEARCH with every key, ESEARCH and SORT."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.imap.dialogue import ImapDialogue

FIRST = (
    b"From: Ada <ada@example.org>\r\nTo: bob@example.org\r\nSubject: Re: =?utf-8?q?Caf=C3=A9?=\r\n"
    b"Date: Mon, 1 Jan 2024 23:30:00 -0800\r\nX-Word: yes\r\n\r\nlatte\r\n"
)
SECOND = (
    b"From: bob@example.org\r\nCc: carol@example.org\r\nBcc: eve@example.org\r\nSubject: tea\r\n"
    b"Date: Tue, 2 Jan 2024 00:30:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nZ3LDvG4=\r\n"
)
THIRD = b"Subject: [list] Fwd: cafe\r\n\r\nlong\r\n" + b"x" * 500


@pytest.fixture
def dialogue() -> ImapDialogue:
    dialogue = ImapDialogue.signed_in()
    dialogue.arrives(FIRST, "\\Seen", "\\Answered", "$Label", at=datetime(2024, 1, 2, tzinfo=UTC))
    dialogue.arrives(SECOND, "\\Flagged", "\\Draft", at=datetime(2024, 1, 3, tzinfo=UTC))
    dialogue.selects()
    dialogue.selects()
    dialogue.arrives(THIRD, "\\Deleted", at=datetime.now(UTC) - timedelta(hours=1))
    dialogue.asks("NOOP")
    return dialogue


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("ALL", "1 2 3"),
        ("1,3", "1 3"),
        ("UID 2:*", "2 3"),
        ("SEEN", "1"),
        ("UNSEEN", "2 3"),
        ("ANSWERED", "1"),
        ("UNANSWERED", "2 3"),
        ("FLAGGED", "2"),
        ("UNFLAGGED", "1 3"),
        ("DELETED", "3"),
        ("UNDELETED", "1 2"),
        ("DRAFT", "2"),
        ("UNDRAFT", "1 3"),
        ("KEYWORD $label", "1"),
        ("UNKEYWORD $Label", "2 3"),
        ("NEW", "3"),
        ("OLD", "1 2"),
        ("RECENT", "3"),
        ("FROM ADA", "1"),
        ("TO example", "1"),
        ("CC carol", "2"),
        ("BCC eve", "2"),
        ("SUBJECT CAF", "1 3"),
        ("HEADER X-Word yes", "1"),
        ('HEADER X-Word ""', "1"),
        ("HEADER X-None no", ""),
        ("BODY latte", "1"),
        ("BODY subject", ""),
        ("TEXT subject", "1 2 3"),
        ("BEFORE 3-Jan-2024", "1"),
        ("ON 03-Jan-2024", "2"),
        ('SINCE "3-Jan-2024"', "2 3"),
        ("SENTBEFORE 2-Jan-2024", "1"),
        ("SENTON 2-Jan-2024", "2"),
        ("SENTSINCE 1-Jan-2024", "1 2"),
        ("LARGER 500", "3"),
        ("SMALLER 500", "1 2"),
        ("YOUNGER 7200", "3"),
        ("OLDER 7200", "1 2"),
        ("YOUNGER 9223372036854775807", "1 2 3"),
        ("NOT SEEN", "2 3"),
        ("OR SEEN FLAGGED", "1 2"),
        ("(SEEN ANSWERED) NOT (FLAGGED)", "1"),
        ("OR (SEEN) NOT (OR FLAGGED DELETED)", "1"),
        ("SEEN FLAGGED", ""),
    ],
)
def test_keys(dialogue: ImapDialogue, keys: str, expected: str) -> None:
    found = "* SEARCH " + expected
    assert [found.rstrip(), "a OK That is all"] == dialogue.asks(f"SEARCH {keys}")


def test_other_alphabets(dialogue: ImapDialogue) -> None:
    dialogue.play("""
        C: a SEARCH CHARSET UTF-8 SUBJECT {5+}
        C: CAFÉ
        C: b UID SEARCH CHARSET utf-8 BODY {5+}
        C: GRÜN
        C: c SEARCH CHARSET X-UNKNOWN ALL
        C: d SEARCH SUBJECT {5+}
        C: CAFÉ
        S: * SEARCH 1
        S: a OK That is all
        S: * SEARCH 2
        S: b OK That is all
        S: c NO [BADCHARSET (US-ASCII UTF-8)] That charset is not known
        S: d BAD A string is not in the charset that was named
    """)
    dialogue.asks("ENABLE UTF8=ACCEPT")
    assert "* SEARCH 1" == dialogue.asks('SEARCH SUBJECT "é"')[0]
    (refused,) = dialogue.asks("SEARCH CHARSET UTF-8 ALL")
    assert refused.startswith("a BAD There is no CHARSET")


@pytest.mark.parametrize(
    "keys",
    ["", "FROB", "SEEN ", "NOT", "OR SEEN", "(SEEN", "()", "ON tomorrow", "ON 31-Feb-2024",
     "LARGER x", "LARGER 99999999999999999999", "KEYWORD \\Seen", "HEADER x", "UID", "MODSEQ x",
     'MODSEQ "/flags/\\\\draft" frob 1', "4"],
)  # fmt: skip
def test_what_is_no_key(dialogue: ImapDialogue, keys: str) -> None:
    (said,) = dialogue.asks(f"SEARCH {keys}")
    assert said.startswith("a BAD ")


@pytest.mark.parametrize("opening", ["NOT ", "(", "OR SEEN "])
def test_nesting_is_bounded(dialogue: ImapDialogue, opening: str) -> None:
    (said,) = dialogue.asks(f"SEARCH {opening * 1_000}SEEN")
    assert "a BAD The search keys are nested too deeply" == said


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("SEARCH RETURN () ALL", '(TAG "a") ALL 1:3'),
        ("SEARCH RETURN (MIN MAX COUNT) ALL", '(TAG "a") MIN 1 MAX 3 COUNT 3'),
        ("UID SEARCH RETURN (ALL COUNT) 1,3", '(TAG "a") UID ALL 1,3 COUNT 2'),
        ("SEARCH RETURN (MIN ALL COUNT) NOT ALL", '(TAG "a") COUNT 0'),
        ("SEARCH RETURN (MIN) MODSEQ 2", '(TAG "a") MIN 1 MODSEQ 4'),
    ],
)
def test_extended_answers(dialogue: ImapDialogue, command: str, expected: str) -> None:
    assert [f"* ESEARCH {expected}", "a OK That is all"] == dialogue.asks(command)


def test_extended_answers_must_be_offered(dialogue: ImapDialogue) -> None:
    assert dialogue.asks("SEARCH RETURN (FROB) ALL")[0].startswith("a BAD SEARCH knows no such")
    plain = ImapDialogue.selected(without=["ESEARCH"])
    assert plain.asks("SEARCH RETURN () ALL")[0].startswith("a BAD ")


def test_modseq(dialogue: ImapDialogue) -> None:
    dialogue.play("""
        C: a SEARCH MODSEQ 3
        C: b SEARCH MODSEQ "/flags/\\\\draft" all 4
        C: c SEARCH MODSEQ 9
        S: * SEARCH 2 3 (MODSEQ 4)
        S: a OK That is all
        S: * SEARCH 3 (MODSEQ 4)
        S: b OK That is all
        S: * SEARCH
        S: c OK That is all
    """)


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ("ARRIVAL", "1 2 3"),
        ("REVERSE ARRIVAL", "3 2 1"),
        ("DATE", "2 1 3"),
        ("SIZE", "1 2 3"),
        ("FROM", "3 1 2"),
        ("TO SIZE", "2 3 1"),
        ("CC REVERSE SIZE", "3 1 2"),
        ("SUBJECT", "3 1 2"),
    ],
)
def test_sorting(dialogue: ImapDialogue, orders: str, expected: str) -> None:
    assert [f"* SORT {expected}", "a OK That is all"] == dialogue.asks(f"SORT ({orders}) UTF-8 ALL")


def test_sorting_needs_a_key_that_is_known(dialogue: ImapDialogue) -> None:
    dialogue.play("""
        C: a SORT (FROB) UTF-8 ALL
        C: b SORT (DATE) X-UNKNOWN ALL
        C: c UID SORT (DATE) US-ASCII DELETED
        S: a BAD SORT knows no such key, or has too many
        S: b NO [BADCHARSET …
        S: * SORT 3
        S: c OK That is all
    """)
