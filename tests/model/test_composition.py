"""What a message is given is checked at once: headers of the caller's, dates, files in every state.

The fields that the message writes itself are in ``test_email``.
"""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

import pytest

from courriel.errors import Misused
from courriel.model.address import Address
from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.outgoing import prepare
from courriel.model.structured import PEOPLE
from courriel.model.transfer import Transfer
from courriel.model.writing import written

WRITTEN_BY_ARGUMENTS = {"from", "to", "cc", "bcc", "resent-bcc", "reply-to"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Resent-Bcc": "zoe@x.org"},
        {"Sender": "no address"},
        {"Sender": ""},
        {"Resent-To": "a@x.org, b"},
        {"Errors-To": "()"},
        [("Sender", "a@x.org"), ("sender", "b@x.org")],
        [["X-A", "1"]],
        [("X-A",)],
        "X-A: 1",
        5,
        {5: "x"},
        {"X-A": 5},
        {"X-A": b"x"},
    ],
    ids=str,
)
def test_headers_that_cannot_be_are_refused_at_once(headers: Any) -> None:
    with pytest.raises(Misused):
        Email(headers=headers)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("X-Priority", {"priority": "high"}),
        ("importance", {"priority": "high"}),
        ("Sensitivity", {"sensitivity": "private"}),
        ("Disposition-Notification-To", {"request_read_receipt": True}),
        ("Return-Receipt-To", {"request_delivery_receipt": True}),
        ("List-Unsubscribe", {"unsubscribe": "https://x.org/l"}),
    ],
)
def test_a_field_that_an_argument_writes_is_written_once(
    name: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(Misused, match="twice"):
        Email(sender="ada@x.org", headers={name: "a@x.org"}, **arguments)
    assert name in Email(sender="ada@x.org", headers={name: "a@x.org"}).headers


def test_an_address_in_a_header_of_the_callers_may_need_utf_8() -> None:
    email = Email(headers={"Sender": "Ä <ä@bücher.example>"})
    assert email.needs_utf8
    assert '"Ä" <ä@xn--bcher-kva.example>' == Email.from_source(email.source).headers["Sender"]
    assert not Email(headers={"Sender": "Ä <a@bücher.example>", "X-A": "ä@x"}).needs_utf8


@pytest.mark.parametrize("name", sorted(PEOPLE - WRITTEN_BY_ARGUMENTS))
def test_a_field_of_addresses_is_written_as_one(name: str) -> None:
    email = Email(headers={name: "Zoé <zoe@bücher.example>"})
    words = f"{name}: =?utf-8?q?Zo=C3=A9?= <zoe@xn--bcher-kva.example>"
    assert words.encode() in email.source.replace(b"\r\n <", b" <")
    with pytest.raises(Misused, match="not one address"):
        Email(headers={name: "nobody"})


def test_an_address_stays_one_when_it_is_changed(breaker: str) -> None:
    ada = Address("Ada", "ada@x.org")
    with pytest.raises(Misused):
        replace(ada, name=breaker)
    with pytest.raises(Misused):
        replace(ada, address=f"{breaker}@x.org")


def test_a_message_and_its_files_never_change() -> None:
    file = Attachment("a.txt", b"", "text/plain", "1")
    email = Email(sender="ada@x.org", html="x", attachments=[file])
    for each, names in (
        (file, ("name", "content_type", "inline_id", "content")),
        (email, ("subject", "sender", "to", "attachments", "text", "source")),
    ):
        for name in names:
            with pytest.raises(AttributeError):
                setattr(each, name, "x")


class Unknown(tzinfo):
    """A zone that says that it is none."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        return None

    dst = utcoffset

    def tzname(self, dt: datetime | None) -> str | None:
        return None


class Broken(Unknown):
    """A zone that cannot tell."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        raise LookupError


@pytest.mark.parametrize(
    "moment",
    [
        *("now", 5, b"", date(2026, 1, 1), datetime.min, datetime.max),  # noqa: DTZ901
        datetime(2026, 1, 1, tzinfo=Broken()),
        datetime(1899, 12, 31, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
    ids=lambda moment: type(moment).__name__,
)
def test_a_date_that_cannot_be_told_is_refused(moment: Any) -> None:
    with pytest.raises(Misused):
        Email(date=moment)


@pytest.mark.parametrize(
    ("moment", "field"),
    [
        (datetime(2026, 11, 21, 12, 0, 0, 999_999, tzinfo=UTC), "Sat, 21 Nov 2026 12:00:00 +0000"),
        (
            datetime(1901, 1, 1, tzinfo=timezone(timedelta(seconds=3_208))),
            "Mon, 31 Dec 1900 23:59:32 +0053",
        ),
        (
            datetime(1901, 1, 1, tzinfo=timezone(timedelta(seconds=-3_208))),
            "Mon, 31 Dec 1900 23:59:28 -0054",
        ),
        (
            datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
            "Thu, 01 Jan 2026 00:00:00 -0930",
        ),
    ],
)
def test_a_date_is_what_its_field_tells(moment: datetime, field: str) -> None:
    email = Email(sender="ada@x.org", date=moment)
    assert field == email.headers["Date"]
    read = Email.from_source(email.source)
    assert email.date == read.date
    assert email.date is not None
    assert timedelta(seconds=1) > abs(email.date - moment)


def test_a_date_without_a_zone_is_one_of_this_place() -> None:
    for moment in (
        datetime(2026, 1, 1),  # noqa: DTZ001 - That is what is tested.
        datetime(2026, 7, 1, tzinfo=Unknown()),
    ):
        told = Email(date=moment).date
        assert told is not None
        assert moment.replace(tzinfo=None).astimezone() == told


def test_nothing_of_this_machine_is_told(tmp_path: Path) -> None:
    import platform

    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    (tmp_path / "logo.png").write_bytes(b"png")
    for sender in ("ada@example.org", "ada@[192.0.2.1]", None):
        source = (
            Email(
                sender=sender,
                html="<img src=logo.png>",
                attachments=[tmp_path / "report.pdf", str(tmp_path / "logo.png")],
            )
            .embed_images(tmp_path)
            .source
        )
        assert str(tmp_path).encode() not in source
        assert tmp_path.name.encode() not in source
        assert b"@" + platform.node().encode() not in source
    assert "@localhost>" in (Email().message_id or "")
    assert (Email(sender="ada@[192.0.2.1]").message_id or "").endswith("@[192.0.2.1]>")


def test_no_message_id_is_made_twice() -> None:
    made = {Email(sender="ada@x.org").message_id for _ in range(2_000)}
    assert 2_000 == len(made)


class Pipe(io.RawIOBase):
    """A file that gives a little at a time and cannot go back."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = [*pieces]

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def test_an_open_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        file.read(4)
        assert b"456789" == Attachment.of(file).content
        assert b"" == Attachment.of(file).content
    assert b"abc" == Attachment("a", Pipe(b"a", b"bc")).content  # type: ignore[arg-type]  # A raw file.


@pytest.mark.parametrize("mode", ["r", "wb", "closed", "text that is none"])
def test_an_open_file_that_gives_no_octets_is_misused(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xff\xfe\xfd")
    file: Any = path.open("wb" if mode == "wb" else "rb")
    if mode == "closed":
        file.close()
    elif mode != "wb":
        file = io.TextIOWrapper(file, encoding="ascii" if mode == "r" else "utf-8")
    with pytest.raises(Misused):
        Email(attachments=[file])
    file.close()


class BytesPath:
    """A path of octets."""

    def __fspath__(self) -> bytes:
        return b"/etc/hostname"


def test_only_files_are_attached(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dangling").symlink_to(tmp_path / "none")
    wrong: list[Any] = [tmp_path, tmp_path / "fifo", tmp_path / "none", tmp_path / "dangling"]
    wrong += [str(tmp_path), "", "nul\0", "/dev/null", BytesPath(), b"octets", 5, None, object()]
    for each in wrong:
        with pytest.raises(Misused):
            Email(attachments=[each])
        if not isinstance(each, bytes):
            with pytest.raises(Misused):
                Attachment("a.txt", each)


def test_a_file_without_octets_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "empty.bin").touch()
    email = Email(
        sender="ada@x.org",
        attachments=[tmp_path / "empty.bin", Attachment("b.bin", b""), Attachment("", b"x")],
    )
    for transfer in Transfer:
        read = Email.from_source(written(email, transfer))
        assert [b"", b"", b"x"] == [file.content for file in read.attachments]
        assert () == read.defects


def test_a_text_that_is_attached_keeps_its_octets() -> None:
    octets = b"one\ntwo\r\nthree\rfour \xe9\n. \n"
    email = Email(attachments=[Attachment("a.txt", octets, "text/plain; charset=latin-1")])
    for transfer in Transfer:
        (file,) = Email.from_source(written(email, transfer)).attachments
        assert ("text/plain", octets) == (file.content_type, file.content)


def test_a_large_file_in_memory_is_encoded_on_the_way(tmp_path: Path) -> None:
    from courriel.model.writing import draft_of

    content = bytes(range(256)) * 8_192
    email = Email(sender="ada@x.org", attachments=[Attachment("a.bin", content)])
    draft = draft_of(email)
    assert draft is not None
    assert email.source == draft.joined()
    passed_on = draft_of(Email.from_source(email.source).forward())
    assert passed_on is not None
    assert 8_192 > sum(len(piece) for piece in passed_on.parts if isinstance(piece, bytes))
    assert content == Email.from_source(passed_on.joined()).attachments[0].content


def test_a_draft_keeps_its_blind_copies_when_it_is_told_to() -> None:
    email = Email(sender="ada@x.org", to="bob@x.org", bcc=["Zoë <zoe@x.org>", "eve@x.org"])
    with pytest.raises(Misused, match="blind"):
        email.with_headers({"Subject": "x"})
    kept = email.with_headers({"bcc": ", ".join(map(str, email.bcc))})
    assert email.bcc == kept.bcc
    assert email.bcc == kept.with_headers({"Subject": "x"}).bcc
    outgoing = prepare(kept)
    assert ("bob@x.org", "zoe@x.org", "eve@x.org") == outgoing.recipients
    assert email.source == outgoing.content
