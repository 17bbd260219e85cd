"""Two homes of GnuPG, made once: Ada's, and one of people whom she knows or does not."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from courriel.crypto.openpgp import OpenPGP
from tests.crypto.gnupg_home import PASSPHRASE, Home


@pytest.fixture(scope="session")
def homes() -> Iterator[tuple[Home, Home]]:
    made = [Home(Path(tempfile.mkdtemp(prefix="gpg-"))) for _ in range(2)]
    yield made[0], made[1]
    for home in made:
        subprocess.run(["gpgconf", "--homedir", home.folder, "--kill", "all"], check=True)
        shutil.rmtree(home.folder, ignore_errors=True)


@pytest.fixture(scope="session")
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
