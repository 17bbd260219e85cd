"""S/MIME with the program openssl on the other side, both ways, with every algorithm."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from courriel import Email
from courriel.crypto import signed_data, smime
from courriel.crypto.entity import halves
from tests.crypto.people import LETTER, NOW, ada, bob, pem, root

pytestmark = pytest.mark.server

ROOTS = [root().certificate]
CONTENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nH\xc3\xa4llo from openssl.\r\n"


@dataclass(frozen=True)
class OpenSSL:
    """The program, in a folder that holds everybody's keys and certificates."""

    folder: Path

    def cms(self, *arguments: str, given: bytes) -> bytes:
        command = ["openssl", "cms", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, input=given, capture_output=True, check=False
        )
        assert 0 == done.returncode, done.stderr.decode()
        return done.stdout

    def signed(self, who: str, *arguments: str) -> Email:
        names = ("-from", "ada@example.org", "-to", "bob@example.org", "-subject", "Hi")
        mine = ("-signer", f"{who}.pem", "-inkey", f"{who}.key")
        return Email.from_source(self.cms("-sign", *names, *mine, *arguments, given=CONTENT))

    def encrypted(self, *arguments: str) -> Email:
        return Email.from_source(
            self.cms("-encrypt", "-from", "ada@example.org", *arguments, given=CONTENT)
        )


@pytest.fixture(scope="module")
def openssl(tmp_path_factory: pytest.TempPathFactory) -> OpenSSL:
    folder = tmp_path_factory.mktemp("openssl")
    for name, person in (("ada", ada), ("bob", bob)):
        for kind in ("rsa", "p256", "p384", "p521", "ed25519"):
            certificate, private = pem(person(kind))
            (folder / f"{name}-{kind}.pem").write_bytes(certificate)
            (folder / f"{name}-{kind}.key").write_bytes(private)
    authority = root().certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "root.pem").write_bytes(authority)
    return OpenSSL(folder)


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521"])
@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("pss", [False, True])
def test_openssl_verifies_what_we_sign(
    openssl: OpenSSL, kind: str, opaque: bool, pss: bool
) -> None:
    signed = smime.sign(LETTER, ada(kind), opaque=opaque, pss=pss)
    content = openssl.cms("-verify", "-CAfile", "root.pem", given=signed.source)
    assert halves(LETTER).entity == content


def test_openssl_verifies_our_ed25519(openssl: OpenSSL) -> None:
    """The CMS of OpenSSL 3.0 knows no Ed25519, but its keys do."""
    signed = signed_data.write(CONTENT, ada("ed25519"), at=NOW, enclosed=False, pss=False)[0]
    (signer,) = signed_data.read(signed).signers
    assert signer.attributes is not None
    (openssl.folder / "attributes").write_bytes(b"\x31" + signer.attributes.raw[1:])
    (openssl.folder / "signature").write_bytes(signer.signature)
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-rawin",
        "-in",
        "attributes",
        "-sigfile",
        "signature",
    ]
    key = ("-certin", "-inkey", "ada-ed25519.pem")
    done = subprocess.run([*command, *key], cwd=openssl.folder, capture_output=True, check=False)
    assert 0 == done.returncode, done.stderr.decode()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("rsa", []),
        ("rsa", ["-md", "sha512"]),
        ("rsa", ["-keyid"]),
        ("rsa", ["-nodetach"]),
        ("rsa", ["-nodetach", "-stream"]),
        ("rsa", ["-noattr"]),
        ("rsa", ["-nosmimecap"]),
        ("rsa", ["-binary", "-crlfeol"]),
        ("rsa", ["-keyopt", "rsa_padding_mode:pss"]),
        ("rsa", ["-md", "sha384", "-keyopt", "rsa_padding_mode:pss"]),
        ("rsa", ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:0"]),
        ("p256", []),
        ("p256", ["-noattr", "-nodetach"]),
        ("p256", ["-md", "sha512"]),
        ("p384", ["-md", "sha384"]),
        ("p521", ["-md", "sha512", "-nodetach"]),
    ],
)
def test_we_verify_what_openssl_signs(openssl: OpenSSL, kind: str, options: list[str]) -> None:
    signed = openssl.signed(f"ada-{kind}", *options)
    result = smime.verify(signed, ROOTS)
    assert (True, "") == (result.valid, result.reason)
    assert result.email is not None
    assert "Hällo from openssl.\n" == result.email.text
    assert ("-noattr" in options) == (result.signed_at is None)


def test_a_weak_digest_proves_nothing(openssl: OpenSSL) -> None:
    result = smime.verify(openssl.signed("ada-rsa", "-md", "sha1"), ROOTS)
    assert not result
    assert "weak" in result.reason


def test_a_certificate_that_was_left_out_may_be_given(openssl: OpenSSL) -> None:
    signed = openssl.signed("ada-rsa", "-nocerts")
    assert "the certificate of the signer did not come along" == smime.verify(signed, ROOTS).reason
    assert smime.verify(signed, ROOTS, intermediates=[ada("rsa").certificate]).valid


@pytest.mark.parametrize("cipher", ["aes-256-cbc", "aes-256-gcm"])
@pytest.mark.parametrize("kind", ["rsa", "p256", "p521"])
def test_openssl_decrypts_what_we_encrypt(openssl: OpenSSL, kind: str, cipher: object) -> None:
    to = [ada("p384").certificate, bob(kind).certificate]
    sealed = smime.encrypt(LETTER, to, cipher=cipher)  # type: ignore[arg-type]  # One of two.
    holder = ("-recip", f"bob-{kind}.pem", "-inkey", f"bob-{kind}.key")
    content = openssl.cms("-decrypt", *holder, given=sealed.source)
    assert halves(LETTER).entity == content


@pytest.mark.parametrize(
    "options",
    [
        ["-aes128", "bob-rsa.pem"],
        ["-aes192", "bob-rsa.pem"],
        ["-aes256", "bob-rsa.pem"],
        ["-aes256", "-stream", "bob-rsa.pem"],
        ["-aes256", "-keyid", "bob-rsa.pem"],
        ["-aes-128-gcm", "bob-rsa.pem"],
        ["-aes-256-gcm", "bob-rsa.pem"],
        ["-aes256", "-recip", "bob-rsa.pem", "-keyopt", "rsa_padding_mode:oaep"],
        [
            *("-aes256", "-recip", "bob-rsa.pem", "-keyopt", "rsa_padding_mode:oaep"),
            *("-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha256"),
        ],
        ["-aes256", "bob-p256.pem"],
        ["-aes256", "-keyid", "bob-p384.pem"],
        ["-aes256", "-recip", "bob-p256.pem", "-keyopt", "ecdh_kdf_md:sha256"],
        ["-aes-256-gcm", "ada-rsa.pem", "bob-p521.pem"],
    ],
)
def test_we_decrypt_what_openssl_encrypts(openssl: OpenSSL, options: list[str]) -> None:
    sealed = openssl.encrypted(*options)
    kind = next(one for one in options if one.startswith("bob-"))[4:-4]
    opened = smime.decrypt(sealed, bob(kind))
    assert "Hällo from openssl.\n" == opened.email.text
    assert ("gcm" in options[0]) == opened.authenticated
    assert "ada@example.org" == str(opened.email.sender)
