"""One part of a message against transcripts: decoded by the server where it can, else by us."""

from __future__ import annotations

from typing import Any

import pytest

from courriel import Disconnected, Misused, Refused
from courriel.drive.scripted import ScriptedServer
from courriel.model.summary import Part
from tests.faces import Face
from tests.sessions.imap_talk import bye, examined, imap, opened

pytestmark = pytest.mark.virtual

PART = Part("2", "image/png", "a.png", 8, "base64", None, None, None, {}, None)
STRUCTURE = (
    'BODYSTRUCTURE (("TEXT" "PLAIN" NIL NIL NIL "7BIT" 2 1)'
    '("IMAGE" "PNG" ("NAME" "a.png") NIL NIL "BASE64" 8) "MIXED")'
)


def selected(words: str = "") -> str:
    return opened(words) + f"C: A1 EXAMINE INBOX\n{examined(1)}"


def literal(tag: int, section: str, text: str, more: str = "") -> str:
    return f"S: * 5 FETCH (UID 5{more} {section} {{{len(text)}}}\nS- {text}\nS: )\nS: A{tag} OK\n"


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_the_server_decodes_it(face: Face, chunk: int | None) -> None:
    script = selected("BINARY") + "C: A2 UID FETCH 5 (BINARY.PEEK[2])\n"
    server = ScriptedServer(script + literal(2, "BINARY[2]", "decoded") + bye(3), chunk=chunk)
    async with imap(face, server) as session:
        assert b"decoded" == await session.part(5, PART)
        assert 2 == server.flights
    server.check()


async def test_we_decode_it_as_the_structure_says(face: Face) -> None:
    script = selected() + "C: A2 UID FETCH 5 (BODYSTRUCTURE BODY.PEEK[2])\n"
    server = ScriptedServer(script + literal(2, "BODY[2]", "aGVsbG8=", f" {STRUCTURE}") + bye(3))
    async with imap(face, server) as session:
        assert b"hello" == await session.part(5, "2")
        assert 2 == server.flights
    server.check()


async def test_a_part_that_the_caller_knows_says_how(face: Face) -> None:
    script = selected() + "C: A2 UID FETCH 5 (BODY.PEEK[2])\n"
    server = ScriptedServer(script + literal(2, "BODY[2]", "aGVsbG8=") + bye(3))
    async with imap(face, server) as session:
        assert b"hello" == await session.part(5, PART)
    server.check()


async def test_what_the_server_cannot_decode_is_downloaded_as_it_is(face: Face) -> None:
    script = selected("BINARY") + "C: A2 UID FETCH 5 (BINARY.PEEK[2])\nS: A2 NO [UNKNOWN-CTE] no\n"
    script += "C: A3 UID FETCH 5 (BODY.PEEK[2])\n"
    server = ScriptedServer(script + literal(3, "BODY[2]", "aGVsbG8=", f" {STRUCTURE}") + bye(4))
    async with imap(face, server) as session:
        assert b"hello" == await session.part(5, PART)
    server.check()


@pytest.mark.parametrize("answer", ["", "S: * 5 FETCH (UID 5 BINARY[2] NIL)\n"])
async def test_what_the_server_says_nothing_of_is_downloaded_as_it_is(
    face: Face, answer: str
) -> None:
    script = selected("BINARY") + f"C: A2 UID FETCH 5 (BINARY.PEEK[2])\n{answer}S: A2 OK\n"
    script += "C: A3 UID FETCH 5 (BODY.PEEK[2])\n"
    server = ScriptedServer(script + literal(3, "BODY[2]", "aGVsbG8=") + bye(4))
    async with imap(face, server) as session:
        assert b"hello" == await session.part(5, PART)
    server.check()


@pytest.mark.parametrize("chunk", [None, 1, 7])
async def test_a_server_that_echoes_peek_decodes_it_too(face: Face, chunk: int | None) -> None:
    script = selected("BINARY") + "C: A2 UID FETCH 5 (BINARY.PEEK[2])\n"
    server = ScriptedServer(script + literal(2, "BINARY.PEEK[2]", "decoded") + bye(3), chunk=chunk)
    async with imap(face, server) as session:
        assert b"decoded" == await session.part(5, PART)
    server.check()


@pytest.mark.parametrize(
    "path", ["", "1.", ".1", "a", "1.a", "0", "²", "1.٣", "-1", "1 2", 5, None]
)
async def test_what_names_no_part(face: Face, path: Any) -> None:
    server = ScriptedServer(opened() + bye(1))
    async with imap(face, server) as session:
        with pytest.raises(Misused) as caught:
            await session.part(5, path)
    assert "part" == caught.value.operation
    server.check()


async def test_a_message_that_is_not_there(face: Face) -> None:
    script = selected() + "C: A2 UID FETCH 5 (BODYSTRUCTURE BODY.PEEK[2])\nS: A2 OK\n" + bye(3)
    async with imap(face, ScriptedServer(script)) as session:
        with pytest.raises(Refused) as caught:
            await session.part(5, "2")
    assert ("part", "NONEXISTENT") == (caught.value.operation, caught.value.condition)


