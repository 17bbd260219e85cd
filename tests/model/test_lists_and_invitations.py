"""Mail of lists can be left by one click, and invitations are shown as such."""

from __future__ import annotations

from typing import Any

import pytest

from courriel.errors import Misused
from courriel.model.email import Email
from courriel.model.transfer import Transfer
from courriel.model.writing import written

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@x.org\r\n"
    "SUMMARY:Grüße\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def fields(email: Email) -> list[tuple[str, str]]:
    return [(name, value) for name, value in email.headers.fields if name.startswith("List-")]


@pytest.mark.parametrize(
    ("unsubscribe", "expected"),
    [
        ("mailto:leave@x.org?subject=a%20b", ["<mailto:leave@x.org?subject=a%20b>"]),
        ("http://x.org/l", ["<http://x.org/l>"]),
        ("<https://x.org/l?a=1&b=2>", ["<https://x.org/l?a=1&b=2>", "List-Unsubscribe=One-Click"]),
        (
            ["https://x.org/" + "l" * 90, "mailto:leave@x.org"],
            [f"<https://x.org/{'l' * 90}>, <mailto:leave@x.org>", "List-Unsubscribe=One-Click"],
        ),
        (["https://x.org/1", "https://x.org/2"], ["<https://x.org/1>, <https://x.org/2>"]),
        ([], []),
        (None, []),
    ],
)
def test_one_click_leaves_a_list(unsubscribe: Any, expected: list[str]) -> None:
    email = Email(sender="ada@x.org", unsubscribe=unsubscribe)
    names = ["List-Unsubscribe", "List-Unsubscribe-Post"]
    assert list(zip(names, expected, strict=False)) == fields(email)


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        b"https://x",
        [5],
        "",
        "x.org",
        "leave@x.org",
        "javascript:x",
        "https://",
        "https://x.org/a b",
        "https://x.org/a,b",
        "https://x.org/a>b",
        'https://x.org/"',
        "https://x.org/é",
        "https://x.org/" + "l" * 1_000,
    ],
)
def test_only_links_are_taken(wrong: Any) -> None:
    with pytest.raises(Misused):
        Email(unsubscribe=wrong)


def test_the_fields_of_a_list_are_written_once() -> None:
    for name in ("List-Unsubscribe", "list-unsubscribe-post"):
        with pytest.raises(Misused, match="twice"):
            Email(unsubscribe="https://x.org/l", headers={name: "<https://x.org/m>"})
    own = Email(headers={"List-Unsubscribe": "<https://x.org/m>"})
    assert [("List-Unsubscribe", "<https://x.org/m>")] == fields(own)


def test_the_links_of_a_list_are_read() -> None:
    links = ("https://x.org/l?a=1", "mailto:leave@x.org")
    email = Email(sender="ada@x.org", unsubscribe=links)
    assert links == email.unsubscribe == Email.from_source(email.source).unsubscribe
    assert () == Email().unsubscribe == Email.from_source(b"").unsubscribe
    many = "".join(f"<https://x.org/{number}>, " for number in range(50_000))
    read = Email.from_source(f"List-Unsubscribe: {many}\r\n\r\n".encode())
    assert "https://x.org/99" == read.unsubscribe[-1]


def parts(email: Email) -> list[str]:
    return [part.get_content_type() for part in email.as_message().walk()]


def test_an_invitation_is_an_alternative_and_a_file() -> None:
    email = Email(sender="ada@x.org", text="Come!", html="<p>Come!", calendar=EVENT)
    assert [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ] == parts(email)
    shown = next(p for p in email.as_message().walk() if p.get_content_type() == "text/calendar")
    assert ("REQUEST", "utf-8") == (shown.get_param("method"), shown.get_param("charset"))
    assert EVENT.encode() == shown.get_payload(decode=True)
    for side in (email, Email.from_source(email.source)):
        (file,) = side.attachments
        assert ("invite.ics", EVENT.encode()) == (file.name, file.content)
        assert EVENT == side.calendar
    assert "SUMMARY:Grüße\r\n".encode() in written(email, Transfer.EIGHT_BIT)


def test_an_invitation_alone_has_a_text_too() -> None:
    email = Email(calendar=EVENT.replace("\r\n", "\n").encode())
    assert ["text/plain", "text/calendar"] == parts(email)[2:4]
    marked = Email(calendar=b"\xef\xbb\xbf" + EVENT.encode())
    assert EVENT == marked.calendar
    assert EVENT.replace("\r\n", "\n").encode() == email.attachments[0].content


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        "",
        "METHOD:REQUEST",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR",
        EVENT.replace("METHOD:REQUEST\r\n", ""),
        EVENT.replace("METHOD:REQUEST", "METHOD:REQUEST\r\nMETHOD:CANCEL"),
        EVENT.replace("REQUEST", "REQUEST; x=y"),
        EVENT.replace("REQUEST", 'REQUEST"'),
        EVENT + "\ud800",
        EVENT.encode("latin-1"),
        EVENT + "\r\nBcc: evil@x.org",
    ],
)
def test_only_invitations_are_taken(wrong: Any) -> None:
    with pytest.raises(Misused):
        Email(calendar=wrong)
