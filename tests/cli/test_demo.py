"""The demonstration, in few messages: what it says, and that its numbers are true."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import pytest

from courriel.cli.demonstration import Check, Demonstration, Parcel
from courriel.model.email import Email
from courriel.sandbox import Server
from tests.cli.conftest import Courriel


def test_the_summary_is_right(courriel: Courriel) -> None:
    ended = courriel("demo", "--messages", "20", "--json")
    assert (0, "") == (ended.status, ended.err)
    summary = ended.json
    assert True is summary["ok"]
    assert [20, 20, 20] == [summary[key] for key in ("messages", "accepted", "arrived")]
    assert "Reading 20" == summary["last_subject"]
    content = hashlib.shake_128(b"20").digest(3072)
    assert {
        "name": "reading-0020.bin",
        "size": 3072,
        "sha256": hashlib.sha256(content).hexdigest(),
    } == summary["attachment"]
    assert summary["octets"] > 20 * 3072
    # Both numbers are rounded.
    assert summary["messages_per_second"] == pytest.approx(20 / summary["seconds"], rel=0.1)
    refused, unauthorised = summary["refused_recipient"], summary["wrong_password"]
    assert ("SendRefused", "Unauthorised") == (refused["kind"], unauthorised["kind"])
    assert 550 == refused["refused"]["nobody@example.org"]["code"]
    assert refused["hint"]
    assert unauthorised["hint"]
    content = hashlib.shake_128(b"a small file").digest(3072)
    downloaded = summary["downloaded"]
    assert ("map.bin", 3072) == (downloaded["name"], downloaded["size"])
    assert hashlib.sha256(content).hexdigest() == downloaded["sha256"]
    assert downloaded["mail_size"] > 1_048_576
    # The note of before, and the letter.
    assert [[2], 2, 1] == [summary[key] for key in ("told_by_idle", "listed", "deleted")]
    assert all(check["passed"] for check in summary["checks"])


def test_it_can_be_read_without_a_terminal(courriel: Courriel) -> None:
    ended = courriel("demo", "--messages", "3")
    assert (0, "") == (ended.status, ended.err)
    assert "\x1b" not in ended.out
    steps = [int(number) for number in re.findall(r"^(\d+)\. ", ended.out, re.MULTILINE)]
    assert [*range(1, 15)] == steps
    assert "All checks passed." == ended.out.splitlines()[-1]
    assert "3/3 messages" in ended.out
    assert "Try: Check the address" in ended.words
    assert "Try: Check user and password" in ended.words


def test_a_terminal_that_knows_ascii_only_is_no_problem(courriel: Courriel) -> None:
    ended = courriel("demo", "--messages", "1", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (0, "") == (ended.status, ended.err)
    assert ended.out.isascii()


class TestTheChecks:
    """Each check can fail: a server that does something else is noticed."""

    @pytest.fixture
    def job(self) -> Demonstration:
        """A demonstration of two messages."""
        return Demonstration(2)

    @pytest.fixture
    def server(self, job: Demonstration) -> Iterator[Server]:
        """Its server."""
        with job.server() as server:
            yield server

    @staticmethod
    def failed(job: Demonstration) -> dict[str, tuple[object, object]]:
        """What was expected and found where a check failed."""
        return {c.what: (c.expected, c.actual) for c in job.checks if not c.passed}

    def test_a_message_that_is_missing(self, job: Demonstration, server: Server) -> None:
        with job.session(server) as session:
            assert 2 == len(list(job.send(session)))
        server.mailbox("bob").remove(1)
        job.read_back(server)
        assert (2, 1) == self.failed(job)["messages arrived"]
        assert not job.passed

    def test_a_message_that_was_changed(self, job: Demonstration, server: Server) -> None:
        with job.session(server) as session:
            assert 2 == len(list(job.send(session)))
        (_, last) = server.mailbox("bob")
        server.mailbox("bob").remove(last.id)
        server.deliver("bob", last.content.replace(b"Reading 2", b"Reading 3"))
        job.read_back(server)
        assert {"of them unchanged": (2, 1), "last subject": ("Reading 2", "Reading 3")} == (
            self.failed(job)
        )

    def test_a_password_that_is_right(self, job: Demonstration) -> None:
        with Server({"ada": "not ada's password"}) as lenient:
            assert None is job.sign_in_wrongly(lenient)
        assert {"reply to a wrong password": (535, None)} == self.failed(job)

    def test_a_recipient_who_exists(self, job: Demonstration) -> None:
        users = {"ada": job.password.reveal()}
        with Server(users, catch_all="ada") as lenient, job.session(lenient) as session:
            job.send_to_both(session)
            assert None is job.send_to_nobody(session)
        failed = self.failed(job)
        assert ("nobody@example.org", "") == failed["refused in a receipt"]
        assert (550, None) == failed["reply to an unknown user"]

    def test_a_parcel_without_its_attachment_equals_no_other(self) -> None:
        bare = Parcel.of(Email(sender="ada@example.org", subject="Reading 1"))
        assert -1 == bare.size

    def test_a_check_compares(self) -> None:
        assert Check("x", 1, 1).passed
        assert not Check("x", 1, 2).passed
