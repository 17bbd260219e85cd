"""A profile: which hosts are this very machine, and what it never shows."""

from __future__ import annotations

import pytest

from courriel.model.options import Auth, Security, Timeout
from courriel.model.profile import Profile
from courriel.model.secret import Secret


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1.2.3", "::1", "[::1]"],
)
def test_this_very_machine(host: str) -> None:
    assert Profile(host, 25).on_loopback


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "localhost.example.org",
        "127.0.0.1.example.org",
        "127.example.org",
        "127.0.0",
        "128.0.0.1",
        "0.0.0.0",
        "::",
        "::2",
        "::ffff:192.0.2.1",
        "1.0.0.127",
        "127.0.0.x",
        "127.0.0.",
        "127.0.0.1234",
        "127.0.0.²",
        "localhost6",
        "evil-localhost",
    ],
)
def test_others_are_not(host: str) -> None:
    assert not Profile(host, 25).on_loopback


def test_the_defaults_are_the_safe_ones() -> None:
    profile = Profile("mx.example.org", 465)
    assert Security.TLS is profile.security
    assert Auth.REQUIRED is profile.auth
    assert not profile.plaintext_named
    assert Timeout() == profile.timeout
    assert profile.tls is None


def test_it_shows_no_secret() -> None:
    profile = Profile(
        "mx.example.org",
        465,
        user="ada",
        password=Secret("correct horse"),
        token=Secret("battery staple"),
        proxy=Secret("socks5://ada:horse@proxy.example.org"),
    )
    for shown in (repr(profile), str(profile), f"{profile}"):
        assert "horse" not in shown
        assert "staple" not in shown
        assert "ada" in shown
