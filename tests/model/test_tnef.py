"""What Outlook packs into winmail.dat is listed and readable, and nothing in it does harm."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import Email
from courriel.model.enclosed import MOST
from courriel.model.lzfu import OCTETS
from courriel.model.tnef import DEPTH, FILES, Tnef
from tests.model import winmail
from tests.model.winmail import Inside, attribute, file, message, properties, stream
from tests.toil import linear


def mail(tnef: bytes, *, text: str | None = "Hi", kind: str = "application/ms-tnef") -> Email:
    """Write a mail of Outlook."""
    first = f"\r\n\r\n{text}" if text is not None else "\r\nContent-Type: image/png\r\n\r\n"
    packed = base64.encodebytes(tnef).decode()
    source = (
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b{first}\r\n"
        f'--b\r\nContent-Type: {kind}; name="winmail.dat"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{packed}\r\n--b--\r\n"
    )
    return Email.from_source(source.encode())


LONG: dict[int, winmail.Value] = {
    winmail.LONG_NAME: "Größe übersicht.pdf",
    winmail.MIME_TYPE: "application/x-pdf",
}
TWO = stream(
    attribute(winmail.CODE_PAGE, struct.pack("<II", 1252, 0)),
    file("GRE~1.PDF", b"%PDF", LONG),
    file("kleine Größe.txt", b"text"),
)


@pytest.mark.parametrize(
    "kind",
    ["application/ms-tnef", "application/vnd.ms-tnef", "application/octet-stream"],
)
def test_its_files_are_attachments_in_its_place(kind: str) -> None:
    email = mail(TWO, kind=kind)
    assert [
        ("Größe übersicht.pdf", "application/x-pdf", b"%PDF"),
        ("kleine Größe.txt", "text/plain", b"text"),
    ] == [(found.name, found.content_type, found.content) for found in email.attachments]
    assert "Hi" == email.text
    assert "TNEF" not in " ".join(email.defects)


def test_a_file_may_stand_in_a_property_and_have_a_content_id() -> None:
    values: dict[int, winmail.Value] = {
        winmail.CONTENT: b"png",
        winmail.SHORT_NAME: "A.PNG",
        winmail.CONTENT_ID: "<logo@x>",
        winmail.MIME_TYPE: "multipart/evil",
    }
    octets = stream(attribute(winmail.RENDERING, b""), attribute(winmail.FILE, properties(values)))
    (found,) = Tnef(octets).files
    assert ("A.PNG", b"png", "image/png", "logo@x") == (
        found.name,
        found.content,
        found.content_type,
        found.inline_id,
    )


def test_properties_of_every_kind_are_passed_over() -> None:
    before = [
        struct.pack("<HHI", 0x0B, 0x0001, 1),
        struct.pack("<HHQ", 0x40, 0x0002, 7),
        struct.pack("<HH", 0x48, 0x0003) + bytes(16),
        struct.pack("<HHIII", 0x1003, 0x0004, 2, 5, 6),
        struct.pack("<HHIIIII", 0x101F, 0x0005, 2, 2, 0x41, 2, 0x42),
        struct.pack("<HH", 0x03, 0x8001) + bytes(16) + struct.pack("<III", 0, 9, 5),
        struct.pack("<HH", 0x03, 0x8002) + bytes(16) + struct.pack("<IIIII", 1, 6, 0x41, 0, 5),
    ]
    values = properties({winmail.LONG_NAME: "a.txt"}, before=before)
    octets = stream(
        attribute(winmail.RENDERING, b""),
        attribute(winmail.DATA, b"x"),
        attribute(winmail.FILE, values),
    )
    tnef = Tnef(octets)
    assert (["a.txt"], []) == ([found.name for found in tnef.files], tnef.defects)


def test_a_message_inside_gives_its_files_and_its_text() -> None:
    inner = stream(
        message({winmail.PR_SUBJECT: "Lunch", winmail.PR_BODY: "At one?"}), file("b.txt", b"b")
    )
    holder = attribute(winmail.RENDERING, b"") + attribute(
        winmail.FILE, properties({winmail.CONTENT: Inside(inner)})
    )
    tnef = Tnef(stream(file("a.txt", b"a"), holder))
    assert [("a.txt", b"a"), ("Lunch.txt", b"At one?"), ("b.txt", b"b")] == [
        (found.name, found.content) for found in tnef.files
    ]


def test_a_message_inside_counts_more_than_the_data_that_stand_for_it() -> None:
    inner = stream(message({winmail.PR_SUBJECT: "Lunch", winmail.PR_BODY: "At one?"}))
    note = attribute(winmail.DATA, b"This is an embedded message, which cannot be shown.")
    holder = attribute(winmail.FILE, properties({winmail.CONTENT: Inside(inner)}))
    tnef = Tnef(stream(attribute(winmail.RENDERING, b""), note, holder))
    assert [("Lunch.txt", b"At one?")] == [(found.name, found.content) for found in tnef.files]


def test_a_message_inside_with_nothing_to_show_is_listed_whole() -> None:
    inner = stream(message({winmail.PR_SUBJECT: "Ada Lovelace"}))
    holder = attribute(winmail.FILE, properties({winmail.CONTENT: Inside(inner)}))
    tnef = Tnef(stream(attribute(winmail.RENDERING, b""), holder))
    (found,) = tnef.files
    assert ("Ada Lovelace.dat", "application/ms-tnef") == (found.name, found.content_type)
    assert inner in found.content


@pytest.mark.parametrize("text", [None, " \r\n"])
@pytest.mark.parametrize(
    ("octets", "found", "html"),
    [
        (message({winmail.PR_BODY: "Grüße\r\nAda"}), "Grüße\nAda", None),
        (attribute(winmail.BODY, b"Gr\xfc\xdfe\0"), "Grüße", None),
        (
            message({winmail.PR_HTML: b"<p>Gr\xc3\xbc\xc3\x9fe", winmail.PR_HTML_CODE_PAGE: 65001}),
            "Grüße",
            "<p>Grüße",
        ),
        (
            message({winmail.PR_RTF: winmail.compressed(rb"{\rtf1\ansi Gr\'fc\'dfe\par Ada}")}),
            "Grüße\nAda",
            None,
        ),
    ],
)
def test_a_text_that_stands_only_there_is_the_text(
    text: str | None, octets: bytes, found: str, html: str | None
) -> None:
    email = mail(stream(octets), text=text)
    assert (found, html) == (email.text, email.html)


def test_a_text_of_the_mail_comes_first() -> None:
    assert "Hi" == mail(stream(message({winmail.PR_BODY: "other"}))).text


def test_a_wrong_checksum_is_a_defect() -> None:
    octets = stream(attribute(winmail.SUBJECT, b"x", wrong=True), file("a.txt", b"a"))
    email = mail(octets)
    assert "TNEF with a wrong checksum" in email.defects
    assert b"a" == email.attachments[0].content


def test_what_was_cut_is_given_as_far_as_it_goes() -> None:
    email = mail(stream(file("a.txt", b"0123456789"))[:-4])
    assert b"01234567" == email.attachments[0].content
    assert "TNEF that is cut" in email.defects


@pytest.mark.parametrize("octets", [b"", b"garbage", struct.pack("<I", 0x223E9F78)])
def test_what_cannot_be_read_stays_the_file_it_is(octets: bytes) -> None:
    email = mail(octets)
    assert ["winmail.dat"] == [found.name for found in email.attachments]
    assert octets == email.attachments[0].content


def test_names_from_it_are_made_safe() -> None:
    (found,) = Tnef(stream(file("..\\..\\CON", b""))).files
    assert "_CON" == found.safe_name


def test_streams_inside_streams_are_bounded() -> None:
    octets = stream(message({winmail.PR_BODY: "innermost"}))
    for _ in range(60):
        values = properties({winmail.CONTENT: Inside(octets)})
        octets = stream(attribute(winmail.RENDERING, b""), attribute(winmail.FILE, values))
    tnef = Tnef(octets)
    assert f"TNEF nested deeper than {DEPTH}" in tnef.defects
    assert 1 == len(tnef.files)


def test_only_so_many_are_opened() -> None:
    part = (
        b'--b\r\nContent-Type: application/ms-tnef; name="winmail.dat"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(TWO) + b"\r\n"
    )
    source = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + part * (MOST + 2)
    names = [found.name for found in Email.from_source(source).attachments]
    assert ["winmail.dat"] * 2 == names[2 * MOST :]


def test_the_text_of_all_streams_is_bounded() -> None:
    octets = message({winmail.PR_RTF: winmail.compressed(b"{\\rtf1 " + b"a" * OCTETS)})
    inner = properties({winmail.CONTENT: Inside(stream(octets))})
    holder = attribute(winmail.RENDERING, b"") + attribute(winmail.FILE, inner)
    tnef = Tnef(stream(octets, *[holder] * 3))
    assert OCTETS > sum(found.size for found in tnef.files)
    assert (None, False) == tnef.body()


def test_files_are_bounded() -> None:
    tnef = Tnef(stream(*[file("a", b"")] * (FILES + 5)))
    assert FILES == len(tnef.files)
    assert f"more than {FILES} files in TNEF" in tnef.defects


@pytest.mark.parametrize(
    "octets",
    [
        stream(*[attribute(winmail.RENDERING, b"")] * 90_000),
        stream(attribute(winmail.PROPERTIES, struct.pack("<I", 0xFFFFFFFF) + bytes(1_000_000))),
        stream(
            attribute(
                winmail.PROPERTIES,
                struct.pack("<IHHI", 9, 0x101F, 1, 0xFFFFFFFF) + bytes(1_000_000),
            )
        ),
        stream(struct.pack("<BII", 1, winmail.DATA, 0xFFFFFFFF)),
        stream(bytes(1_000_000)),
    ],
    ids=["files", "properties", "values", "length", "zeros"],
)
def test_bombs_take_linear_time(octets: bytes) -> None:
    with linear():
        Tnef(octets).body()


@given(st.binary(max_size=200), st.integers(0, len(TWO)))
def test_law_no_octets_raise(noise: bytes, place: int) -> None:
    for octets in (noise, stream(noise), TWO[:place] + noise + TWO[place:], TWO[:place] + noise):
        tnef = Tnef(octets)
        assert all(isinstance(found.content, bytes) for found in tnef.files)
        tnef.body()
    assert isinstance(mail(TWO[:place] + noise, text=None).defects, tuple)
