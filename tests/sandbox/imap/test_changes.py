"""What one session sees of what others do, and when: RFC 3501, 5.2 and 7.4.1; IDLE."""

from __future__ import annotations

import pytest

from tests.sandbox.imap.dialogue import ImapDialogue


@pytest.fixture
def dialogue() -> ImapDialogue:
    return ImapDialogue.selected(b"one", b"two", b"three")


def test_what_happens_is_told_with_the_next_command(dialogue: ImapDialogue) -> None:
    dialogue.arrives(b"four")
    dialogue.inbox.mark(2, "\\Seen")
    dialogue.inbox.remove(1)
    dialogue.play("""
        C: a NOOP
        S: * 1 EXPUNGE
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * 1 FETCH (UID 2 FLAGS (\\Recent \\Seen))
        S: a OK Nothing done
        C: a NOOP
        S: a OK Nothing done
    """)


@pytest.mark.parametrize(
    "command", ["FETCH 1:2 FLAGS", "STORE 2 FLAGS.SILENT ()", "SEARCH ALL", "SORT (DATE) UTF-8 ALL"]
)
def test_numbers_do_not_shift_under_an_answer(dialogue: ImapDialogue, command: str) -> None:
    dialogue.inbox.remove(1)
    assert not [line for line in dialogue.asks(command) if "EXPUNGE" in line and line[0] == "*"]
    # They have still their old numbers.
    assert ["* 2 FETCH (UID 2)", "a OK [EXPUNGEISSUED] Some messages are gone"] == dialogue.asks(
        "FETCH 1:2 UID"
    )
    assert ["* 1 EXPUNGE", "a OK Nothing done"] == dialogue.asks("NOOP")


@pytest.mark.parametrize("command", ["UID FETCH 2 UID", "UID SEARCH ALL", "UID STORE 2 FLAGS ()"])
def test_uids_need_no_care(dialogue: ImapDialogue, command: str) -> None:
    dialogue.inbox.remove(1)
    assert "* 1 EXPUNGE" in dialogue.asks(command)


def test_what_came_and_went_between_is_never_told(dialogue: ImapDialogue) -> None:
    dialogue.arrives(b"four")
    dialogue.inbox.remove(4)
    assert ["a OK Nothing done"] == dialogue.asks("NOOP")


def test_numbers_stay_right_when_much_happens(dialogue: ImapDialogue) -> None:
    for number in range(10):
        dialogue.arrives(b"%d" % number)
        dialogue.asks("FETCH 1 UID")
        dialogue.inbox.remove(number + 1)
    dialogue.play("""
        C: a FETCH 1:* UID
        S: * 11 FETCH (UID 11)
        S: * 12 FETCH (UID 12)
        S: * 13 FETCH (UID 13)
        S: a OK [EXPUNGEISSUED] …
    """)
    assert 11 == len(dialogue.asks("NOOP"))
    assert "* 1 FETCH (UID 11)" == dialogue.asks("FETCH 1 UID")[0]


def test_recent_is_for_the_first_who_is_told(dialogue: ImapDialogue) -> None:
    other = ImapDialogue.signed_in(store=dialogue.store)
    other.says("a SELECT INBOX")
    assert "* 0 RECENT" in other.hears()
    dialogue.arrives(b"four")
    assert ["* 4 EXISTS", "* 1 RECENT", "a OK Nothing done"] == other.asks("NOOP")
    assert "* 4 EXISTS" in dialogue.asks("NOOP")
    assert "* 4 FETCH (FLAGS ())" == dialogue.asks("FETCH 4 FLAGS")[0]
    assert "* SEARCH 4" == other.asks("SEARCH RECENT")[0]


def test_idling(dialogue: ImapDialogue) -> None:
    woken: list[str] = []
    dialogue.imap.wake = lambda: woken.append("!")
    dialogue.play("""
        C: a IDLE
        S: + Idling until DONE
    """)
    dialogue.arrives(b"four")
    dialogue.inbox.mark(1, "\\Seen")
    dialogue.inbox.remove(2)
    assert ["!"] * 3 == woken
    dialogue.works()
    dialogue.play("""
        S: * 2 EXPUNGE
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * 1 FETCH (UID 1 FLAGS (\\Recent \\Seen))
        C: DONE
        S: a OK Idled
    """)
    dialogue.arrives(b"five")
    assert ["!"] * 3 == woken


def test_what_came_before_idle_is_told_at_once(dialogue: ImapDialogue) -> None:
    dialogue.arrives(b"four")
    dialogue.play("""
        C: a IDLE
        S: * 4 EXISTS
        S: * 4 RECENT
        S: + Idling until DONE
        C: FROB
        S: a BAD IDLE ends with DONE
    """)


def test_idling_without_a_mailbox() -> None:
    ImapDialogue.signed_in().play("""
        C: a IDLE
        C: DONE
        C: b NOOP
        S: + Idling until DONE
        S: a OK Idled
        S: b OK Nothing done
    """)


def test_who_goes_while_idling_is_not_called_any_more(dialogue: ImapDialogue) -> None:
    woken: list[str] = []
    dialogue.imap.wake = lambda: woken.append("!")
    dialogue.says("a IDLE")
    dialogue.imap.receive_eof()
    dialogue.arrives(b"four")
    assert [] == woken


def test_a_mailbox_deleted_by_another_is_empty(dialogue: ImapDialogue) -> None:
    dialogue.asks("COPY 1:2 Archive")
    dialogue.asks("SELECT Archive")
    dialogue.store.folders("ada").delete("Archive")
    dialogue.play("""
        C: a NOOP
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: a OK Nothing done
    """)
