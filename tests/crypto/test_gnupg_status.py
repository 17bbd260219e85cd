"""What is believed of the lines that gpg writes, and what not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.crypto.gnupg_status import Status, owners

VALID = "VALIDSIG AB12 2026-11-21 1795277508 0 4 0 22 10 00 CD34"
GOOD = ["NEWSIG", "GOODSIG 1 Ada <ada@example.org>", VALID, "TRUST_ULTIMATE 0 pgp"]
OPENED = ["BEGIN_DECRYPTION", "PLAINTEXT 62 0 ", "DECRYPTION_OKAY", "GOODMDC", "END_DECRYPTION"]


def status(*lines: str) -> Status:
    return Status("".join(f"[GNUPG:] {line}\n" for line in lines))


def test_one_good_signature_is_good() -> None:
    verdict = status(*GOOD).verdict()
    assert ("", "CD34") == (verdict.reason, verdict.fingerprint)
    assert datetime(2026, 11, 21, 16, 11, 48, tzinfo=UTC) == verdict.signed_at


@pytest.mark.parametrize(
    "bad",
    ["BADSIG 1 x", "EXPSIG 1 x", "EXPKEYSIG 1 x", "REVKEYSIG 1 x", "ERRSIG 1", "NO_PUBKEY 1"],
)
def test_whatever_speaks_against_it_counts(bad: str) -> None:
    assert status(*GOOD, bad).verdict().reason
    assert status(bad, *GOOD).verdict().reason
    assert status(bad).has_signature


@pytest.mark.parametrize(
    "lines",
    [
        [],
        GOOD[:2],
        [*GOOD, *GOOD],
        [*GOOD, "NEWSIG"],
        [*GOOD[:2], VALID.replace(" 10 00 ", " 2 00 ")],
        [*GOOD[:2], VALID.replace(" 10 00 ", " 10 10 ")],
        [*GOOD[:2], "VALIDSIG AB12"],
    ],
)
def test_half_a_signature_is_none(lines: list[str]) -> None:
    verdict = status(*lines).verdict()
    assert verdict.reason
    assert verdict.fingerprint is None


def test_words_that_are_no_status_say_nothing() -> None:
    text = "gpg: [GNUPG:] GOODSIG 1 x\n " + "\n".join(f" [GNUPG:] {line}" for line in GOOD)
    assert not Status(text).has_signature


def test_only_what_was_encrypted_is_decrypted() -> None:
    assert status(*OPENED).decrypted()
    assert status("DECRYPTION_INFO 0 9 2", *OPENED[:3]).decrypted()
    for lines in (
        OPENED[1:],
        OPENED[:2],
        ["PLAINTEXT 62 0 ", *OPENED],
        [*OPENED, "PLAINTEXT 62 0 "],
        [*OPENED, *OPENED],
        [*OPENED, "NODATA 3"],
        [*OPENED, "BADMDC"],
        [*OPENED, "DECRYPTION_FAILED"],
        # Nothing would have told of a change.
        [line for line in OPENED if line != "GOODMDC"],
        ["DECRYPTION_INFO 0 9 0", *(line for line in OPENED if line != "GOODMDC")],
        ["DECRYPTION_INFO 0 9", *(line for line in OPENED if line != "GOODMDC")],
        ["DECRYPTION_INFO 0 9 2"] * 2 + [line for line in OPENED if line != "GOODMDC"],
    ):
        assert not status(*lines).decrypted()


def test_a_key_that_stays_closed_is_told() -> None:
    assert status("FAILURE sign 67108875").locked
    assert status("ERROR pkdecrypt_failed 11").locked
    assert status("BAD_PASSPHRASE 1").locked
    assert not status("FAILURE sign 67108881", "FAILURE", "ERROR x y", *GOOD).locked


def test_the_owners_of_a_key_are_those_that_are_in_use() -> None:
    listing = (
        "tru::1:1795277508:0:3:1:5\npub:u:255:22:5024:1:::u:::scESC:::::ed25519:::0:\n"
        "fpr:::::::::AB:\nuid:u::::1::H::Ada <ada@example.org>::::::::::0:\n"
        "uid:r::::1::H::Old <old@example.org>::::::::::0:\n"
        "uid:q::::1::H::Boss\\x3a <boss@example.org>::::::::::0:\n"
    )
    found = [(str(owner.address), owner.trusted) for owner in owners(listing.encode())]
    assert ("Ada <ada@example.org>", True) == found[0]
    assert [False] == [trusted for text, trusted in found[1:] if "boss@example.org" in text]
    assert not any("old@" in text for text, _ in found)
    assert () == owners(listing.replace("pub:u", "pub:r").encode())
    for several in ("Ada <ada@example.org>, Boss <boss@example.org>", "boss@example.org, Ada"):
        changed = listing.replace("Ada <ada@example.org>", several)
        assert not any("boss" in str(one) and one.trusted for one in owners(changed.encode()))
    assert () == owners((listing + listing).encode())


@pytest.mark.parametrize("breaker", ["\r", "\v", "\f", "\x1c", "\x85", "\u2028", "%0A", "\\n"])
def test_only_a_line_feed_ends_a_line(breaker: str) -> None:
    """A name in a key, or that of a file, may hold the rest."""
    forged = breaker.join(f"[GNUPG:] {line}" for line in ["x", *GOOD])
    said = status(f"PLAINTEXT 62 0 {forged}", f"IMPORT_OK {forged}")
    assert not said.has_signature
    assert said.verdict().reason


@given(text=st.text(), octets=st.binary())
def test_nothing_raises(text: str, octets: bytes) -> None:
    said = Status(f"[GNUPG:] {text}\n[GNUPG:] GOODSIG\n[GNUPG:] VALIDSIG {text}")
    assert said.verdict().reason
    said.decrypted()
    owners(octets)
    owners(b"pub:u:\nuid:f:" + octets)