@pytest.mark.parametrize("end", ["OK [EXPUNGEISSUED] gone", "NO [EXPUNGEISSUED] gone"])
@pytest.mark.parametrize(
    ("words", "wanted", "commands"),
    [
        ("", "2", ["(BODYSTRUCTURE BODY.PEEK[2])"]),
        ("", PART, ["(BODY.PEEK[2])"]),
        ("BINARY", PART, ["(BINARY.PEEK[2])", "(BODY.PEEK[2])"]),
    ],
)
async def test_a_message_that_others_have_expunged(
    face: Face, words: str, wanted: Any, commands: list[str], end: str
) -> None:
    # The structure is one that Dovecot makes up.
    made_up = 'BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 0 0 NIL NIL NIL NIL)'
    script = selected(words)
    for tag, items in enumerate(commands, 2):
        section = "BINARY[2] NIL" if "BINARY" in items else "BODY[2] NIL"
        facts = f"{made_up} {section}" if "STRUCTURE" in items else section
        script += f"C: A{tag} UID FETCH 5 {items}\nS: * 5 FETCH (UID 5 {facts})\nS: A{tag} {end}\n"
    server = ScriptedServer(script + bye(2 + len(commands)))
    async with imap(face, server) as session:
        with pytest.raises(Refused) as caught:
            await session.part(5, wanted)
        assert session.usable
    assert ("part", "NONEXISTENT") == (caught.value.operation, caught.value.condition)
    server.check()


# Servers that end the session at a part which they cannot decode.

DOVECOT = 'S: * ID ("name" "Dovecot")\n'


def asked_who_it_is(identity: str, greeting: str = "ready") -> str:
    return (
        opened("BINARY ID").replace("ready", greeting)
        + f'C: A1 ID ("name" "courriel" *)\n{identity}S: A1 OK\n'
    )


@pytest.mark.parametrize(
    ("identity", "greeting"), [(DOVECOT, "ready"), ("S: * ID NIL\n", "Dovecot ready.")]
)
async def test_dovecot_is_not_asked_to_decode(face: Face, identity: str, greeting: str) -> None:
    script = asked_who_it_is(identity, greeting) + f"C: A2 EXAMINE INBOX\n{examined(2)}"
    script += "C: A3 UID FETCH 5 (BODY.PEEK[2])\n" + literal(3, "BODY[2]", "aGVsbG8")
    script += "C: A4 UID FETCH 5 (BODY.PEEK[2])\n" + literal(4, "BODY[2]", "aGVsbG8")
    server = ScriptedServer(script + bye(5))
    async with imap(face, server) as session:
        # Not padded, which Dovecot 2.3 cannot bear.
        assert b"hello" == await session.part(5, PART)
        # The folder is waited for in any case; who it is, it has said before that.
        assert 2 == server.flights
        assert b"hello" == await session.part(5, PART)
        assert 3 == server.flights
    server.check()


async def test_dovecot_gives_what_has_no_encoding(face: Face) -> None:
    script = asked_who_it_is(DOVECOT) + f"C: A2 EXAMINE INBOX\n{examined(2)}"
    script += "C: A3 UID FETCH 5 (BINARY.PEEK[1])\n" + literal(3, "BINARY[1]", "as it is")
    server = ScriptedServer(script + bye(4))
    async with imap(face, server) as session:
        assert b"as it is" == await session.part(5, Part("1", encoding="binary"))
        assert 2 == server.flights
    server.check()


@pytest.mark.parametrize("identity", ["S: * ID NIL\n", 'S: * ID ("name" "Cyrus")\n', ""])
async def test_others_that_say_who_they_are_decode(face: Face, identity: str) -> None:
    script = asked_who_it_is(identity) + f"C: A2 EXAMINE INBOX\n{examined(2)}"
    script += "C: A3 UID FETCH 5 (BINARY.PEEK[2])\n" + literal(3, "BINARY[2]", "decoded")
    server = ScriptedServer(script + bye(4))
    async with imap(face, server) as session:
        assert b"decoded" == await session.part(5, PART)
    server.check()


async def test_whoever_breaks_at_it_is_not_asked_again(face: Face) -> None:
    broken = selected("BINARY") + "C: A2 UID FETCH 5 (BINARY.PEEK[2])\nS: * BYE oops\n-- cut\n"
    mended = selected("BINARY") + "C: A2 UID FETCH 5 (BODY.PEEK[2])\n"
    mended += literal(2, "BODY[2]", "aGVsbG8") + bye(3)
    server = ScriptedServer(broken, mended)
    session = imap(face, server)
    async with session:
        with pytest.raises(Disconnected):
            await session.part(5, PART)
        await session.open()
        assert b"hello" == await session.part(5, PART)
    server.check()


async def test_a_part_that_is_not_there(face: Face) -> None:
    script = selected() + "C: A2 UID FETCH 5 (BODYSTRUCTURE BODY.PEEK[9])\n"
    script += f"S: * 5 FETCH (UID 5 {STRUCTURE} BODY[9] NIL)\nS: A2 OK\n" + bye(3)
    async with imap(face, ScriptedServer(script)) as session:
        with pytest.raises((Misused, Refused)) as caught:
            await session.part(5, "9")
    assert "part" == caught.value.operation
