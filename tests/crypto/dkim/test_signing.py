"""What the signer signs, the field it writes, and what it refuses."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as curve

from courriel import Email, Misused, Secret
from courriel.crypto.dkim import DkimSigner, verify
from tests.crypto.dkim.keyring import (
    LETTER,
    ed25519,
    key,
    pem,
    published,
    record,
    rsa,
    signer,
    traditional,
)

NOW = 1_800_000_000
FIELD = re.compile(rb"DKIM-Signature:(?:[^\r\n]*\r\n(?=[ ]))*[^\r\n]*\r\n")


def passes(email: Email, kind: str = "ed25519") -> bool:
    return all(result.passed for result in verify(email, resolver=published(record(key(kind)))))


def names(email: Email) -> list[str]:
    (result,) = verify(email, resolver=published())
    return list(result.headers)


def test_a_composed_message_is_signed() -> None:
    email = Email(sender="ada@example.org", to="bob@example.net", subject="Zoë", text="Größe\n")
    signed = signer().sign(email)
    assert passes(signed)
    assert ("Zoë", "Größe\n", email.message_id) == (signed.subject, signed.text, signed.message_id)
    assert email.source == signed.source[-len(email.source) :]


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_the_field_stands_in_front_on_short_lines(kind: str) -> None:
    signed = signer(kind, identity="ada@example.org", lifetime=60).sign(LETTER, now=NOW)
    found = FIELD.match(signed.source)
    assert found is not None
    assert LETTER == signed.source[found.end() :]
    assert all(len(line) <= 78 for line in found[0].split(b"\r\n"))
    said = b"".join(found[0].split()).decode()
    assert f"v=1;a={kind}-sha256;c=relaxed/relaxed;d=example.org;s=spring;t={NOW};" in said
    assert f"x={NOW + 60};i=ada@example.org;h=from:from:reply-to:to:to:cc:" in said


def test_the_same_is_signed_the_same() -> None:
    assert signer().sign(LETTER, now=NOW).source == signer().sign(LETTER, now=NOW).source


@pytest.mark.parametrize(
    "source",
    [
        b"From: a@example.org\r\n\r\n",
        b"From: a@example.org\r\n",
        b"From: a@example.org",
        b"From: a@example.org\r\n\r\nno end",
        b"From: a@example.org\r\n\r\nblank lines\r\n\r\n \r\n\r\n",
        b"From: a@example.org\n\nlines end\n in LF\n",
        b"From: a@example.org\r\n\r\nlines end\n in both\r\n",
        b"From \t:  a@example.org\r\n\tfolded  \r\nX: y\r\n\r\n\0\xff.\r\n",
        b"From: a@example.org\r\nTo: one\r\nTo: two\r\n\r\n",
    ],
)
@pytest.mark.parametrize("form", ["relaxed/relaxed", "simple/simple"])
def test_odd_messages_pass_as_they_are_and_as_they_are_sent(source: bytes, form: str) -> None:
    signed = signer(canonicalization=form).sign(source)
    assert signed.source.endswith(source)
    assert passes(signed)
    sent = signed.source.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert passes(Email.from_source(sent if sent.endswith(b"\r\n") else sent + b"\r\n"))


def test_lines_that_end_in_lf_stay_so() -> None:
    assert b"\r" not in signer().sign(LETTER.replace(b"\r\n", b"\n")).source


def test_the_line_of_an_mbox_stays_the_first() -> None:
    signed = signer().sign(b"From ada Sat Nov 21\n" + LETTER.replace(b"\r\n", b"\n"))
    assert signed.source.startswith(b"From ada Sat Nov 21\nDKIM-Signature:")
    assert passes(signed)


def test_what_is_there_is_signed_and_what_people_see_once_more() -> None:
    plain = signer(oversign=["subject", "cc"]).sign(LETTER + b"", now=NOW)
    assert ["from", "to", "cc", "subject", "subject", "date", "message-id"] == names(plain)
    few = signer(headers=["X-Kind", "To"], oversign=[]).sign(b"X-Kind: 1\r\n" + LETTER)
    assert ["from", "x-kind", "to"] == names(few)
    twice = signer(headers=["x-kind"], oversign=["x-kind"])
    assert ["from", "x-kind", "x-kind", "x-kind"] == names(
        twice.sign(b"X-Kind: 1\r\nX-Kind: 2\r\n" + LETTER)
    )


def test_two_signers_sign_one_message() -> None:
    signed = signer("ed25519").sign(signer("rsa").sign(LETTER))
    resolver = published(record(ed25519()))
    first, second = verify(signed, resolver=resolver)
    assert (True, "permerror") == (first.passed, second.status.value)
    assert ["ed25519-sha256", "rsa-sha256"] == [first.algorithm, second.algorithm]
    assert verify(signed, resolver=published(record(rsa())))[1].passed


def test_keys_come_in_several_forms() -> None:
    locked = rsa().private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"op\xc3\xa9n")
    )
    for password in ("opén", Secret("opén")):
        opened = DkimSigner("example.org", "spring", locked, password=password)
        assert passes(opened.sign(LETTER), "rsa")
    for text in (traditional(rsa()), traditional(rsa()).decode()):
        assert passes(DkimSigner("example.org", "spring", text).sign(LETTER), "rsa")


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_signer_knows_what_to_publish_and_where(kind: str) -> None:
    made = signer(kind)
    assert record(key(kind)).decode() == made.record
    (result,) = verify(made.sign(LETTER), resolver={made.place: [made.record.encode()]}.__getitem__)
    assert result.passed


def test_a_domain_in_unicode() -> None:
    made = DkimSigner("Bücher.example", "Frühling", pem(ed25519()))
    assert ("xn--bcher-kva.example", "xn--frhling-o2a") == (made.domain, made.selector)


def test_a_message_of_smtputf8_is_signed() -> None:
    """Names in UTF-8 stand in it as they are; the domain is looked up in A-labels (RFC 8616)."""
    made = DkimSigner("bücher.example", "spring", pem(ed25519()), identity="äda@bücher.example")
    email = Email(sender="Äda <äda@bücher.example>", to="bob@bücher.example", subject="Größe")
    assert email.needs_utf8
    assert not email.source.isascii()
    signed = made.sign(email)
    place = "spring._domainkey.xn--bcher-kva.example"
    (result,) = verify(signed, resolver=published(record(ed25519()), at=place))
    assert (True, "") == (result.passed, result.reason)
    assert ("xn--bcher-kva.example", "äda@xn--bcher-kva.example") == (
        result.domain,
        result.identity,
    )
    assert result.covers("From", "To", "Subject")


def test_an_identity_is_quoted_and_read_back() -> None:
    signed = signer(identity="ö=; @mail.example.org").sign(LETTER)
    assert b"=C3=B6=3D=3B=20@mail.example.org" in signed.source
    (result,) = verify(signed, resolver=published(record(ed25519())))
    assert (True, "ö=; @mail.example.org") == (result.passed, result.identity)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"domain": "exa mple.org"}, "domain is no domain name"),
        ({"domain": "example.org\r\nX: y"}, "carriage return"),
        ({"selector": "a;b"}, "selector is no domain name"),
        ({"selector": None}, "selector must be a string"),
        ({"domain": "a." * 120 + "org"}, "too long"),
        ({"key_pem": b"no key"}, "cannot be read"),
        ({"key_pem": Path("x")}, "content of a PEM file"),
        ({"password": "x"}, "cannot be read"),
        ({"key_pem": pem(rsa(1024))}, "1024 bits must not sign"),
        ({"algorithm": "rsa-sha1"}, "does not sign by 'rsa-sha1'"),
        ({"algorithm": "rsa-sha256"}, "does not sign by 'rsa-sha256'"),
        ({"canonicalization": "relaxed"}, "canonicalization cannot be 'relaxed'"),
        ({"canonicalization": None}, "canonicalization cannot be None"),
        ({"headers": "to"}, "a list of names"),
        ({"headers": ["to:cc"]}, "cannot name a header"),
        ({"headers": ["to\n"]}, "line feed"),
        ({"headers": ["Bcc"]}, "changed on the way"),
        ({"oversign": ["DKIM-Signature"]}, "changed on the way"),
        ({"identity": "ada@example.net"}, "an address in example.org"),
        ({"identity": "example.org"}, "an address in example.org"),
        ({"lifetime": 0}, "lifetime cannot be 0"),
        ({"lifetime": "1"}, "lifetime cannot be '1'"),
    ],
)
def test_what_cannot_sign(changes: dict[str, Any], reason: str) -> None:
    settings: dict[str, Any] = {
        "domain": "example.org",
        "selector": "spring",
        "key_pem": pem(ed25519()),
        **changes,
    }
    with pytest.raises(Misused, match=reason):
        DkimSigner(**settings)


def test_a_key_of_another_kind_cannot_sign() -> None:
    octets = curve(SECP256R1()).private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    )
    with pytest.raises(Misused, match="neither RSA nor Ed25519"):
        DkimSigner("example.org", "spring", octets)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "From"),
        (b"To: x\r\n\r\n", "From"),
        (b"From: a\r\nFrom: b\r\n\r\n", "From"),
        (b"From: a\r\nno field\r\n\r\n", "no field"),
        (b"From: a\r\n\r\nx\ry\r\n", "carriage return"),
        ("From: a\r\n\r\n", "not str"),
        (Email(sender="a@x.org", to="b@x.org", bcc="c@x.org"), "blind copies"),
    ],
)
def test_what_cannot_be_signed(message: Any, reason: str) -> None:
    with pytest.raises(Misused, match=reason):
        signer().sign(message)


def test_a_signer_keeps_its_key_to_itself() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(signer())
