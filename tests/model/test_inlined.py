"""A file is inline when the HTML shows it; every other one is an attachment."""

from __future__ import annotations

import pytest

from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.summary import Part, Summary

TEXT = "text/plain", "", ""
PAGE = "text/html", "", '<img src="cid:1@apple">'
BLANK = "text/html", "", "<p>Hello</p>"


def mail(kind: str, *parts: tuple[str, str, str]) -> Email:
    pieces = [f"--b\nContent-Type: {type_}\n{fields}\n{body}\n" for type_, fields, body in parts]
    head = f"Content-Type: multipart/{kind}; boundary=b\n\n"
    return Email.from_source((head + "".join(pieces) + "--b--\n").encode())


def file(type_: str, disposition: str = "inline") -> tuple[str, str, str]:
    fields = "Content-ID: <1@apple>\n"
    if disposition:
        fields += f"Content-Disposition: {disposition}; filename=f\n"
    return type_, fields, "x"


def is_inline(email: Email) -> bool:
    (found,) = (*email.inline, *email.attachments)
    return found in email.inline


def test_without_html_every_file_is_an_attachment() -> None:
    assert not is_inline(mail("mixed", TEXT, file("application/pdf")))
    assert not is_inline(mail("mixed", TEXT, file("image/png")))
    assert not is_inline(mail("related", TEXT, file("image/png")))


def test_html_shows_the_file_that_it_names() -> None:
    assert is_inline(mail("mixed", PAGE, file("image/png")))
    assert is_inline(mail("related", PAGE, file("application/pdf")))
    assert is_inline(mail("related", PAGE, file("application/octet-stream", "")))


def test_html_does_not_show_a_file_that_it_does_not_name() -> None:
    assert not is_inline(mail("mixed", BLANK, file("image/png")))
    assert not is_inline(mail("related", BLANK, file("application/pdf")))


def test_an_image_beside_the_html_is_shown_even_without_its_name() -> None:
    assert is_inline(mail("related", BLANK, file("image/png")))


def test_what_is_called_an_attachment_is_one() -> None:
    assert not is_inline(mail("related", PAGE, file("image/png", "attachment")))


@pytest.mark.parametrize("name", ["a%40x", "a@x"])
def test_a_name_may_be_percent_encoded(name: str) -> None:
    page = "text/html", "", f"<img src=cid:{name}>"
    picture = "image/png", "Content-ID: <a@x>\nContent-Disposition: inline\n", "x"
    assert is_inline(mail("mixed", page, picture))


@pytest.mark.parametrize(("html", "shown"), [(None, False), ("<p>", False), ("cid:z@x", True)])
def test_what_is_composed_is_sorted_as_it_is_read(html: str | None, shown: bool) -> None:
    bill = Attachment("r.pdf", b"", inline_id="z@x")
    email = Email(sender="a@x.example", text="t", html=html, attachments=[bill])
    assert shown is is_inline(email)
    assert shown is is_inline(Email.from_source(email.source))
    assert email.attachments == Email.from_source(email.source).attachments


def test_a_summary_without_html_has_no_file_that_is_shown() -> None:
    bill = Part("2", "application/pdf", "b.pdf", disposition="inline", inline_id="1@apple")
    assert (bill,) == Summary(1, "INBOX", parts=(Part("1"), bill)).attachments
    assert () == Summary(1, "INBOX", parts=(Part("1", "text/html"), bill)).attachments
