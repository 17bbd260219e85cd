"""Every argument of every public call, tried with what must never reach the wire.

The rule is one for all: a call either does what it says, with nothing on the wire that was not
meant, or it raises Misused (or another ``CourrielError``). No other error, and never a hang.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from typing import Any

import pytest

import courriel
from courriel import (
    Address,
    AsyncRegistry,
    AsyncSMTPSession,
    Attachment,
    CourrielError,
    Email,
    Limits,
    Misused,
    Registry,
    Secret,
    SendOptions,
    SMTPSession,
    Timeout,
)
from courriel.drive.scripted import ScriptedServer
from tests.faces import Face
from tests.sink import Sink

pytestmark = pytest.mark.virtual

ADA, BOB = "ada@example.org", "bob@example.org"
MAIL = b"Subject: hello\r\nFrom: ada@example.org\r\nTo: bob@example.org\r\n\r\nHi.\r\n"

# A line of its own if it ever gets to begin one, as a command or as a header.
EVIL = "XEVIL: 1"

LINES = {
    "CR": f"x\r{EVIL}\r",
    "LF": f"x\n{EVIL}\n",
    "CRLF": f"x\r\n{EVIL}\r\n",
    "CRLF-behind-address": f"{BOB}\r\n{EVIL}\r\n",
    "CRLF-in-quotes": f'"a\r\n{EVIL}\r\n"@example.org',
    "CRLF-in-brackets": f"Bob <{BOB}>\r\n{EVIL}\r\n",
    "only-CRLF": "\r\n",
    "NUL": "x\0y",
    "VT": "x\x0by",
    "DEL": "x\x7fy",
    "NEL": f"x\x85{EVIL}",
    "LS": f"x\u2028{EVIL}",
    "surrogate": "x\udc8dy",
    "encoded-word": f"=?utf-8?q?a=0D=0A{EVIL.replace(' ', '_')}?=",
    "percent": "x%0d%0aXEVIL:%201%0d%0a",
}
PLAIN = {
    "non-ascii": "é☃",
    "non-ascii-address": "é☃@example.org",
    "empty": "",
    "blank": " ",
    "bracket": ">",
    "parameter": "bob@example.org> NOTIFY=NEVER <",
    "huge": "x" * 200_000,
    "huge-address": "x" * 200_000 + "@example.org",
    "huge-dots": "a." * 100_000,
    "huge-quotes": '"' * 100_000,
    "huge-brackets": "<" * 100_000,
}
OTHERS: dict[str, Any] = {
    "None": None,
    "int": 42,
    "negative": -1,
    "zero": 0,
    "huge-int": 10**400,
    "float": 1.5,
    "nan": float("nan"),
    "inf": float("inf"),
    "True": True,
    "bytes": b"x\r\nXEVIL: 1\r\n",
    "object": object(),
    "class": object,
    "list": [],
    "list-of-object": [object()],
    "list-of-None": [None],
    "dict": {},
    "dict-of-lines": {f"x\r\n{EVIL}": f"x\r\n{EVIL}"},
    "pair-of-lines": (f"x\r\n{EVIL}", f"bob@example.org\r\n{EVIL}"),
    "pair-of-int": (1, 2),
    "lambda": lambda: f"x\r\n{EVIL}\r\n",
}
VALUES: dict[str, Any] = LINES | PLAIN | OTHERS

Call = Callable[[Any, Any], Any]


def check(sink: Sink) -> None:
    """Look at all that crossed: only lines that were meant, only headers that were meant."""
    verbs = {"EHLO", "LHLO", "AUTH", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT"}
    extended = False
    for line in sink.commands:
        verb = line.split(" ")[0]
        assert verb in verbs | {"VRFY", "HELP"}
        assert re.search(r"[\x00-\x1f\x7f]", line) is None
        # What RCPT may hold is decided by the MAIL in front of it (RFC 6531, 3.4).
        if verb != "RCPT":
            extended = verb in ("MAIL", "VRFY") and line.split(" ")[-1] == "SMTPUTF8"
        assert line.isascii() or (extended and "SMTPUTF8" in sink.capabilities)
    for message in sink.messages:
        if message == OTHERS["bytes"]:
            # A message that is given in octets is its author's, header and all.
            continue
        head = message.partition(b"\r\n\r\n")[0]
        assert not any(line.startswith(b"XEVIL") for line in re.split(rb"[\r\n]", head))
        assert b"\0" not in head


async def hold(call: Callable[[], Any], sink: Sink | None = None) -> None:
    """Make a call that may be refused, but only as a wrong call is refused."""
    try:
        result = call()
        if hasattr(result, "__await__"):
            await result
    except CourrielError as error:
        told = str(error)
    else:
        told = "done"
    assert 0 < len(told) < 5_000
    if sink is not None:
        check(sink)


def every(table: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", list(table))


def every_value(test: Callable[..., Any]) -> Callable[..., Any]:
    """Call a test with each value in turn: 15,000 tests of their own would take a minute."""
    parameters = inspect.signature(test).parameters

    @wraps(test)
    async def tested(**arguments: Any) -> None:
        for name, value in VALUES.items():
            try:
                await test(**arguments, value=value)
            except BaseException as error:
                error.add_note(f"The value was {name}.")
                raise

    kept = [parameter for name, parameter in parameters.items() if name != "value"]
    tested.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]  # Pytest reads it.
    return tested


# Sessions: what they are called with.

FIELDS = [
    "host",
    "port",
    "user",
    "password",
    "token",
    "security",
    "auth",
    "timeout",
    "tls",
    "local_name",
    "limits",
]


@pytest.mark.parametrize("kind", ["SMTPSession", "LMTPSession"])
@pytest.mark.parametrize("field", FIELDS)
@every_value
async def test_constructors(face: Face, kind: str, field: str, value: Any) -> None:
    sink = Sink("AUTH PLAIN XOAUTH2", sasl=dict.fromkeys(("PLAIN", "XOAUTH2"), lambda _: "235 ok"))
    arguments = {
        "host": "mx.example.org",
        "user": "ada",
        "security": "plaintext",
        "local_name": "me.example.org",
        field: value,
    }

    async def call() -> None:
        session = ScriptedServer(sink).attach(face.kind(kind)(**arguments))
        assert isinstance(repr(session), str)
        async with face.tame(session) as opened:
            await opened.noop()

    await hold(call, sink)


@every_value
async def test_proxies(value: Any) -> None:
    with suppress(Misused):
        assert SMTPSession("mx.example.org", proxy=value).host == "mx.example.org"


URLS: dict[str, Callable[[Any], Any]] = {
    "url": lambda value: value,
    "user": lambda value: f"smtp://{value}:secret@127.0.0.1",
    "password": lambda value: f"smtp://ada:{value}@127.0.0.1",
    "host": lambda value: f"smtp://{value}",
    "port": lambda value: f"smtp://127.0.0.1:{value}",
    "path": lambda value: f"smtp://127.0.0.1/{value}",
    "query": lambda value: f"smtp://127.0.0.1?{value}",
    "scheme": lambda value: f"{value}://127.0.0.1",
}


@every(URLS)
@every_value
async def test_urls(face: Face, name: str, value: Any) -> None:
    sink = Sink("AUTH PLAIN", sasl={"PLAIN": lambda _: "235 ok"})

    async def call() -> None:
        kind = face.kind("SMTPSession")
        session = ScriptedServer(sink).attach(
            kind.from_url(URLS[name](value), local_name="me.example.org")
        )
        async with face.tame(session) as opened:
            await opened.noop()

    await hold(call, sink)


@pytest.mark.parametrize("field", [*FIELDS, "unknown"])
@every_value
async def test_overrides(field: str, value: Any) -> None:
    await hold(lambda: SMTPSession.from_url("smtp://127.0.0.1", **{field: value}))
    await hold(lambda: courriel.open_session("lmtp://127.0.0.1", **{field: value}))


@every(URLS)
@every_value
async def test_open_session(name: str, value: Any) -> None:
    await hold(lambda: courriel.open_session(URLS[name](value)))


# Operations.


async def drained(items: Any) -> None:
    async for receipt in items:
        assert receipt.accepted or isinstance(receipt.error, CourrielError)


def mail_of(value: Any) -> bytes:
    return f"Subject: {value}\r\nFrom: {value}\r\nTo: {value}\r\nBcc: {value}\r\n\r\n".encode(
        "utf-8", "surrogateescape"
    )


OPERATIONS: dict[str, Call] = {
    "send email": lambda s, v: s.send(v, sender=ADA, recipients=[BOB]),
    "send header": lambda s, v: s.send(mail_of(v)),
    "send sender": lambda s, v: s.send(MAIL, sender=v, recipients=[BOB]),
    "send recipients": lambda s, v: s.send(MAIL, sender=ADA, recipients=v),
    "send recipient": lambda s, v: s.send(MAIL, sender=ADA, recipients=[v]),
    "send second recipient": lambda s, v: s.send(MAIL, sender=ADA, recipients=[BOB, v]),
    "send named recipient": lambda s, v: s.send(MAIL, sender=ADA, recipients=[(v, BOB)]),
    "send options": lambda s, v: s.send(MAIL, options=v),
    "send_many emails": lambda s, v: drained(s.send_many(v, sender=ADA, recipients=[BOB])),
    "send_many email": lambda s, v: drained(s.send_many([v], sender=ADA, recipients=[BOB])),
    "send_many sender": lambda s, v: drained(s.send_many([MAIL], sender=v, recipients=[BOB])),
    "send_many recipients": lambda s, v: drained(s.send_many([MAIL], sender=ADA, recipients=v)),
    "send_many options": lambda s, v: drained(s.send_many([MAIL], options=v)),
    "send_source source": lambda s, v: s.send_source(v, sender=ADA, recipients=[BOB]),
    "send_source sender": lambda s, v: s.send_source(MAIL, sender=v, recipients=[BOB]),
    "send_source recipients": lambda s, v: s.send_source(MAIL, sender=ADA, recipients=v),
    "send_source recipient": lambda s, v: s.send_source(MAIL, sender=ADA, recipients=[v]),
    "send_source options": lambda s, v: s.send_source(
        MAIL, sender=ADA, recipients=[BOB], options=v
    ),
    "verify": lambda s, v: s.verify(v),
    "help": lambda s, v: s.help(v),
}


@pytest.mark.parametrize("extension", ["PIPELINING", "CHUNKING"])
@every(OPERATIONS)
@every_value
async def test_operations(face: Face, name: str, value: Any, extension: str) -> None:
    sink = Sink("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 2000000", extension)
    async with face.scripted(ScriptedServer(sink)) as session:
        await hold(lambda: OPERATIONS[name](session, value), sink)
        # Whatever it was, the session is in step and goes on.
        await session.noop()
    check(sink)
    assert ["NOOP", "QUIT"] == sink.commands[-2:]


@every(OPERATIONS)
@every_value
async def test_operations_without_extensions(face: Face, name: str, value: Any) -> None:
    sink = Sink()
    async with face.scripted(ScriptedServer(sink)) as session:
        await hold(lambda: OPERATIONS[name](session, value), sink)
        await session.noop()
    check(sink)
    assert ["NOOP", "QUIT"] == sink.commands[-2:]


@every(OPERATIONS)
@every_value
async def test_pipelines(face: Face, name: str, value: Any) -> None:
    if name.startswith("send_many"):
        name = name.replace("send_many", "send").replace("emails", "email")
    sink = Sink("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING")
    async with face.scripted(ScriptedServer(sink)) as session:
        pipeline = session.pipeline()
        async with pipeline:
            plain = getattr(pipeline, "plain", pipeline)
            pending = OPERATIONS[name](plain, value)
            noop = plain.noop()
        await hold(pending.result, sink)
        assert 250 == noop.result().code
    check(sink)


@pytest.mark.parametrize("name", ["noop", "reset"])
@every_value
async def test_operations_without_arguments(face: Face, name: str, value: Any) -> None:
    sink = Sink("PIPELINING")
    async with face.scripted(ScriptedServer(sink)) as session:
        with pytest.raises(TypeError):
            await getattr(session, name)(value)
    assert ["EHLO", "QUIT"] == [line.split(" ")[0] for line in sink.commands]


# Values.

RECORDS: dict[str, Callable[[Any], Any]] = {
    "SendOptions notify": lambda v: SendOptions(notify=v),
    "SendOptions notify item": lambda v: SendOptions(notify=(v,)),
    "SendOptions return_": lambda v: SendOptions(return_=v),
    "SendOptions envelope_id": lambda v: SendOptions(envelope_id=v),
    "SendOptions size_check": lambda v: SendOptions(size_check=v),
    "SendOptions require_tls": lambda v: SendOptions(require_tls=v),
    "SendOptions original_recipients": lambda v: SendOptions(original_recipients=v),
    "SendOptions original key": lambda v: SendOptions(original_recipients={v: BOB}),
    "SendOptions original value": lambda v: SendOptions(original_recipients={BOB: v}),
}


@every(RECORDS)
@every_value
async def test_send_options(face: Face, name: str, value: Any) -> None:
    if "key" in name and getattr(type(value), "__hash__", None) is None:
        with pytest.raises(TypeError):
            hash(value)
        return
    sink = Sink("PIPELINING", "DSN", "8BITMIME", "SMTPUTF8")
    made: list[SendOptions] = []
    await hold(lambda: made.append(RECORDS[name](value)))
    async with face.scripted(ScriptedServer(sink)) as session:
        for options in made:
            await hold(
                lambda: session.send(MAIL, options=options),  # noqa: B023 - Called at once.
                sink,
            )
        await session.noop()
    check(sink)


def built(kind: Callable[..., Any], field: str, value: Any) -> Any:
    return kind(**{field: value})


NUMBERS: dict[str, Callable[[Any], Any]] = {
    f"{kind.__name__} {field}": partial(built, kind, field)
    for kind, fields in (
        (Timeout, ("connect", "read", "total")),
        (Limits, tuple(Limits.__dataclass_fields__)),
    )
    for field in fields
}


@every(NUMBERS)
@every_value
async def test_numbers(face: Face, name: str, value: Any) -> None:
    made: list[Any] = []
    await hold(lambda: made.append(NUMBERS[name](value)))
    for one in made:
        sink = Sink("PIPELINING", "CHUNKING")
        argument: dict[str, Any] = {"limits" if isinstance(one, Limits) else "timeout": one}

        async def call() -> None:
            async with face.scripted(
                ScriptedServer(sink),  # noqa: B023 - Called at once.
                **argument,  # noqa: B023
            ) as session:
                await session.send(MAIL)

        await hold(call, sink)


def email_with(field: str, value: Any) -> Email:
    arguments: dict[str, Any] = {"sender": ADA, "to": BOB} | {field: value}
    return Email(**arguments)


MESSAGES: dict[str, Callable[[Any], Email]] = {
    field: partial(email_with, field)
    for field in (
        "sender",
        "to",
        "cc",
        "bcc",
        "reply_to",
        "subject",
        "text",
        "html",
        "attachments",
        "headers",
        "date",
        "message_id",
        "in_reply_to",
        "references",
        "priority",
        "sensitivity",
        "request_read_receipt",
        "request_delivery_receipt",
    )
} | {
    "to item": lambda v: Email(sender=ADA, to=[v]),
    "to name": lambda v: Email(sender=ADA, to=[(v, BOB)]),
    "to address": lambda v: Email(sender=ADA, to=[("Bob", v)]),
    "to Address name": lambda v: Email(sender=ADA, to=Address(v, BOB)),
    "to Address": lambda v: Email(sender=ADA, to=Address("Bob", v)),
    "to Address.of": lambda v: Email(sender=ADA, to=Address.of(v)),
    "to as read": lambda v: Email(sender=ADA, to=Address.as_read(str(v), str(v))),
    "references item": lambda v: Email(sender=ADA, to=BOB, references=[v]),
    "header name": lambda v: Email(sender=ADA, to=BOB, headers=[(v, "value")]),
    "header value": lambda v: Email(sender=ADA, to=BOB, headers=[("X-Value", v)]),
    "attachment": lambda v: Email(sender=ADA, to=BOB, attachments=[v]),
    "attachment name": lambda v: Email(sender=ADA, to=BOB, attachments=[Attachment(v, b"x")]),
    "attachment content": lambda v: Email(sender=ADA, to=BOB, attachments=[Attachment("x", v)]),
    "attachment type": lambda v: Email(sender=ADA, to=BOB, attachments=[Attachment("x", b"", v)]),
    "attachment inline_id": lambda v: Email(
        sender=ADA, to=BOB, html="<p>", attachments=[Attachment("x", b"x", inline_id=v)]
    ),
    "from_source": lambda v: Email.from_source(v),
    "from_source header": lambda v: Email.from_source(mail_of(v)),
    "reply": lambda v: Email.from_source(mail_of(v)).reply(sender=ADA),
    "reply sender": lambda v: Email.from_source(MAIL).reply(sender=v),
    "reply text": lambda v: Email.from_source(MAIL).reply(sender=ADA, text=v),
    "forward": lambda v: Email.from_source(mail_of(v)).forward(sender=ADA, to=BOB),
    "forward to": lambda v: Email.from_source(MAIL).forward(sender=ADA, to=v),
    "as_message": lambda v: Email.from_source(Email(sender=ADA, to=BOB, subject=v).source),
}


@every(MESSAGES)
@every_value
async def test_emails(face: Face, name: str, value: Any) -> None:
    sink = Sink("PIPELINING", "8BITMIME", "SMTPUTF8")
    made: list[Email] = []
    await hold(lambda: made.append(MESSAGES[name](value)))
    async with face.scripted(ScriptedServer(sink)) as session:
        for message in made:
            await hold(lambda: session.send(message), sink)  # noqa: B023 - Called at once.
        await session.noop()
    check(sink)


@every_value
async def test_registries(value: Any) -> None:
    registry = Registry()
    session = SMTPSession("mx.example.org", user="ada")
    registry.add(session)
    await hold(lambda: registry.add(value))
    await hold(lambda: registry.find(value, SMTPSession))
    await hold(lambda: registry.find("ada", value))
    await hold(lambda: registry.close(value))
    assert registry.find("ada", SMTPSession) is session


@every_value
async def test_async_registries(value: Any) -> None:
    registry = AsyncRegistry()
    session = AsyncSMTPSession("mx.example.org", user="ada")
    registry.add(session)
    await hold(lambda: registry.add(value))
    await hold(lambda: registry.find(value, AsyncSMTPSession))
    await hold(lambda: registry.find("ada", value))
    await hold(lambda: registry.close(value))
    assert registry.find("ada", AsyncSMTPSession) is session


@every_value
async def test_secrets(value: Any) -> None:
    await hold(lambda: repr(Secret(value)))
