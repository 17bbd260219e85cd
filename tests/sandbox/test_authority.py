"""The sandbox's own certificate authority."""

from __future__ import annotations

import ssl
import sys

import pytest

from courriel.errors import Misused
from courriel.sandbox.authority import Authority


def test_a_client_context_checks_certificate_and_name(authority: Authority) -> None:
    context = authority.client_context()
    assert ssl.CERT_REQUIRED is context.verify_mode
    assert context.check_hostname
    # Nobody else is trusted: the system's authorities are not among them.
    assert 1 == len(context.get_ca_certs())
    assert "BEGIN CERTIFICATE" in authority.ca_pem


def test_tls_is_not_older_than_1_2(authority: Authority) -> None:
    assert ssl.TLSVersion.TLSv1_2 <= authority.server_context.minimum_version


def test_its_names_are_those_of_loopback_and_more(authority: Authority) -> None:
    assert {"example.org", "localhost", "127.0.0.1", "::1"} == authority.names


def test_without_trustme_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(Misused, match=r"pip install 'courriel\[sandbox\]'"):
        Authority()
