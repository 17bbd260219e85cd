"""Whatever lies in a POP3 mailbox comes out of it, however the octets are cut."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from courriel import AsyncPOP3Session, Limits, POP3Session, where
from courriel.drive.scripted import ScriptedServer, virtual_loop
from tests.pop3_sink import Pop3Sink

LINES = st.sampled_from([b"", b".", b"..", b".x", b"word", b"\n.\n", b"\r", b"+OK", b"-ERR", b"\0"])
MAILS = st.lists(
    st.lists(LINES, max_size=6).map(lambda lines: b"Subject: x\r\n\r\n" + b"\r\n".join(lines)),
    max_size=6,
)
CAPABILITIES = st.sampled_from([("USER", "PIPELINING", "TOP", "UIDL"), ("USER", "TOP", "UIDL")])


def session_with(kind: Any, sink: Pop3Sink, chunk: int | None, limits: Limits) -> Any:
    server = ScriptedServer(sink, chunk=chunk)
    return server.attach(
        kind("x", security="plaintext", user="ada", password="secret", limits=limits)
    )


@given(
    mails=MAILS,
    capabilities=CAPABILITIES,
    chunk=st.sampled_from([None, 1, 3, 17]),
    retrievals=st.integers(1, 5),
    memory=st.sampled_from([1, 10, 1000]),
)
def test_what_is_in_comes_out(
    mails: list[bytes],
    capabilities: tuple[str, ...],
    chunk: int | None,
    retrievals: int,
    memory: int,
) -> None:
    sink = Pop3Sink(mails, *capabilities)
    limits = Limits(retrievals=retrievals, literal_memory=memory)
    with session_with(POP3Session, sink, chunk, limits) as session:
        ids = [summary.id for summary in session.messages(newest_first=True)]
        found = [email.source for email in session.fetch_many(ids)]
        session.delete(ids[::2])
    assert list(reversed(sink.mails)) == found
    assert {int(name.removeprefix("uid-")) for name in ids[::2]} == sink.deleted


@given(mails=MAILS, left=st.integers(0, 6), chunk=st.sampled_from([None, 1, 17]))
def test_a_stream_may_be_left_anywhere(mails: list[bytes], left: int, chunk: int | None) -> None:
    sink = Pop3Sink(mails)
    with session_with(POP3Session, sink, chunk, Limits()) as session:
        stream = session.fetch_many([f"uid-{n + 1}" for n in range(len(mails))])
        taken = [email.source for _, email in zip(range(left), stream, strict=False)]
        stream.close()
        assert len(mails) == session.count()
        again = [summary.id for summary in session.messages(query=where.all, limit=left)]
    assert sink.mails[:left] == taken
    assert len(again) == min(left, len(mails))


@given(mails=MAILS.filter(bool), chunk=st.sampled_from([None, 1, 17]))
def test_many_tasks_share_one_session(mails: list[bytes], chunk: int | None) -> None:
    sink = Pop3Sink(mails)

    async def fetched() -> list[bytes]:
        async with session_with(AsyncPOP3Session, sink, chunk, Limits()) as session:
            numbers = [*range(1, len(mails) + 1)] * 5
            emails = await asyncio.gather(*(session.fetch(f"uid-{n}") for n in numbers))
            return [email.source for email in emails]

    with asyncio.Runner(loop_factory=virtual_loop) as runner:
        assert sink.mails * 5 == runner.run(fetched())
    assert 1 == sink.commands.count("LIST")
