"""OpenPGP/MIME with the program gpg: what we write it reads, what it writes we read.

It is of the Debian package gnupg, which ``tests/servers/install.py`` installs.
"""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

import pytest

from courriel import Address, Email, Misused, Secret
from courriel.crypto.entity import Layer, halves
from courriel.crypto.openpgp import OpenPGP
from tests.crypto.gnupg_home import (
    LETTER,
    PASSPHRASE,
    Home,
    by_hand,
    letter,
    with_ciphertext,
)
from tests.crypto.relays import FRAIL, RELAYS, Relay

pytestmark = pytest.mark.server


@pytest.mark.parametrize("name", ["ada", "rosa"])
def test_what_is_signed_is_verified(pgp: OpenPGP, home: Home, name: str) -> None:
    address = f"{name}@example.org"
    signed = pgp.sign(letter(address), address)
    result = pgp.verify(signed)
    assert (True, "") == (result.valid, result.reason)
    assert result.intact and result.trusted and result.signed_at is not None
    assert f"{name.title()} <{address}>" == str(result.signer)
    assert home.fingerprint(address) == result.fingerprint
    assert result.email is not None
    assert "Hällo\n" == result.email.text == signed.text
    assert "pgp-sha512" in signed.headers["Content-Type"]
    assert () == signed.defects


@pytest.mark.parametrize("relay", RELAYS)
def test_relays_do_not_break_a_signature(pgp: OpenPGP, relay: Relay) -> None:
    frail = Email(sender="ada@example.org", to="bob@example.org", text=FRAIL, html="<p>Größe</p> ")
    signed = pgp.sign(frail, "ada@example.org")
    result = pgp.verify(Email.from_source(relay(signed.source)))
    assert (True, "") == (result.valid, result.reason)
    assert result.email is not None and FRAIL == result.email.text == signed.text


def test_gpg_verifies_what_we_sign(pgp: OpenPGP, home: Home, tmp_path: Path) -> None:
    layer = Layer.of(pgp.sign(LETTER, "ada@example.org"))
    (tmp_path / "content").write_bytes(layer.signed_octets())
    (tmp_path / "content.asc").write_bytes(layer.decoded(layer.root.parts[1]))
    home.gpg("--verify", str(tmp_path / "content.asc"), str(tmp_path / "content"))


@pytest.mark.parametrize("options", [[], ["--textmode"], ["--digest-algo", "SHA256"]])
def test_we_verify_what_gpg_signs(
    pgp: OpenPGP, home: Home, tmp_path: Path, options: list[str]
) -> None:
    signed = by_hand(home, tmp_path, *options)
    assert pgp.verify(signed).valid
    stored = Email.from_source(signed.source.replace(b"\r\n", b"\n"))
    assert pgp.verify(stored).valid


@pytest.mark.parametrize("name", ["bob", "rosa"])
def test_what_is_encrypted_is_decrypted(pgp: OpenPGP, name: str) -> None:
    sealed = pgp.encrypt(LETTER, [f"{name}@example.org"], sign_by="ada@example.org")
    assert b"Analytical" not in sealed.source
    assert LETTER.subject == sealed.subject
    opened = pgp.decrypt(sealed)
    assert (LETTER.text, LETTER.html) == (opened.email.text, opened.email.html)
    assert "Ada <ada@example.org>" == str(opened.signed_by)
    assert opened.authenticated
    assert () == opened.email.defects


def test_signing_first_and_encrypting_then_is_read_too(pgp: OpenPGP) -> None:
    sealed = pgp.encrypt(pgp.sign(LETTER, "ada@example.org"), "bob@example.org")
    opened = pgp.decrypt(sealed)
    assert "ada@example.org" == getattr(opened.signed_by, "address", None)
    assert opened.signature is not None and opened.signature.email is not None
    assert LETTER.text == opened.signature.email.text


def test_an_unsigned_message_is_signed_by_nobody(pgp: OpenPGP) -> None:
    opened = pgp.decrypt(pgp.encrypt(LETTER, ["bob@example.org"]))
    assert (None, None) == (opened.signature, opened.signed_by)


def test_a_signature_inside_that_is_not_trusted_says_so(pgp: OpenPGP, elsewhere: OpenPGP) -> None:
    for name, word in (("eve", "trusted"), ("mallory", "key ring")):
        address = f"{name}@example.org"
        sealed = elsewhere.encrypt(
            letter(address), ["ada@example.org"], sign_by=address, trust_all=True
        )
        opened = pgp.decrypt(sealed)
        assert "Hällo\n" == opened.email.text
        assert opened.signed_by is None
        assert opened.signature is not None and word in opened.signature.reason


