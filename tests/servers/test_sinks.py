"""Postfix's measuring programs run, and meet."""

from __future__ import annotations

import smtplib
import subprocess

import pytest

from tests.servers.daemon import answers, free_ports
from tests.servers.postfix import Postfix
from tests.servers.sinks import smtp_sink, smtp_source

pytestmark = pytest.mark.server


def test_the_sink_swallows_mail() -> None:
    with smtp_sink() as sink, smtplib.SMTP(sink.host, sink.port) as session:
        assert {} == session.sendmail("a@example.org", ["b@example.org"], "\r\nHello.\r\n")
        assert session.has_extn("pipelining")
    assert not answers(sink.port)


def test_the_sink_takes_options() -> None:
    with smtp_sink("-p", "-f", "mail") as sink, smtplib.SMTP(sink.host, sink.port) as session:
        session.ehlo("localhost")
        assert not session.has_extn("pipelining")
        assert 500 <= session.docmd("MAIL FROM:<a@example.org>")[0] <= 599


def test_the_source_fills_the_sink_and_postfix(postfix: Postfix) -> None:
    with smtp_sink() as sink:
        assert smtp_source(sink.port, messages=20, sessions=2) > 0
    assert smtp_source(postfix.smtp_port, messages=5) > 0


def test_a_source_without_a_server_fails() -> None:
    (port,) = free_ports(1)
    with pytest.raises(subprocess.CalledProcessError):
        smtp_source(port, messages=1)
