"""A home of GnuPG for tests, what is written there, and what is put in its place by hand."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from courriel import Email
from courriel.crypto.openpgp import OpenPGP

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


def letter(sender: str) -> Email:
    return Email(sender=sender, to="bob@example.org", text="Hällo\n", subject="Hi")


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


def with_ciphertext(pgp: OpenPGP, made: bytes) -> Email:
    return with_armor(pgp.encrypt(LETTER, ["bob@example.org"]), made)


def with_armor(sealed: Email, made: bytes) -> Email:
    armor = re.compile(rb"-----BEGIN PGP MESSAGE-----.*END PGP MESSAGE-----\r\n", re.DOTALL)
    return Email.from_source(armor.sub(lambda _: made.replace(b"\n", b"\r\n"), sealed.source))
