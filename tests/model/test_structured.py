"""Fields with a grammar of their own, and other values that a header takes or refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from courriel import Address, Attachment, Email, Misused


def composed(name: str, value: str) -> Email:
    return Email(sender="a@example.org", to="b@example.org", headers={name: value})


def changed(name: str, value: str) -> Email:
    return Email.from_source(b"From: a@example.org\r\n\r\nHi").with_headers({name: value})


BOTH = pytest.mark.parametrize("make", [composed, changed])


@BOTH
@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("Bücher <l.example.org>", b"List-Id: =?utf-8?q?B=C3=BCcher?= <l.example.org>\r\n"),
        ('"Bücher" <l.example.org>', b"List-Id: =?utf-8?q?B=C3=BCcher?= <l.example.org>\r\n"),
        ('"My  books" <l.example.org>', b'List-Id: "My books" <l.example.org>\r\n'),
        ("<l.example.org>", b"List-Id: <l.example.org>\r\n"),
    ],
)
def test_only_the_name_of_a_list_is_encoded(
    make: Callable[[str, str], Email], value: str, line: bytes
) -> None:
    assert line in make("List-Id", value).source


@BOTH
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("List-Id", "Bücher <lüst.example.org>"),
        ("List-Id", "Bücher"),
        ("List-Unsubscribe", "<mailto:ü@example.org>"),
        ("Received", "from ü by b"),
        ("Auto-Submitted", "ü"),
        ("Content-Language", "dé"),
        ("DKIM-Signature", "v=1; b=" + "x" * 1_000),
    ],
)
def test_a_field_with_a_grammar_of_its_own_is_not_encoded(
    make: Callable[[str, str], Email], name: str, value: str
) -> None:
    with pytest.raises(Misused, match=f"the header {name}"):
        make(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("To", "nobody"), ("X", "a\nb"), ("References", "x" * 1_000), ("Cc", "a@-x")],
)
def test_an_error_names_the_call_that_was_made(name: str, value: str) -> None:
    with pytest.raises(Misused, match=r"^with_headers: "):
        changed(name, value)


@pytest.mark.parametrize(
    ("character", "advice"),
    [
        ("\t", r"Write a space instead\."),
        ("\x7f", "no line may hold it"),
        ("\ud800", "no line may hold it"),
        ("\n", "could end the line"),
        ("\u2028", "could end the line"),
    ],
    ids=ascii,
)
def test_what_to_do_about_a_character_depends_on_it(character: str, advice: str) -> None:
    with pytest.raises(Misused, match=advice):
        Email(subject=f"a{character}b")
    with pytest.raises(Misused, match=advice):
        Email(to=f"a{character}b@example.org")


def test_a_message_id_has_one_domain() -> None:
    with pytest.raises(Misused, match="message_id"):
        Email(message_id="<a@b@c>")
    # What others wrote is passed on.
    assert ("<a@b@c>",) == Email(references="<a@b@c>").references


@pytest.mark.parametrize("domain", ["-a.example", "a-.example", "x." + "a" * 64, "é.-a.example"])
def test_a_domain_that_no_host_can_have_is_refused(domain: str) -> None:
    with pytest.raises(Misused, match="domain"):
        Address("", f"x@{domain}")


def test_a_domain_may_be_as_long_as_hosts_are() -> None:
    assert "a--b." + "a" * 63 == Address("", "x@a--b." + "a" * 63).domain


def test_what_a_mail_does_not_say_is_not_quoted() -> None:
    text = Email.from_source(b"\r\nHi\r\n").forward(sender="a@x", to="b@x").text or ""
    assert "-------- Forwarded message --------\n\nHi" in text


@pytest.mark.parametrize(("kind", "names"), [(b"signed", []), (b"mixed", ["smime.p7s"])])
def test_the_signature_of_a_mail_is_not_passed_on(kind: bytes, names: list[str]) -> None:
    email = Email.from_source(
        b"Content-Type: multipart/" + kind + b'; boundary="b"\r\n\r\n--b\r\n\r\nHi\r\n--b\r\n'
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx\r\n--b--\r\n"
    )
    assert ["smime.p7s"] == [file.name for file in email.attachments]
    assert names == [file.name for file in email.forward(sender="a@x", to="b@x").attachments]


def test_a_signature_that_is_a_file_is_passed_on() -> None:
    file = Attachment("smime.p7s", b"x", "application/pkcs7-signature")
    assert (file,) == Email(attachments=[file]).forward(sender="a@x", to="b@x").attachments
