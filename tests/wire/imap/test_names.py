"""Names of folders: RFC examples, and no octet that is lost on the way there and back."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.folder import Folder
from courriel.wire.imap.names import decoded, encoded

SPELT = [
    ("INBOX", b"INBOX"),
    ("", b""),
    ("R&D", b"R&-D"),
    ("&", b"&-"),
    ("&&-", b"&-&--"),
    ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
    ("Entwürfe", b"Entw&APw-rfe"),
    ("Sent 📬", b"Sent &2D3c7A-"),
    ("a\tb", b"a&AAk-b"),
    ("\r\n\0", b"&AA0ACgAA-"),
    ("é&é", b"&AOk-&-&AOk-"),
]


@pytest.mark.parametrize(("name", "raw"), SPELT)
def test_a_name_has_one_spelling(name: str, raw: bytes) -> None:
    assert raw == encoded(name)
    assert name == decoded(raw)


ODD = [
    b"&AGE-",  # "a" needs no base64
    b"&Jjo-&Jjo-",  # a superfluous shift
    b"&",
    b"&Jjo",
    b"a&b",
    b"&A-",
    b"&AOl-",  # bits behind the last character
    b"&2AA-",  # half of a surrogate pair
    b"&3ADYAA-",
    b"&AGkA6Q-",  # ASCII among what needs base64
    b"&AOk/-",
    b"a\tb",
    b"a\r\nb\0",
    "Entwürfe".encode(),
    b"\xff\xfe",
    b"../&..-/",
]


@pytest.mark.parametrize("raw", ODD)
def test_what_no_rule_allows_is_kept_as_it_is(raw: bytes) -> None:
    name = decoded(raw)
    assert raw == encoded(name)
    assert any("\udc00" <= character <= "\udcff" for character in name)
    Folder(name).shown.encode()


def test_odd_names_are_shown_as_what_they_most_likely_are() -> None:
    assert "Entwürfe" == str(Folder(decoded("Entwürfe".encode())))
    assert "&AGE-" == str(Folder(decoded(b"&AGE-")))
    assert "a  b" == str(Folder(decoded(b"a\r\nb")))


def test_with_utf8_enabled_ampersands_mean_nothing() -> None:
    assert "R&D/é".encode() == encoded("R&D/é", utf8=True)
    assert "&AOk-" == decoded(b"&AOk-", utf8=True)
    assert b"\xff&" == encoded(decoded(b"\xff&", utf8=True), utf8=True)


def test_a_name_read_before_utf8_was_enabled_can_be_written_after() -> None:
    assert b"&AGE-" == encoded(decoded(b"&AGE-"), utf8=True)


@pytest.mark.parametrize("name", ["\ud800", "a\udfffb", b"INBOX", None, 5])
@pytest.mark.parametrize("utf8", [False, True])
def test_what_is_no_name_is_refused(name: object, utf8: bool) -> None:
    with pytest.raises(Misused):
        encoded(name, utf8=utf8)  # type: ignore[arg-type]  # Wrong on purpose.


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_every_unicode_name_comes_back(name: str, utf8: bool) -> None:
    assert name == decoded(encoded(name, utf8=utf8), utf8=utf8)


PIECES = st.sampled_from(
    [b"&", b"-", b"&-", b"Jjo", b"AOk", b"A", b",", b"+", b"\xe9", b"a", b"\r"]
)


@given(st.one_of(st.binary(), st.lists(PIECES).map(b"".join)), st.booleans())
@example(b"&Jjo-&-&Jjo-&Jjo-x", False)
def test_every_raw_name_comes_back(raw: bytes, utf8: bool) -> None:
    assert raw == encoded(decoded(raw, utf8=utf8), utf8=utf8)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_modified_utf7_is_printable_ascii(name: str) -> None:
    assert all(0x20 <= octet <= 0x7E for octet in encoded(name))


def test_a_huge_hostile_name_is_read_in_one_pass() -> None:
    raw = b"&AAAA" * 100_000 + b"&" * 100_000
    assert raw == encoded(decoded(raw))
