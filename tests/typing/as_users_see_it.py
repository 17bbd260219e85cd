"""Say what type checkers must see. Never run: ``test_types`` has mypy and pyright read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, assert_type

from courriel import (
    Address,
    Arrived,
    AsyncLMTPSession,
    AsyncPOP3Session,
    AsyncSMTPSession,
    Attachment,
    Counters,
    CourrielError,
    DeliveryReport,
    DispositionReport,
    Email,
    Envelope,
    FlagsChanged,
    Folder,
    IMAPSession,
    LMTPSession,
    Namespace,
    Namespaces,
    Part,
    POP3Session,
    Priority,
    Query,
    Quota,
    Receipt,
    RecipientReport,
    Refusal,
    Registry,
    Reply,
    Resynchronise,
    SendOptions,
    Sensitivity,
    SessionState,
    SMTPSession,
    Summary,
    TimedOut,
    Vanished,
    html_to_text,
    open_session,
    where,
)
from courriel.crypto import dkim, openpgp, smime
from courriel.faces import Pending
from courriel.sandbox import Mailbox, Server, StoredMessage

email = Email(sender="ada@example.org", to=["bob@example.org", ("Eve", "eve@example.org")])


def blocking(session: SMTPSession) -> None:
    with session as entered:
        assert_type(entered, SMTPSession)
    with LMTPSession("mail.example.org") as lmtp:
        assert_type(lmtp, LMTPSession)
    assert_type(session.open(), SMTPSession)
    session.close()
    assert_type(session.send(email, options=SendOptions(notify=("failure",))), Receipt)
    assert_type(session.send_many([email, b"Subject: x\r\n\r\n"]), Iterator[Receipt])
    assert_type(session.send_source(b"", sender="a@b.example", recipients=["c@d.example"]), Receipt)
    assert_type(session.noop(), Reply)
    assert_type(session.verify("ada"), Reply)
    assert_type(session.state, SessionState)
    assert_type(session.capabilities, frozenset[str])
    assert_type(session.user, str | None)
    for receipt in session.send_many(iter([email])):
        assert_type(receipt, Receipt)


async def awaiting(session: AsyncSMTPSession) -> None:
    async with session as entered:
        assert_type(entered, AsyncSMTPSession)
    async with AsyncLMTPSession("mail.example.org") as lmtp:
        assert_type(lmtp, AsyncLMTPSession)
    assert_type(await session.open(), AsyncSMTPSession)
    await session.close()
    assert_type(await session.send(email), Receipt)
    assert_type(session.send_many([email]), AsyncIterator[Receipt])
    assert_type(await session.noop(), Reply)
    async for receipt in session.send_many([email]):
        assert_type(receipt, Receipt)


def pipelined(session: SMTPSession) -> None:
    with session.pipeline() as pipeline:
        pending = pipeline.send(email)
        assert_type(pending, Pending[Receipt])
        assert_type(pipeline.noop(), Pending[Reply])
    assert_type(pending.result(), Receipt)


def read_by_pop3(session: POP3Session) -> None:
    assert_type(session.count(), int)
    for summary in session.messages(query=where.subject("x"), newest_first=True, limit=20):
        assert_type(summary, Summary)
    assert_type(session.fetch("id"), Email)
    assert_type(session.fetch_many(["id"]), Iterator[Email])
    assert_type(session.headers("id"), Email)
    assert_type(session.part("id", "1"), bytes)
    assert_type(session.source("id"), bytes)
    assert_type(session.languages(), dict[str, str])
    with session.pipeline() as pipeline:
        assert_type(pipeline.fetch("id"), Pending[Email])


def lacked_by_pop3(session: POP3Session, other: AsyncPOP3Session) -> None:
    assert_type(session.watch(), Iterator[NoReturn])
    assert_type(other.watch(), AsyncIterator[NoReturn])
    assert_type(other.search, Callable[..., Coroutine[Any, Any, NoReturn]])
    with session.pipeline() as pipeline:
        assert_type(pipeline.move("id", "Archive"), Pending[NoReturn])
    session.folders()


async def read_by_pop3_too(session: AsyncPOP3Session) -> None:
    assert_type(await session.count(), int)
    assert_type(session.messages(), AsyncIterator[Summary])
    assert_type(await session.fetch("id"), Email)


async def pipelined_too(session: AsyncSMTPSession) -> None:
    async with session.pipeline() as pipeline:
        pending = pipeline.send(email)
        assert_type(pending, Pending[Receipt])
    assert_type(pending.result(), Receipt)


def made_from_urls() -> None:
    assert_type(
        open_session("smtps://mail.example.org"),
        SMTPSession | LMTPSession | POP3Session | IMAPSession,
    )
    assert_type(SMTPSession.from_url("smtps://mail.example.org"), SMTPSession)
    assert_type(AsyncSMTPSession.from_url("smtps://mail.example.org"), AsyncSMTPSession)


def kept(registry: Registry) -> None:
    assert_type(registry.find("ada", SMTPSession), SMTPSession)
    assert_type(registry.find("ada", LMTPSession), LMTPSession)
    registry.close("ada")
    registry.close(SMTPSession("mail.example.org"))


def told(receipt: Receipt, error: TimedOut) -> None:
    assert_type(receipt.message_id, str | None)
    assert_type(receipt.accepted, tuple[str, ...])
    assert_type(receipt.refused, Mapping[str, Refusal])
    assert_type(receipt.reply, Reply | None)
    assert_type(receipt.error, CourrielError | None)
    assert_type(receipt.refused["eve@example.org"].code, int)
    assert_type(error.retryable, bool)
    errors: list[TimeoutError] = [error]
    assert errors


def written() -> None:
    assert_type(email.sender, Address | None)
    assert_type(email.to, tuple[Address, ...])
    assert_type(email.source, bytes)
    assert_type(email.calendar, str | None)
    assert_type(email.unsubscribe, tuple[str, ...])
    assert_type(email.attachments, tuple[Attachment, ...])
    assert_type(email.inline, tuple[Attachment, ...])
    assert_type(email.as_attachment(), Attachment)
    assert_type(email.as_message(), EmailMessage)
    assert_type(email.embed_images("page"), Email)
    assert_type(email.reply(all=True, sender="ada@example.org", text="x"), Email)
    assert_type(email.forward(sender="ada@example.org", to=["bob@example.org"]), Email)
    assert_type(email.priority, Priority)
    assert_type(email.sensitivity, Sensitivity)
    assert_type(email.date, datetime | None)
    assert_type(email.headers["Subject"], str)
    assert_type(email.headers.all("Received"), tuple[str, ...])
    assert_type(email.defects, tuple[str, ...])
    assert_type(html_to_text("<p>x"), str)


def composed(film: BinaryIO) -> None:
    file = Attachment("film.mp4", film, "video/mp4", inline_id="film@example.org")
    assert_type(file.content, bytes)
    assert_type(file.size, int)
    assert_type(file.safe_name, str)
    assert_type(file.pieces(), Iterator[bytes])
    assert_type(file.save("downloads"), Path)
    Email(
        sender=Address("Ada", "ada@example.org"),
        to="bob@example.org, eve@example.org",
        reply_to=("Ada", "ada@example.org"),
        attachments=[file, "film.mp4", Path("film.mp4"), film, email],
        headers=[("X-A", "1")],
        date=datetime.now().astimezone(),
        references=["<1@example.org>"],
        priority="high",
        sensitivity=Sensitivity.PRIVATE,
        unsubscribe=["https://example.org/leave", "mailto:leave@example.org"],
        calendar=b"BEGIN:VCALENDAR",
    )


def read() -> None:
    assert_type(Email.from_source(b"").text, str | None)
    report = email.report
    assert_type(report, DeliveryReport[Email] | DispositionReport[Email] | None)
    if isinstance(report, DeliveryReport):
        assert_type(report.original, Email | None)
        assert_type(report.recipients, tuple[RecipientReport, ...])
    changes = {"Subject": "x", "X-Old": None, "Received": ["a", "b"]}
    assert_type(email.with_headers(changes), Email)
    assert_type(email.with_headers({"Subject": "x"}), Email)


def summarised(
    summary: Summary, fetch: Callable[[int], Email], fetch_too: Callable[[str], Email]
) -> None:
    assert_type(fetch(summary.id), Email)
    assert_type(fetch_too(summary.id), Email)
    assert_type(summary.folder, str)
    assert_type(summary.flags, frozenset[str])
    assert_type(summary.received, datetime | None)
    assert_type(summary.envelope, Envelope)
    assert_type(summary.envelope.sender, Address | None)
    assert_type(summary.envelope.date, datetime | None)
    assert_type(summary.parts, tuple[Part, ...])
    assert_type(summary.attachments[0].name, str | None)
    assert_type(summary.attachments[0].is_text, bool)
    assert_type(summary.unread, bool)


def asked() -> None:
    query = where.unseen & where.sender("bob") & where.since(date(2026, 11, 1))
    assert_type(query, Query)
    assert_type(query | ~where.larger(1_000_000) & where.ids(1, [2], range(3, 5)), Query)
    assert_type(where.ids("a", ["b"]), Query)
    assert_type(where.all, Query)


def listed(folder: Folder, namespaces: Namespaces, quota: Quota) -> None:
    assert_type(folder.parent, str | None)
    assert_type(folder.has_children, bool | None)
    assert_type(folder.counters, Counters | None)
    assert_type(namespaces.personal, tuple[Namespace, ...])
    assert_type(quota.resources, Mapping[str, tuple[int, int]])
    assert_type(Counters(messages=3).uid_next, int | None)


def watched(event: Arrived | Vanished | FlagsChanged | Resynchronise) -> None:
    assert_type(event.folder, str)
    match event:
        case Arrived(_, ids) | Vanished(_, ids):
            assert_type(ids, tuple[int, ...])
        case FlagsChanged(_, id, flags):
            assert_type(id, int)
            assert_type(flags, frozenset[str])
        case Resynchronise(_, reason):
            assert_type(reason, str)


def served() -> None:
    with Server(users={"ada": "secret"}) as server:
        assert_type(server, Server)
        assert_type(server.smtp_tls_port, int)
        assert_type(server.mailbox("ada"), Mailbox)
        assert_type(server.mailbox("ada").wait(), tuple[StoredMessage, ...])


def tokens(fetch: Callable[[], str]) -> None:
    SMTPSession("mail.example.org", user="ada", token=fetch)


def signed(key: bytes, identity: smime.Identity, pgp: openpgp.OpenPGP) -> None:
    signer = dkim.DkimSigner("example.org", "spring", key, lifetime=3_600)
    assert_type(signer.sign(email), Email)
    assert_type(signer.record, str)
    assert_type(dkim.verify(email), tuple[dkim.DkimResult, ...])
    dkim.verify(b"Subject: x\r\n\r\n", resolver=dkim.DnsResolver(timeout=2.5))
    dkim.verify(email, resolver=lambda name: ["v=DKIM1; p="])
    dkim.verify(email, resolver=lambda name: (b"v=DKIM1; p=",))

    letter = smime.encrypt(smime.sign(email, identity), [identity.certificate, key])
    assert_type(letter, Email)
    opened = smime.decrypt(letter, identity, roots=key)
    assert_type(opened, smime.Decrypted[smime.SmimeResult])
    assert_type(opened.signed_by, Address | None)
    assert_type(opened.signature, smime.SmimeResult | None)
    assert_type(smime.verify(letter, []).email, Email | None)
    assert_type(smime.unwrap(letter), Email)
    assert_type(smime.protection(letter).signed, str | None)
    assert_type(smime.encrypted_parts(letter), tuple[Email, ...])

    assert_type(pgp.encrypt(pgp.sign(email, "ada@example.org"), ["bob@example.org"]), Email)
    assert_type(pgp.decrypt(email).signature, openpgp.PgpResult | None)
    assert_type(pgp.verify(email).fingerprint, str | None)
