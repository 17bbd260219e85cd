"""Only CRLF.CRLF ends a message: no other sequence lets a second message in (CVE-2023-51764)."""

from __future__ import annotations

import pytest

from tests.sandbox.dialogue import Dialogue
from tests.smuggling import ENDS_THAT_ARE_NONE

HIDDEN = b"MAIL FROM:<boss@example.org>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\npay!\r\n.\r\n"
VISIBLE = b"MAIL FROM:<eve@example.com>\r\nRCPT TO:<ada@example.org>\r\n"


@pytest.mark.parametrize("cut", [None, 1, 2, 3])
@pytest.mark.parametrize("end", ENDS_THAT_ARE_NONE)
def test_data_does_not_end_there(end: bytes, cut: int | None) -> None:
    dialogue = Dialogue.begun(cut=cut)
    dialogue.sends(VISIBLE + b"DATA\r\nhello" + end + HIDDEN)
    heard = dialogue.hears()
    assert ["250", "250", "354", "550"] == [line[:3] for line in heard]
    assert heard[-1].startswith("550 5.5.2 The message has a ")
    assert [] == dialogue.messages


@pytest.mark.parametrize("end", ENDS_THAT_ARE_NONE)
def test_nor_does_a_chunk(end: bytes) -> None:
    dialogue = Dialogue.begun()
    content = b"hello" + end + HIDDEN
    dialogue.sends(VISIBLE + b"BDAT %d LAST\r\n" % len(content) + content)
    assert ["250", "250", "550"] == [line[:3] for line in dialogue.hears()]
    assert [] == dialogue.messages


def test_a_chunk_holds_the_true_end_mark_as_content() -> None:
    dialogue = Dialogue.begun()
    content = b"hello\r\n.\r\n" + HIDDEN
    dialogue.sends(VISIBLE + b"BDAT %d LAST\r\n" % len(content) + content)
    assert [content] == [message.content for message in dialogue.messages]


@pytest.mark.parametrize("cut", [None, 1])
def test_a_bare_lf_between_commands_ends_the_conversation(cut: int | None) -> None:
    dialogue = Dialogue.begun(cut=cut)
    dialogue.sends(b"NOOP\nMAIL FROM:<eve@example.com>\r\n")
    assert ["521 5.5.2 A line ends with CRLF, not with a bare LF"] == dialogue.hears()
    assert dialogue.machine.closed


def test_a_bare_cr_in_a_command_is_refused(dialogue: Dialogue) -> None:
    dialogue.sends(b"NOOP\rMAIL FROM:<eve@example.com>\r\n")
    dialogue.play("S: 500 5.5.2 There is a control character in the command")
