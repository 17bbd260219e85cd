"""What comes of signatures that were changed, outlived, repeated, or never made."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from courriel import Email, Limits, Misused, TimedOut
from courriel.crypto.dkim import DkimResult, DkimSigner, DkimStatus, verify
from tests.crypto.dkim.keyring import (
    LETTER,
    PLACE,
    ed25519,
    pem,
    published,
    record,
    rsa,
    signer,
)

NOW = 1_800_000_000
SIGNED = signer().sign(LETTER, now=NOW).source
KEY = record(ed25519())


def only(source: bytes | Email, text: bytes = KEY, **more: Any) -> DkimResult:
    (result,) = verify(source, **{"resolver": published(text), "now": NOW, **more})
    return result


def outcome(source: bytes, text: bytes = KEY, **more: Any) -> tuple[str, str]:
    result = only(source, text, **more)
    return result.status.value, result.reason


def test_a_signature_that_holds() -> None:
    result = only(SIGNED)
    assert (DkimStatus.PASS, "", True) == (result.status, result.reason, result.passed)
    assert ("example.org", "spring", "@example.org") == (
        result.domain,
        result.selector,
        result.identity,
    )
    assert (NOW, None, None) == (
        result.signed_at and result.signed_at.timestamp(),
        result.expires,
        result.body_length,
    )
    assert result.covers("from", "Subject", "message-id")
    assert not result.covers("From", "Cc")
    assert only(Email.from_source(SIGNED)).passed


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"Dear Bob", b"Dear bob", "the body was changed"),
        (b"they are.", b"they are.\r\nAnd more.", "the body was changed"),
        (b"Subject: Fi", b"Subject: fi", "the header was changed, or the key is another"),
        (b"t=18", b"t=17", "the header was changed, or the key is another"),
    ],
)
def test_what_was_changed_fails(old: bytes, new: bytes, reason: str) -> None:
    assert ("fail", reason) == outcome(SIGNED.replace(old, new))


@pytest.mark.parametrize("field", [b"X-Spam: no", b"Received: from a by b", b"DKIM-Signature: x"])
def test_relays_may_put_fields_in_front(field: bytes) -> None:
    results = verify(field + b"\r\n" + SIGNED, resolver=published(KEY), now=NOW)
    assert results[-1].passed


@pytest.mark.parametrize("name", [b"From", b"Subject", b"Cc", b"reply-to", b"Content-Type"])
def test_nobody_can_add_what_people_are_shown(name: bytes) -> None:
    assert not only(name + b": x\r\n" + SIGNED).passed
    head, _, body = SIGNED.partition(b"\r\n\r\n")
    assert not only(head + b"\r\n" + name + b": x\r\n\r\n" + body).passed


@pytest.mark.parametrize("name", [b"Subject", b"Message-ID"])
def test_a_second_field_that_is_not_signed_spoils_it(name: bytes) -> None:
    plain = signer(oversign=()).sign(LETTER, now=NOW).source
    assert only(plain).passed
    status, reason = outcome(name + b": x\r\n" + plain)
    assert ("permerror", f"there is a field {name.decode().title()} that is not signed") == (
        status,
        reason,
    )


def test_two_authors_are_no_author() -> None:
    plain = signer(oversign=()).sign(LETTER, now=NOW).source
    assert ("permerror", "there is a field From that is not signed") == outcome(
        b"From: eve@example.net\r\n" + plain
    )


def test_a_header_that_can_be_cut_in_two_ways_is_not_believed() -> None:
    assert ("permerror", "the header holds a line that is no field") == outcome(
        SIGNED.replace(b"To:", b"no field\r\nTo:")
    )
    assert () == verify(b"no field\r\n\r\n", resolver=published())


def test_a_signature_has_its_time() -> None:
    source = signer(lifetime=60).sign(LETTER, now=NOW).source
    assert ("pass", "") == outcome(source, now=NOW + 60)
    assert ("fail", "the signature has expired") == outcome(source, now=NOW + 61)
    assert ("pass", "") == outcome(source, now=NOW - 24 * 3600)
    assert ("fail", "the signature was made in the future") == outcome(
        source, now=NOW - 24 * 3600 - 1
    )


def hand_made(length: int | None, body: bytes, more: str = "") -> bytes:
    """Sign by hand, in the form simple/simple, what the signer never writes."""
    digest = b64encode(sha256(body[:length]).digest()).decode()
    counted = "" if length is None else f" l={length};"
    field = (
        f"DKIM-Signature: v=1; a=ed25519-sha256; d=example.org; s=spring;{counted}{more} "
        f"h=from; bh={digest}; b="
    )
    author = "From: ada@example.org\r\n"
    value = ed25519().sign(sha256((author + field).encode()).digest())
    return (field + b64encode(value).decode() + "\r\n" + author + "\r\n").encode() + body


def test_a_limited_length_is_told() -> None:
    whole = only(hand_made(5, b"abc\r\n"))
    assert (True, 5, False) == (whole.passed, whole.body_length, whole.body_length_limited)
    longer = only(hand_made(5, b"abc\r\n") + b"evil\r\n")
    assert (True, 5, True) == (longer.passed, longer.body_length, longer.body_length_limited)
    none = only(hand_made(0, b"abc\r\n"))
    assert (True, 0, True) == (none.passed, none.body_length, none.body_length_limited)
    assert ("fail", "the body is shorter than what was signed of it") == outcome(
        hand_made(6, b"abc\r\n")
    )


def test_numbers_beyond_all_time_are_for_ever() -> None:
    result = only(hand_made(None, b"abc\r\n", more=f" x={'9' * 76};"))
    assert (True, None) == (result.passed, result.expires)


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        (b"v=DKIM1; p=", "permerror", "the key was revoked"),
        (b"p=AAAA", "permerror", "the key is of another kind (rsa)"),
        (b"k=ed25519; p=AAAA", "permerror", "the key that is published cannot be read"),
        (b"\xff", "permerror", "a tag without a value"),
        (record(ed25519(), b" h=sha1;"), "permerror", "the key is not for SHA-256"),
        (record(ed25519(), b" s=web;"), "permerror", "the key is not for mail"),
        (record(ed25519(), b" t=s;"), "pass", ""),
    ],
)
def test_keys_that_do_not_serve(text: bytes, status: str, reason: str) -> None:
    assert (status, reason) == outcome(SIGNED, text)


def test_a_key_may_be_for_the_domain_alone() -> None:
    source = signer(identity="ada@mail.example.org").sign(LETTER, now=NOW).source
    assert "ada@mail.example.org" == only(source).identity
    assert ("permerror", "the key is not for subdomains") == outcome(
        source, record(ed25519(), b" t=s;")
    )


def test_a_domain_that_only_tries_is_not_held_to_it() -> None:
    text = record(ed25519(), b" t=y;")
    assert (True, True) == (only(SIGNED, text).passed, only(SIGNED, text).testing)
    for old, new in [(b"Subject: F", b"Subject: f"), (b"Dear", b"dear")]:
        changed = SIGNED.replace(old, new)
        assert (DkimStatus.NEUTRAL, True) == (
            only(changed, text).status,
            only(changed, text).testing,
        )
        (result,) = verify(changed, resolver=published(), now=NOW)
        assert not result.testing


def test_a_key_is_neither_too_short_nor_too_long() -> None:
    source = signer("rsa").sign(LETTER, now=NOW).source
    assert ("pass", "") == outcome(source, record(rsa()))
    for bits, reason in [
        (1023, "an RSA key of 1023 bits proves nothing (RFC 8301, 3.2)"),
        (8193, "an RSA key of more than 8192 bits is not looked at"),
    ]:
        made = RSAPublicNumbers(65537, 2 ** (bits - 1) + 1).public_key()
        octets = made.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
        assert ("permerror", reason) == outcome(source, b"p=" + b64encode(octets))
    assert ("fail", "the header was changed, or the key is another") == outcome(
        source, record(rsa(1024))
    )


def test_rsa_sha1_proves_nothing() -> None:
    old = signer("rsa").sign(LETTER).source.replace(b"rsa-sha256", b"rsa-sha1")
    result = only(old, record(rsa()))
    assert ("permerror", "rsa-sha1 proves nothing any more (RFC 8301, 3.1)") == (
        result.status.value,
        result.reason,
    )
    assert ("example.org", "spring") == (result.domain, result.selector)


def test_a_key_as_rfc_6376_describes_it() -> None:
    octets = rsa().public_key().public_bytes(form.Encoding.DER, form.PublicFormat.PKCS1)
    source = signer("rsa").sign(LETTER, now=NOW).source
    assert ("pass", "") == outcome(source, b"p=" + b64encode(octets))


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (OSError("no route"), "OSError"),
        (TimedOut("silence"), "TimedOut"),
        *((each, "TypeError") for each in (None, "text", 5, [5], [None], b"x")),
        (["\ud800"], "UnicodeEncodeError"),
    ],
)
def test_a_resolver_without_an_answer_is_for_later(wrong: object, name: str) -> None:
    def resolver(name: str) -> Any:
        if isinstance(wrong, Exception):
            raise wrong
        return wrong

    assert ("temperror", f"the key could not be asked for ({name})") == outcome(
        SIGNED, resolver=resolver
    )


def test_a_record_may_be_a_string() -> None:
    assert ("pass", "") == outcome(SIGNED, resolver=lambda name: [KEY.decode()])
    assert ("pass", "") == outcome(SIGNED, resolver=lambda name: (bytearray(KEY), "spam"))


def test_of_several_records_any_key_may_be_the_one_and_a_wildcard_is_none() -> None:
    spf = b"v=spf1 -all"
    for texts in ([spf, KEY], [KEY, spf], [b"", KEY], [b"v=DKIM2; p=x", KEY]):
        assert ("pass", "") == outcome(SIGNED, resolver=published(*texts))
    assert ("permerror", "what is published is no key record of DKIM") == outcome(
        SIGNED, resolver=lambda name: [spf]
    )


def test_no_record_is_for_good() -> None:
    (result,) = verify(SIGNED, resolver=published(at="elsewhere"), now=NOW)
    assert ("permerror", "no key is published") == (result.status.value, result.reason)


def test_a_key_is_asked_for_once_and_only_for_what_can_be_a_signature() -> None:
    asked: list[str] = []

    def resolver(name: str) -> Sequence[bytes]:
        asked.append(name)
        return [KEY]

    twice = signer().sign(SIGNED, now=NOW).source
    assert [True, True] == [result.passed for result in verify(twice, resolver=resolver, now=NOW)]
    assert [PLACE] == asked
    verify(SIGNED.replace(b"v=1", b"v=2"), resolver=resolver, now=NOW)
    verify(LETTER, resolver=resolver)
    assert [PLACE] == asked


def test_signatures_beyond_the_bound_are_not_looked_at() -> None:
    source = SIGNED
    for _ in range(3):
        source = signer().sign(source, now=NOW).source
    bounds = Limits(dkim_signatures=3)
    results = verify(source, resolver=published(KEY), now=NOW, limits=bounds)
    assert ["pass", "pass", "pass", "neutral"] == [result.status.value for result in results]
    assert "there are more than 3 signatures" == results[-1].reason
    results = verify(source, resolver=published(KEY), now=NOW, limits=Limits(dkim_signatures=4))
    assert ["pass"] * 4 == [result.status.value for result in results]


def test_a_field_and_a_header_are_bounded() -> None:
    length = SIGNED.index(b"\r\nFrom:")
    assert ("pass", "") == outcome(SIGNED, limits=Limits(dkim_field=length))
    assert ("permerror", f"the field is longer than {length - 1} octets") == outcome(
        SIGNED, limits=Limits(dkim_field=length - 1)
    )
    assert ("permerror", "the header is longer than 100 octets") == outcome(
        SIGNED, limits=Limits(dkim_header=100)
    )


def test_one_click_needs_both_fields_signed() -> None:
    uri = b"List-Unsubscribe: <https://example.org/leave>\r\n"
    post = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    assert only(signer().sign(uri + post + LETTER, now=NOW)).covers_unsubscribe
    assert only(signer(headers=["to"]).sign(uri + post + LETTER, now=NOW)).covers_unsubscribe
    assert not only(post + signer().sign(uri + LETTER, now=NOW).source).covers_unsubscribe
    assert not only(SIGNED).covers_unsubscribe
    again = uri + signer().sign(uri + post + LETTER, now=NOW).source
    assert (True, False) == (only(again).passed, only(again).covers_unsubscribe)


def test_only_messages_are_verified() -> None:
    with pytest.raises(Misused, match="not str"):
        verify("From: a\r\n\r\n")  # type: ignore[arg-type]  # That is what is tested.


BREAKERS = ["\r\n", "\r", "\n", "\0", "\x85", "\u2028"]


@pytest.mark.parametrize("breaker", BREAKERS)
@pytest.mark.parametrize("what", ["domain", "selector", "identity", "headers", "oversign"])
def test_i02_no_line_end_in_what_a_signer_is_given(what: str, breaker: str) -> None:
    given: dict[str, Any] = {"domain": "example.org", "selector": "spring"}
    evil = f"x{breaker}Bcc: evil@example.org"
    given[what] = [evil] if what in {"headers", "oversign"} else evil
    with pytest.raises(Misused):
        DkimSigner(key_pem=pem(ed25519()), **given)


@pytest.mark.parametrize("breaker", BREAKERS)
def test_i02_what_a_broken_signature_says_is_one_line(breaker: str) -> None:
    """Its words are shown to people, and written into logs."""
    for old, new in ((b"d=example.org", "d=x{}y"), (b"s=spring", "s=x{}y"), (b"v=1", "v=1{}2")):
        changed = SIGNED.replace(old, new.format(breaker).encode())
        for result in verify(changed, resolver=published(KEY), now=NOW):
            shown = f"{result.domain}{result.selector}{result.identity}{result.reason}"
            assert not set(BREAKERS[1:]) & set(shown)
            assert not result.passed


def test_keys_stay_where_they_are() -> None:
    text = f"{signer()!r} {only(SIGNED)!r}"
    assert pem(ed25519()).decode().splitlines()[1] not in text
    assert "DkimSigner('example.org', 'spring', algorithm='ed25519-sha256')" in text
