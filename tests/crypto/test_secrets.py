"""Keys and passphrases are in no repr, no error and no traceback, whatever goes wrong."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.serialization import pkcs12

from courriel import CourrielError, Email, Secret
from courriel.crypto import smime
from courriel.crypto.dkim import DkimSigner
from courriel.crypto.openpgp import OpenPGP
from tests.crypto.dkim.keyring import ed25519
from tests.crypto.dkim.keyring import pem as dkim_pem
from tests.crypto.people import LETTER, ada, bob, pem

CANARY = "c4nary-kenning"
LOCKED = form.BestAvailableEncryption(b"another one")
PLAIN = dkim_pem(ed25519())
KEY = dkim_pem(ed25519()).splitlines()[1].decode()


def locked_pem() -> bytes:
    return ada().key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, LOCKED)


def locked_pkcs12() -> bytes:
    return pkcs12.serialize_key_and_certificates(b"", ada().key, ada().certificate, None, LOCKED)


WRONG: dict[str, Callable[[], Any]] = {
    "a PEM file": lambda: smime.Identity.from_pem(pem(ada())[0], locked_pem(), passphrase=CANARY),
    "a secret": lambda: smime.Identity.from_pem(
        pem(ada())[0], locked_pem(), passphrase=Secret(CANARY)
    ),
    "a PKCS #12 file": lambda: smime.Identity.from_pkcs12(locked_pkcs12(), passphrase=CANARY),
    "no passphrase at all": lambda: smime.Identity.from_pem(
        pem(ada())[0],
        b"",
        passphrase=[CANARY],  # type: ignore[arg-type]  # Meant.
    ),
    "the key of another": lambda: smime.Identity.from_pem(pem(bob("rsa"))[0], PLAIN),
    "a word too many": lambda: smime.Identity.from_pem(
        pem(ada())[0],
        PLAIN,
        password=CANARY,  # type: ignore[call-arg]  # Meant.
    ),
    "DKIM": lambda: DkimSigner("example.org", "spring", locked_pem(), password=CANARY),
    "DKIM, plain": lambda: DkimSigner("example.org", "spring", PLAIN, algorithm="rsa-sha256"),
    "DKIM, elsewhere": lambda: DkimSigner("exa mple", "spring", PLAIN, password=CANARY),
}


def told(error: BaseException) -> Iterator[str]:
    """Yield what an error tells, and what whoever reports errors finds in its frames."""
    yield f"{error!r} {error}"
    yield "".join(traceback.format_exception(error))
    seen = error
    while seen is not None:
        for frame, _ in traceback.walk_tb(seen.__traceback__):
            if frame.f_globals["__name__"].startswith("courriel"):
                yield repr(frame.f_locals)
        seen = seen.__context__  # type: ignore[assignment]  # None ends it.


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_call_shows_no_secret(name: str) -> None:
    with pytest.raises((CourrielError, TypeError)) as caught:
        WRONG[name]()
    for text in told(caught.value):
        assert CANARY not in text
        assert KEY not in text


@pytest.mark.server
def test_gpg_shows_no_passphrase(tmp_path: Path) -> None:
    """The program is of the Debian package gnupg, which ``tests/servers/install.py`` installs."""
    tmp_path.chmod(0o700)
    pgp = OpenPGP(tmp_path)
    sealed = Email.from_source(
        b"From: a@example.org\r\nContent-Type: multipart/encrypted; boundary=p\r\n\r\n"
        b"--p\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        b"--p\r\nContent-Type: application/octet-stream\r\n\r\nrubbish\r\n--p--\r\n"
    )
    for wrong in (
        lambda: pgp.sign(LETTER, "ada@example.org", passphrase=CANARY),
        lambda: pgp.encrypt(LETTER, ["ada@example.org"], passphrase=CANARY),
        lambda: pgp.decrypt(sealed, passphrase=CANARY),
        lambda: pgp.decrypt(LETTER, passphrase=CANARY),
        lambda: pgp.sign(LETTER, "ada@example.org", passphrase=f"{CANARY}\n"),
    ):
        with pytest.raises(CourrielError) as caught:
            wrong()
        for text in told(caught.value):
            assert CANARY not in text
    assert CANARY not in repr(vars(pgp))


def test_nothing_shows_a_private_key() -> None:
    private = pem(ada())[1].decode().splitlines()[1]
    for value in (ada(), DkimSigner("example.org", "spring", PLAIN)):
        shown = f"{value!r} {value}"
        assert private not in shown and KEY not in shown
    for value in (ada(), DkimSigner("example.org", "spring", PLAIN)):
        with pytest.raises(TypeError):
            pickle.dumps(value)
