"""The standard library reads what we compose."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, message_from_string, policy
from email.errors import NonASCIILocalPartDefect
from email.headerregistry import Address as TheirAddress
from email.message import EmailMessage, Message, MIMEPart

import pytest

from courriel.model.address import Address
from courriel.model.email import Email
from tests.interop.shapes import SHAPES, Shape

READ = {name: shape for name, shape in SHAPES.items() if shape.python}
EVERY = pytest.mark.parametrize("shape", READ.values(), ids=READ)
STATUS = "message/delivery-status"


def read(email: Email) -> EmailMessage:
    source = email.source
    if email.needs_utf8:
        # Octets above 127 in a header are a fault to it; characters are not (RFC 6532).
        message: Message = message_from_string(source.decode(), policy=policy.default)
    else:
        message = message_from_bytes(source, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def tree_of(message: MIMEPart) -> str:
    kind = message.get_content_type()
    # It shows the fields of a report as so many texts.
    if not message.is_multipart() or kind == STATUS:
        return kind
    return f"{kind}({' '.join(tree_of(part) for part in message.iter_parts())})"


def outer_parts(message: MIMEPart) -> Iterator[MIMEPart]:
    """Yield what stands in a message, but not in the messages inside it."""
    if message.get_content_maintype() != "multipart":
        yield message
        return
    for part in message.iter_parts():
        assert isinstance(part, MIMEPart)
        yield from outer_parts(part)


def people(addresses: tuple[TheirAddress, ...]) -> list[tuple[str, str]]:
    # Python 3.11 puts a space between two encoded words of a name.
    return [(squeezed(one.display_name), one.addr_spec) for one in addresses]


def expected(addresses: tuple[Address, ...]) -> list[tuple[str, str]]:
    return [(squeezed(one.name), one.wire) for one in addresses]


def squeezed(name: str) -> str:
    return name.replace(" ", "")


@EVERY
def test_it_finds_no_defect(shape: Shape) -> None:
    email = shape.email
    for part in read(email).walk():
        assert [] == list(part.defects)
        for name, value in part.items():
            # Outlook reads no other names than those that RFC 2047, 5 forbids.
            if name != "Content-Type" or (part.get_filename() or "").isascii():
                found = {type(one) for one in getattr(value, "defects", ())}
                # A local part that is not ASCII is one to it (RFC 6532, 3.2).
                assert set() == found - ({NonASCIILocalPartDefect} if email.needs_utf8 else set())


@EVERY
def test_it_finds_the_tree(shape: Shape) -> None:
    assert shape.tree == tree_of(read(shape.email))


@EVERY
def test_it_finds_the_header(shape: Shape) -> None:
    email, message = shape.email, read(shape.email)
    assert email.subject == message["Subject"]
    assert email.date == message["Date"].datetime
    assert email.message_id == message["Message-ID"]
    assert " ".join(email.references) == (message["References"] or "")
    assert email.sender is not None
    assert expected((email.sender,)) == people(message["From"].addresses)
    assert expected(email.to) == people(message["To"].addresses)
    assert expected(email.cc) == people(message["Cc"].addresses if message["Cc"] else ())


@EVERY
def test_it_finds_the_bodies(shape: Shape) -> None:
    message = read(shape.email)
    for kind, body in (("plain", shape.email.text), ("html", shape.email.html)):
        part = message.get_body((kind,))
        if part is None:
            assert None is body or shape.email.html is not None
        else:
            assert (body or "") == part.get_content().replace("\r\n", "\n")


@EVERY
def test_it_finds_the_files(shape: Shape) -> None:
    found: list[tuple[str, str, object]] = []
    for part in outer_parts(read(shape.email)):
        name = part.get_filename()
        if name is not None and part.get_content_type() == STATUS:
            blocks = [one.as_bytes(policy=policy.SMTP) for one in part.iter_parts()]
            found.append((name, STATUS, b"".join(blocks).removesuffix(b"\r\n")))
        elif name is not None and part.get_content_type() == "message/rfc822":
            (inner,) = part.iter_parts()
            found.append((name, "message/rfc822", inner.as_bytes(policy=policy.SMTP)))
        elif name is not None:
            found.append((name, part.get_content_type(), part.get_payload(decode=True)))
    files = [*shape.email.inline, *shape.email.attachments]
    assert [(file.name, file.content_type, file.content) for file in files] == found
