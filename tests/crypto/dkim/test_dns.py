"""The resolver that asks the DNS, against a name server on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from courriel import Disconnected, Misused, TimedOut
from courriel.crypto.dkim import DnsResolver, verify
from tests.crypto.dkim.keyring import LETTER, PLACE, ed25519, record, signer

Asked = list[str]


TEXT = record(ed25519()).decode()
LONG = ["x" * 255] * 10


def texts(name: str, *others: str) -> dns.rrset.RRset:
    return dns.rrset.from_text(name, 60, "IN", "TXT", f'"{TEXT[:20]}" "{TEXT[20:]}"', *others)


@pytest.fixture
def nameserver() -> Iterator[tuple[int, Asked]]:
    """A server that knows one key, has trouble with another name, and is silent about a third."""
    asked: Asked = []

    def serve() -> None:
        while True:
            packet, client = there.recvfrom(4096)
            if packet == b"end":
                return
            query = dns.message.from_wire(packet)
            answer = dns.message.make_response(query)
            name = query.question[0].name.to_text()
            asked.append(name)
            if name == f"{PLACE}.":
                answer.answer.append(texts(name))
            elif name.startswith("moved."):
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", f"{PLACE}."))
                answer.answer.append(texts(f"{PLACE}."))
            elif name.startswith("several."):
                answer.answer.append(texts(name, '"v=spf1 -all"'))
            elif name.startswith("long."):
                # Too long for one packet: ask again by TCP.
                answer.flags |= dns.flags.TC
            elif name.startswith("trouble."):
                answer.set_rcode(dns.rcode.SERVFAIL)
            elif name.startswith("silence."):
                continue
            elif not name.startswith("other."):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            there.sendto(answer.to_wire(), client)

    def serve_long() -> None:
        while True:
            stream, _ = whole.accept()
            with stream:
                packet = stream.recv(4096)
                if not packet:
                    return
                query = dns.message.from_wire(packet[2:])
                answer = dns.message.make_response(query)
                name = query.question[0].name.to_text()
                strings = " ".join(f'"{each}"' for each in LONG)
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", strings))
                octets = answer.to_wire()
                stream.sendall(len(octets).to_bytes(2, "big") + octets)

    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
        socket.create_server(("127.0.0.1", 0)) as whole,
    ):
        there.bind(whole.getsockname())
        servers = [threading.Thread(target=each) for each in (serve, serve_long)]
        for server in servers:
            server.start()
        yield there.getsockname()[1], asked
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
            here.sendto(b"end", there.getsockname())
        socket.create_connection(whole.getsockname()).close()
        for server in servers:
            server.join()


@pytest.fixture
def resolver(nameserver: tuple[int, Asked]) -> DnsResolver:
    return DnsResolver(nameservers=["127.0.0.1"], port=nameserver[0], timeout=10)


def test_strings_are_joined(resolver: DnsResolver) -> None:
    assert [record(ed25519())] == resolver(PLACE)


def test_another_name_is_followed(resolver: DnsResolver) -> None:
    """A provider that holds the keys of many domains has them point to its own."""
    assert [record(ed25519())] == resolver("moved.example.org")


def test_several_records_are_told_apart(resolver: DnsResolver) -> None:
    assert {record(ed25519()), b"v=spf1 -all"} == set(resolver("several.example.org"))


def test_what_does_not_fit_into_a_packet_is_asked_for_by_tcp(resolver: DnsResolver) -> None:
    assert ["".join(LONG).encode()] == resolver("long.example.org")


def test_trouble_is_for_later(resolver: DnsResolver) -> None:
    signed = signer().sign(LETTER).source
    for name, status in (("trouble", "temperror"), ("nobody", "permerror")):
        changed = signed.replace(b"s=spring", f"s={name}".encode())
        (result,) = verify(changed, resolver=resolver)
        # The signature does not fit any more, but that is only known with the key.
        assert status == result.status.value


@pytest.mark.parametrize("name", ["nobody.example.org", "other.example.org"])
def test_a_name_without_texts_has_none(resolver: DnsResolver, name: str) -> None:
    assert [] == resolver(name)


def test_a_signature_is_verified_by_the_dns(resolver: DnsResolver) -> None:
    (result,) = verify(signer().sign(LETTER), resolver=resolver)
    assert result.passed


def test_trouble_is_an_error(resolver: DnsResolver) -> None:
    with pytest.raises(Disconnected, match=r"no answer for trouble\.example\.org"):
        resolver("trouble.example.org")
    with pytest.raises(Disconnected):
        resolver("a" * 64 + ".example.org")


def test_silence_ends(nameserver: tuple[int, Asked]) -> None:
    resolver = DnsResolver(nameservers=["127.0.0.1"], port=nameserver[0], timeout=1)
    with pytest.raises(TimedOut, match=r"did not answer for silence\.example\.org"):
        resolver("silence.example.org")
    assert "silence.example.org." == nameserver[1][0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: DnsResolver(timeout=0),
        lambda: DnsResolver(timeout="5"),  # type: ignore[arg-type]  # That is what is tested.
        lambda: DnsResolver(nameservers=["not an address"]),
    ],
)
def test_what_no_resolver_can_be_made_of(make: Callable[[], DnsResolver]) -> None:
    with pytest.raises(Misused):
        make()


@pytest.mark.parametrize(
    ("package", "extra"),
    [("dns.resolver", "dns"), ("cryptography", "crypto")],
)
def test_a_missing_package_is_named(package: str, extra: str) -> None:
    import subprocess
    import sys

    program = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from courriel.crypto.dkim import DnsResolver\nDnsResolver()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert f"pip install 'courriel[{extra}]'" in done.stderr.splitlines()[-1]