def test_gpg_decrypts_what_we_encrypt(pgp: OpenPGP, home: Home) -> None:
    layer = Layer.of(pgp.encrypt(LETTER, ["bob@example.org"]))
    content = home.gpg("--decrypt", given=layer.decoded(layer.root.parts[1]))
    assert halves(LETTER).entity == content


@pytest.mark.parametrize("options", [[], ["--compress-algo", "none"], ["--cipher-algo", "AES256"]])
def test_we_decrypt_what_gpg_encrypts(pgp: OpenPGP, home: Home, options: list[str]) -> None:
    made = home.gpg(*options, "-r", "bob@example.org", "-ae", given=halves(LETTER).entity)
    assert LETTER.text == pgp.decrypt(with_ciphertext(pgp, made)).email.text


def test_a_signature_around_the_encryption_is_told_apart(pgp: OpenPGP) -> None:
    """A list signs again what Ada has signed and encrypted to Bob."""
    sealed = pgp.encrypt(LETTER, ["bob@example.org"], sign_by="ada@example.org")
    around = pgp.sign(sealed, "rosa@example.org")
    opened = pgp.decrypt(around)
    assert (LETTER.text, LETTER.subject) == (opened.email.text, opened.email.subject)
    assert "Ada <ada@example.org>" == str(opened.signed_by)
    assert opened.outer is not None and opened.outer.intact
    assert "the key is not for the address in From" == opened.outer.reason
    assert pgp.decrypt(sealed).outer is None


def test_a_passphrase_opens_and_is_never_shown(
    pgp: OpenPGP, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    carol = letter("carol@example.org")
    key = "carol@example.org"
    subprocess.run(["gpgconf", "--homedir", home.folder, "--kill", "gpg-agent"], check=True)
    with pytest.raises(Misused, match="passphrase") as caught:
        pgp.sign(carol, key, passphrase="wrong " + PASSPHRASE)
    assert "s3cret" not in f"{caught.value!r} {caught.value}"
    assert pgp.verify(pgp.sign(carol, key, passphrase=Secret(PASSPHRASE))).valid
    subprocess.run(["gpgconf", "--homedir", home.folder, "--kill", "gpg-agent"], check=True)
    sealed = pgp.encrypt(carol, [key], sign_by=key, passphrase=PASSPHRASE)
    subprocess.run(["gpgconf", "--homedir", home.folder, "--kill", "gpg-agent"], check=True)
    with pytest.raises(Misused, match="passphrase"):
        pgp.decrypt(sealed, passphrase="wrong " + PASSPHRASE)
    assert "Hällo\n" == pgp.decrypt(sealed, passphrase=PASSPHRASE).email.text
    assert "s3cret" not in caplog.text
    for wrong in ("", "two\nlines"):
        with pytest.raises(Misused, match="passphrase"):
            pgp.sign(carol, key, passphrase=wrong)


def test_keys_are_named_plainly(pgp: OpenPGP, elsewhere: OpenPGP, tmp_path: Path) -> None:
    nameless = ("", "-v", "ada", "nobody", "=Ada", "*ada", "#", "0123456789ABCDEF", "Ada <x")
    for name in (*nameless, "nobody@example.org", "da@example.org", "@example.org", "A" * 40):
        with pytest.raises(Misused):
            pgp.sign(LETTER, name)
        with pytest.raises(Misused):
            pgp.encrypt(LETTER, [name])
    bob = Address.of("Bob <bob@example.org>")
    for good in ("BOB@example.org", "Robert <bob@example.org>", bob, [bob], "bob@example.org"):
        assert b"PGP MESSAGE" in pgp.encrypt(LETTER, good).source
    with pytest.raises(Misused, match="not trusted"):
        pgp.encrypt(LETTER, ["eve@example.org"])
    assert b"PGP MESSAGE" in pgp.encrypt(LETTER, ["eve@example.org"], trust_all=True).source
    with pytest.raises(Misused, match="nobody"):
        pgp.encrypt(LETTER, [])
    with pytest.raises(Misused, match="list of keys"):
        pgp.encrypt(LETTER, None)  # type: ignore[arg-type]  # Meant.
    with pytest.raises(Misused, match="no private key"):
        elsewhere.decrypt(pgp.encrypt(LETTER, ["bob@example.org"]))
    with pytest.raises(Misused, match="home"):
        OpenPGP(tmp_path / "absent")
    with pytest.raises(Misused, match="Install GnuPG"):
        OpenPGP(tmp_path, program="no-such-gpg")
