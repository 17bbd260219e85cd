"""The order of addresses, the names of failures, and our own name."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest

from courriel.drive.addresses import interleaved, local_name, lost, unreachable, unresolved

V4, V6 = socket.AF_INET, socket.AF_INET6


@pytest.mark.parametrize(
    ("resolved", "tried"),
    [
        ("", ""),
        ("a", "a"),
        ("A B C", "A B C"),
        ("A B a b", "A a B b"),
        ("a A B C", "a A B C"),
        ("a b c A", "a A b c"),
        ("A A a a", "A a"),
    ],
)
def test_the_families_take_turns(resolved: str, tried: str) -> None:
    """Capitals are IPv6."""

    def entries(names: str) -> list[tuple[Any, ...]]:
        return [(V6 if name.isupper() else V4, name) for name in names.split()]

    assert entries(tried) == interleaved(entries(resolved))


def test_failures_are_named_once_each() -> None:
    refused = OSError(errno.ECONNREFUSED, "Connect call failed ('192.0.2.1', 25)")
    unreachable_network = OSError(errno.ENETUNREACH, "whatever")
    words = unreachable("mx", 25, [refused, unreachable_network, refused]).message
    assert "no connection to mx port 25: Connection refused; Network is unreachable" == words
    assert "Multiple" in unreachable("mx", 25, [OSError("Multiple exceptions: …")]).message


def test_a_name_that_fails_is_told_with_the_reason() -> None:
    assert "no such name" in unresolved("mx", socket.gaierror(-2, "no such name")).message
    assert "label" in unresolved("mx", UnicodeError("label too long")).message


def test_a_lost_connection_keeps_its_cause() -> None:
    cause = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
    assert "the connection was lost: Connection reset by peer" == lost(cause).message
    assert cause is lost(cause).__cause__


@pytest.mark.parametrize(
    ("hostname", "address", "name"),
    [
        ("mx.example.org", ("192.0.2.1", 5), "mx.example.org"),
        ("laptop", ("192.0.2.1", 5), "[192.0.2.1]"),
        ("laptop.", ("192.0.2.1", 5), "[192.0.2.1]"),
        ("under_score.example.org", ("192.0.2.1", 5), "[192.0.2.1]"),
        ("über.example.org", ("192.0.2.1", 5), "[192.0.2.1]"),
        ("a..b", ("192.0.2.1", 5), "[192.0.2.1]"),
        ("a b.c\r\nQUIT", ("192.0.2.1", 5), "[192.0.2.1]"),
        ("x" * 64 + ".example.org", ("192.0.2.1", 5), "[192.0.2.1]"),
        ("laptop", ("2001:db8::1", 5, 0, 0), "[IPv6:2001:db8::1]"),
        ("laptop", ("fe80::1%eth0", 5, 0, 2), "[IPv6:fe80::1]"),
        ("laptop", "/run/socket", "[127.0.0.1]"),
    ],
)
def test_our_own_name(
    monkeypatch: pytest.MonkeyPatch, hostname: str, address: Any, name: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: hostname)
    assert name == local_name(address)
