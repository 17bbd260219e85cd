"""Run the command line as people do: a program of its own, with an environment of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from courriel.sandbox import Server
from tests.cli.program import Ended, run

Courriel: TypeAlias = Callable[..., Ended]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which nobody has configured anything."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COURRIEL_", "XDG_", "SSL_CERT"))
    }
    return {
        **kept,
        "HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "COLUMNS": "100",
    }


@pytest.fixture
def account(environment: dict[str, str], mail_server: Server, tmp_path: Path) -> dict[str, str]:
    """The environment of ada, who has an account on the embedded server and trusts it."""
    authority = tmp_path / "ca.pem"
    authority.write_text(mail_server.ca_pem)
    environment["SSL_CERT_FILE"] = str(authority)
    environment["COURRIEL_ACCOUNT"] = f"smtps://ada@{mail_server.host}:{mail_server.smtp_tls_port}"
    environment["COURRIEL_PASSWORD"] = "secret"
    return environment


@pytest.fixture
def courriel(environment: dict[str, str]) -> Courriel:
    """``python -m courriel``, as a function of its arguments."""

    def call(*arguments: str, stdin: bytes = b"", **changes: str) -> Ended:
        return run(*arguments, stdin=stdin, environment={**environment, **changes})

    return call
