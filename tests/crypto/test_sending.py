"""What is signed goes out as it was signed, octet for octet, whatever the server offers."""

from __future__ import annotations

import re
from functools import cache

import pytest

from courriel import Email, NotSupported
from courriel.crypto import dkim, smime
from courriel.drive.scripted import ScriptedServer
from tests.crypto.dkim.keyring import ed25519, published, record, signer
from tests.crypto.people import NOW, ada, bob, root
from tests.faces import Face
from tests.transcripts import BYE, GREETED

pytestmark = pytest.mark.virtual

ROOTS = [root().certificate]
RESOLVER = published(record(ed25519()))
OFFERS = {
    "nothing": "S: 250 mx.example.org\n",
    "8BITMIME": "S: 250-mx.example.org\nS: 250-PIPELINING\nS: 250 8BITMIME\n",
    "CHUNKING": "S: 250-mx.example.org\nS: 250-PIPELINING\nS: 250 CHUNKING\n",
    "BINARYMIME": (
        "S: 250-mx.example.org\nS: 250-PIPELINING\nS: 250-8BITMIME\nS: 250-BINARYMIME\n"
        "S: 250 CHUNKING\n"
    ),
}
LETTER = Email(
    sender="ada@example.org",
    to="bob@example.org",
    subject="Größe",
    text=".\n..\nFrom the Größe, \n.\n",
    html="<p>Größe</p>\n.\n",
)
BROAD = (
    b"From: ada@example.org\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\n.\r\nGr\xc3\xb6\xc3\x9fe \r\n"
)


@cache
def made(kind: str) -> Email:
    """Return a message that is signed in one of the ways, or in two."""
    if kind == "dkim":
        return signer().sign(LETTER, now=NOW.timestamp())
    if kind == "dkim of a stored message":
        return signer().sign(LETTER.source.replace(b"\r\n", b"\n"), now=NOW.timestamp())
    if kind == "dkim of eight bits":
        return signer(canonicalization="simple/simple").sign(BROAD, now=NOW.timestamp())
    if kind == "smime":
        return smime.sign(LETTER, ada(), at=NOW)
    if kind == "opaque":
        return smime.sign(LETTER, ada(), opaque=True, at=NOW)
    if kind == "sealed":
        return smime.encrypt(smime.sign(LETTER, ada(), at=NOW), [bob().certificate])
    return signer().sign(smime.sign(LETTER, ada(), at=NOW), now=NOW.timestamp())


ASCII = ["dkim", "dkim of a stored message", "smime", "opaque", "sealed", "dkim of smime"]


def transcript(offer: str, mail: str = "") -> str:
    envelope = f"C: MAIL FROM:<ada@example.org>{mail}\nC: RCPT TO:<bob@example.org>\n"
    if "CHUNKING" in OFFERS[offer]:
        body = "C: BDAT * LAST\nC: <chunk>\nS: 250 ok\nS: 250 ok\nS: 250 taken\n"
    elif "PIPELINING" in OFFERS[offer]:
        body = "C: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go on\nC: <message>\nS: 250 taken\n"
    else:
        first, second = envelope.splitlines(keepends=True)
        envelope = f"{first}S: 250 ok\n{second}S: 250 ok\n"
        body = "C: DATA\nS: 354 go on\nC: <message>\nS: 250 taken\n"
    return GREETED + OFFERS[offer] + envelope + body + BYE


def check(server: ScriptedServer, source: bytes) -> None:
    """Check that the octets went over the wire, and that they are still believed."""
    server.check()
    if b"BDAT" in server.sent:
        assert source in server.sent
        return
    stuffed = re.sub(rb"(?m)^\.", b"..", source)
    assert b"DATA\r\n" + stuffed + b".\r\n" in server.sent


@pytest.mark.parametrize("kind", ASCII)
@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("chunk", [None, 3])
async def test_it_goes_out_as_it_was_signed(
    face: Face, kind: str, offer: str, chunk: int | None
) -> None:
    server = ScriptedServer(transcript(offer), chunk=chunk)
    email = made(kind)
    async with face.scripted(server) as session:
        await session.send(email, sender="ada@example.org", recipients=["bob@example.org"])
    as_sent = email.source.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert as_sent == email.source or kind == "dkim of a stored message"
    check(server, as_sent)
    arrived = Email.from_source(b"Received: from me\r\n" + as_sent)
    assert believed(arrived, kind)


def believed(email: Email, kind: str) -> bool:
    if kind == "sealed":
        return bool(smime.decrypt(email, bob(), roots=ROOTS, at=NOW).signature)
    signed = [result.passed for result in dkim.verify(email, resolver=RESOLVER)]
    if "smime" in kind or kind == "opaque":
        signed.append(smime.verify(email, ROOTS, at=NOW).valid)
    return bool(signed) and all(signed)


@pytest.mark.parametrize("offer", ["8BITMIME", "BINARYMIME"])
async def test_eight_bits_go_out_as_they_were_signed(face: Face, offer: str) -> None:
    server = ScriptedServer(transcript(offer, " BODY=8BITMIME"))
    email = made("dkim of eight bits")
    async with face.scripted(server) as session:
        await session.send(email, sender="ada@example.org", recipients=["bob@example.org"])
    check(server, email.source)
    assert believed(email, "dkim")


async def test_eight_bits_are_not_changed_for_a_server_that_does_not_take_them(face: Face) -> None:
    """Encoding them would break the signature, so it is the caller who is told."""
    server = ScriptedServer(GREETED + OFFERS["nothing"] + BYE)
    async with face.scripted(server) as session:
        with pytest.raises(NotSupported, match="8BITMIME"):
            await session.send(
                made("dkim of eight bits"), sender="ada@example.org", recipients=["bob@example.org"]
            )
    server.check()


@pytest.mark.parametrize("offer", OFFERS)
async def test_a_blind_copy_is_taken_out_and_nothing_else(face: Face, offer: str) -> None:
    blind = Email(sender="ada@example.org", bcc="bob@example.org", text="From \n.\n")
    email = smime.sign(blind, ada(), at=NOW)
    assert b"Bcc: bob@example.org\r\n" in email.source
    server = ScriptedServer(transcript(offer))
    async with face.scripted(server) as session:
        await session.send(email)
    as_sent = email.source.replace(b"Bcc: bob@example.org\r\n", b"")
    check(server, as_sent)
    assert smime.verify(Email.from_source(as_sent), ROOTS, at=NOW).valid
