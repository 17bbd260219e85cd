"""Every reader reads a few mails of the real Dovecot whole, and the tables fit their goals."""

from __future__ import annotations

import re

import pytest

from benchmarks import reading, reading_latency
from benchmarks.figures import Unmeasured
from benchmarks.mails import small_mail, whole_mail
from benchmarks.readers import Job, Reader, absent
from benchmarks.reading_tables import ENVELOPES, POP3, SINGLE, WHOLE
from tests.servers.dovecot import Dovecot

COUNT = 12


def by_name(reader: Reader) -> str:
    return reader.name


@pytest.fixture(scope="module")
def user(dovecot: Dovecot) -> str:
    user = dovecot.reader()
    dovecot.stock.fill(user, map(whole_mail, range(1, COUNT + 1)))
    return user


@pytest.mark.server
def test_nobody_is_missing_where_the_server_tests_run() -> None:
    assert absent([*WHOLE, *ENVELOPES, *SINGLE, *POP3]) == {}


@pytest.mark.server
@pytest.mark.parametrize("reader", [*WHOLE, *ENVELOPES, *SINGLE], ids=by_name)
def test_mails_are_read_over_imap(dovecot: Dovecot, user: str, reader: Reader) -> None:
    assert reader.read(Job(dovecot.imap_port, user, COUNT)).rate > 0


@pytest.mark.server
@pytest.mark.parametrize("reader", POP3, ids=by_name)
def test_mails_are_read_over_pop3(dovecot: Dovecot, user: str, reader: Reader) -> None:
    assert reader.read(Job(dovecot.pop3_port, user, COUNT)).rate > 0


@pytest.mark.server
@pytest.mark.parametrize("reader", [*WHOLE[:4], *ENVELOPES], ids=by_name)
def test_a_mail_too_few_is_noticed(dovecot: Dovecot, user: str, reader: Reader) -> None:
    with pytest.raises(Unmeasured, match=f"{COUNT} "):
        reader.read(Job(dovecot.imap_port, user, COUNT + 1))


@pytest.mark.server
def test_a_mail_of_another_size_is_noticed(dovecot: Dovecot) -> None:
    other = dovecot.reader()
    dovecot.stock.fill(other, [small_mail(1)])
    with pytest.raises(Unmeasured, match="1 mails of 1000 octets"):
        WHOLE[0].read(Job(dovecot.imap_port, other, 1))


@pytest.mark.parametrize("table", [WHOLE, ENVELOPES, SINGLE, POP3])
def test_no_name_stands_twice_in_a_table(table: tuple[Reader, ...]) -> None:
    assert len({reader.name for reader in table}) == len(table)


def test_goals_are_of_readers_that_are_measured() -> None:
    names = {reader.name for reader in (*WHOLE, *ENVELOPES, *SINGLE, *POP3)}
    wanted = (
        *reading.LISTINGS,
        *reading.ASYNC_LISTINGS,
        *reading_latency.PIPELINES,
        *reading_latency.STREAMS,
    )
    assert set(wanted) <= names
    assert all(re.match("courriel (async )?(messages|fetch)", name) for name in wanted)
