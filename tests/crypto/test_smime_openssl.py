"""S/MIME with the program openssl on the other side, both ways, with every algorithm.

It is of the Debian package openssl, which ``tests/servers/install.py`` installs.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from courriel import Email, Misused
from courriel.crypto import signed_data, smime
from courriel.crypto.entity import halves
from courriel.model.transfer import Transfer
from tests.crypto.people import DEATH, LETTER, NOW, ada, bob, carried, pem, root

pytestmark = pytest.mark.server

ROOTS = [root().certificate]
CONTENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nH\xc3\xa4llo from openssl.\r\n"


@dataclass(frozen=True)
class OpenSSL:
    """The program, in a folder that holds everybody's keys and certificates."""

    folder: Path

    def cms(self, *arguments: str, given: bytes, program: str = "cms") -> bytes:
        command = ["openssl", program, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, input=given, capture_output=True, check=False
        )
        assert 0 == done.returncode, done.stderr.decode()
        return done.stdout

    def signed(self, who: str, *arguments: str, program: str = "cms") -> Email:
        names = ("-from", "ada@example.org", "-to", "bob@example.org", "-subject", "Hi")
        mine = ("-signer", f"{who}.pem", "-inkey", f"{who}.key")
        said = ("-sign", *names, *mine, *arguments)
        return Email.from_source(self.cms(*said, given=CONTENT, program=program))

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
    form = Transfer.EIGHT_BIT if opaque else Transfer.SEVEN_BIT
    assert halves(LETTER, form).entity == content


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
        ("rsa", ["-stream", "-indef"]),
        ("rsa", ["-nodetach", "-stream", "-indef"]),
        ("rsa", ["-cades"]),
        ("rsa", ["-binary"]),
        ("rsa", ["-signer", "ada-p256.pem", "-inkey", "ada-p256.key"]),
        ("rsa", ["-noattr"]),
        ("rsa", ["-nosmimecap"]),
        ("rsa", ["-binary", "-crlfeol"]),
        ("rsa", ["-keyopt", "rsa_padding_mode:pss"]),
        ("rsa", ["-md", "sha384", "-keyopt", "rsa_padding_mode:pss"]),
        ("rsa", ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:0"]),
        ("rsa", ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_mgf1_md:sha1"]),
        ("rsa", ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_mgf1_md:sha512"]),
        ("p256", []),
        ("p256", ["-noattr", "-nodetach"]),
        ("p256", ["-nodetach", "-indef", "-cades"]),
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


@pytest.mark.parametrize("options", [[], ["-nodetach"], ["-stream"], ["-nodetach", "-stream"]])
def test_we_verify_what_the_older_smime_signs(openssl: OpenSSL, options: list[str]) -> None:
    """It writes PKCS #7, from which CMS came, and says x-pkcs7 in the types."""
    signed = openssl.signed("ada-rsa", *options, program="smime")
    assert b"application/x-pkcs7-" in signed.source
    assert smime.verify(signed, ROOTS).valid


def test_one_stranger_among_the_signers_spoils_it(openssl: OpenSSL) -> None:
    signed = openssl.signed("ada-rsa", "-signer", "bob-p256.pem", "-inkey", "bob-p256.key")
    result = smime.verify(signed, ROOTS)
    assert (False, True, True) == (result.valid, result.intact, result.trusted)
    assert "the certificate is not for the address in From" == result.reason


def test_nobody_has_signed(openssl: OpenSSL) -> None:
    """A message without any signer, with Ada's certificate in it."""
    command = ["openssl", "crl2pkcs7", "-nocrl", "-certfile", "ada-rsa.pem", "-outform", "DER"]
    bare = subprocess.run(command, cwd=openssl.folder, capture_output=True, check=True).stdout
    for beside in (None, CONTENT):
        result = smime.verify(carried(bare, beside), ROOTS)
        assert "nothing is signed, or nobody has signed it" == result.reason


def test_a_time_stamp_is_no_mail(openssl: OpenSSL) -> None:
    signed = openssl.signed("ada-rsa", "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-nodetach")
    result = smime.verify(signed, ROOTS)
    assert (False, False) == (result.valid, result.intact)
    assert "it is not of mail" in result.reason


def test_openssl_finds_the_certificate_named_that_we_signed_with(openssl: OpenSSL) -> None:
    signed = smime.sign(LETTER, ada("rsa"))
    openssl.cms("-verify", "-cades", "-CAfile", "root.pem", given=signed.source)


def test_a_weak_digest_proves_nothing(openssl: OpenSSL) -> None:
    result = smime.verify(openssl.signed("ada-rsa", "-md", "sha1"), ROOTS)
    assert not result
    assert "weak" in result.reason


def test_a_renewed_certificate_counts_though_the_old_one_came_along(openssl: OpenSSL) -> None:
    """Both have the same key, by which the signer is named."""
    signed = openssl.signed("ada-rsa", "-keyid", "-nocerts")
    old = root().person(kind="rsa", died=DEATH.replace(year=2021)).certificate
    for order in ([old, ada("rsa").certificate], [ada("rsa").certificate, old]):
        assert smime.verify(signed, ROOTS, intermediates=order).valid
    assert "not valid after" in smime.verify(signed, ROOTS, intermediates=[old]).reason


def test_a_certificate_that_was_left_out_may_be_given(openssl: OpenSSL) -> None:
    signed = openssl.signed("ada-rsa", "-nocerts")
    assert "the certificate of the signer did not come along" == smime.verify(signed, ROOTS).reason
    assert smime.verify(signed, ROOTS, intermediates=[ada("rsa").certificate]).valid


@pytest.mark.parametrize("cipher", ["aes-256-cbc", "aes-256-gcm"])
@pytest.mark.parametrize("kind", ["rsa", "p256", "p521"])
@pytest.mark.parametrize("oaep", [False, True])
def test_openssl_decrypts_what_we_encrypt(
    openssl: OpenSSL, kind: str, cipher: object, oaep: bool
) -> None:
    to = [ada("p384").certificate, bob(kind).certificate]
    sealed = smime.encrypt(LETTER, to, oaep=oaep, cipher=cipher)  # type: ignore[arg-type]  # One of two.
    holder = ("-recip", f"bob-{kind}.pem", "-inkey", f"bob-{kind}.key")
    content = openssl.cms("-decrypt", *holder, given=sealed.source)
    assert halves(LETTER).entity == content
    assert LETTER.text == smime.decrypt(sealed, bob(kind)).email.text


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
        ["-aes-192-gcm", "bob-rsa.pem"],
        ["-aes-256-gcm", "-stream", "-indef", "bob-rsa.pem"],
        ["-aes128", "bob-p256.pem"],
        ["-aes192", "bob-p384.pem"],
        ["-aes256", "-stream", "-indef", "bob-p256.pem"],
        ["-aes-128-gcm", "bob-p256.pem"],
        ["-aes256", "-keyid", "bob-p384.pem"],
        *(
            ["-aes256", "-recip", "bob-p256.pem", "-keyopt", f"ecdh_kdf_md:{digest}"]
            for digest in ("sha224", "sha256", "sha384", "sha512")
        ),
        ["-aes256", "-recip", "bob-p256.pem", "-keyopt", "ecdh_cofactor_mode:1"],
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


@pytest.mark.parametrize("signed", [False, True])
def test_binary_content_comes_out_as_it_went_in(openssl: OpenSSL, signed: bool) -> None:
    """What is encrypted, or signed from within, may be binary (RFC 8551, 3.1.2)."""
    picture = b"\x89PNG\r\n\x1a\n\r\0\n"
    head = b"Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    names = ("-binary", "-from", "ada@example.org")
    if signed:
        made = openssl.cms(*signer("ada-rsa"), *names, "-nodetach", given=head + picture)
        email = smime.verify(Email.from_source(made), ROOTS).email
    else:
        made = openssl.cms("-encrypt", "-aes256", *names, "bob-rsa.pem", given=head + picture)
        email = smime.decrypt(Email.from_source(made), bob("rsa")).email
    assert email is not None
    assert [picture] == [file.content for file in (*email.attachments, *email.inline)]


@pytest.mark.parametrize("cipher", ["-des3", "-camellia128"])
def test_a_cipher_that_is_not_known_is_named(openssl: OpenSSL, cipher: str) -> None:
    with pytest.raises(Misused, match=r"not known here \(1\.2\.[0-9.]+\).*AES"):
        smime.decrypt(openssl.encrypted(cipher, "bob-rsa.pem"), bob("rsa"))


@pytest.mark.parametrize("inside", [["-nodetach"], []])
@pytest.mark.parametrize("around", [["-nodetach"], []])
def test_a_message_that_is_wrapped_three_times_is_read_in_one_go(
    openssl: OpenSSL, inside: list[str], around: list[str]
) -> None:
    """Signed by Ada, encrypted to Bob, signed again by a list (RFC 2634, 1.1)."""
    once = openssl.cms(*signer("ada-rsa"), *inside, "-stream", given=CONTENT)
    twice = openssl.cms("-encrypt", "-aes256", "-stream", "bob-rsa.pem", given=once)
    names = ("-from", "ada@example.org", "-subject", "Hi")
    whole = openssl.cms(*signer("bob-p256"), *names, *around, "-stream", given=twice)
    opened = smime.decrypt(Email.from_source(whole), bob("rsa"), roots=ROOTS)
    assert ("Hi", "Hällo from openssl.\n") == (opened.email.subject, opened.email.text)
    assert "Ada <ada@example.org>" == str(opened.signed_by)
    assert opened.outer is not None and opened.outer.intact
    # The list is not the author, and says so by its certificate.
    assert "the certificate is not for the address in From" == opened.outer.reason
    assert "Bob <bob@example.org>" == str(opened.outer.signer)


def signer(who: str) -> tuple[str, ...]:
    return ("-sign", "-signer", f"{who}.pem", "-inkey", f"{who}.key")
