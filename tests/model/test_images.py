"""Local images are put into the message, and nothing else of the page is touched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.images import IMAGES
from tests.toil import linear

CID = re.compile(r"cid:[0-9a-f]{32}@example\.org")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a directory with images, and one that is beside it."""
    base = tmp_path / "base"
    (base / "img").mkdir(parents=True)
    for name in ("logo.png", "img/a b.png", "img/x&y.gif", "page.css"):
        (base / name).write_bytes(name.encode())
    (tmp_path / "secret.png").write_bytes(b"secret")
    return base


def embedded(folder: Path, html: str) -> tuple[str, Email]:
    """Return the HTML with its Content-IDs replaced by CID, and the message."""
    email = Email(sender="ada@example.org", html=html).embed_images(folder)
    return CID.sub("CID", email.html or ""), email


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="logo.png">', '<img src="CID">'),
        ("<IMG alt=x SRC = 'logo.png' />", "<IMG alt=x SRC = 'CID' />"),
        ("<img src=logo.png>", "<img src=CID>"),
        ('<img src=" ./img/../logo.png ">', '<img src="CID">'),
        ('<img src="img\\a b.png">', '<img src="CID">'),
        ('<img src="img/a%20b.png?v=2#top">', '<img src="CID">'),
        ('<img src="img/x&amp;y.gif">', '<img src="CID">'),
        ("<input type=image src=logo.png>", "<input type=image src=CID>"),
        ('<TD Background="logo.png">', '<TD Background="CID">'),
        ('<img srcset="logo.png">', '<img srcset="CID">'),
        (
            "<source srcset=' logo.png 1x, ./logo.png 2x,https://x.example/a,b.png 3x,'>",
            "<source srcset=' CID 1x, CID 2x,https://x.example/a,b.png 3x,'>",
        ),
        ('<img srcset="logo.png, logo.png 2x">', '<img srcset="CID, CID 2x">'),
        ('<p style="background: url(logo.png)">', '<p style="background: url(CID)">'),
        ("<p style=\"x: url( 'logo.png' )\">", "<p style=\"x: url( 'CID' )\">"),
        ('<p style="x: URL(&quot;logo.png&quot;)">', '<p style="x: URL(&quot;CID&quot;)">'),
        (
            '<style>p { x: url("logo.png") } /* url(a.png) */</style>',
            '<style>p { x: url("CID") } /* url(a.png) */</style>',
        ),
        ("é<img src=logo.png>\n\t<b >", "é<img src=CID>\n\t<b >"),
    ],
)
def test_a_local_image_becomes_a_part(folder: Path, html: str, expected: str) -> None:
    shown, email = embedded(folder, html)
    assert expected == shown
    (image,) = email.inline
    assert f"cid:{image.inline_id}" in (email.html or "")
    assert image.content_type.startswith("image/")
    read = Email.from_source(email.source)
    assert (email.html, email.inline) == (read.html, read.inline)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "no tags < at > all",
        '<img src="https://example.org/logo.png">',
        '<img src="//example.org/logo.png">',
        '<img src="\\\\host\\share\\logo.png">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="cid:logo.png">',
        '<img src="file:///etc/logo.png">',
        '<img src="">',
        '<img src="#top">',
        "<img src>",
        '<img src="page.css">',
        '<img src="{{ picture }}">',
        '<img data-src="logo.png" alt="src=logo.png">',
        '<a href="logo.png">url(logo.png)</a>',
        '<!-- <img src="logo.png"> -->',
        '<!-- <img src="logo.png">',
        '<script>"<img src=logo.png>"</script>',
        "<style>@import url(page.css)</style>",
        "<style>/* url(logo.png)",
        "<textarea><img src=logo.png></textarea>",
        '<img src="logo.png',
        '<p src="logo.png" srcset="logo.png">',
        '<img srcset=" , ">',
        '<img srcset="data:image/png;base64,AA== 1x">',
    ],
)
def test_everything_else_stays(folder: Path, html: str) -> None:
    shown, email = embedded(folder, html)
    assert html == shown
    assert () == email.inline


@pytest.mark.parametrize(
    "target",
    [
        "../secret.png",
        "img/../../secret.png",
        "%2e%2e/secret.png",
        "..%5csecret.png",
        "..\\secret.png",
        "/etc/logo.png",
        "&#46;./secret.png",
        "logo.png%00.png",
        "none.png",
        "img.png/logo.png",
        "link.png",
        "away/secret.png",
    ],
)
def test_1_10_nothing_outside_is_ever_read(folder: Path, target: str) -> None:
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "away").symlink_to(folder.parent)
    for html in (
        f'<img src="{target}">',
        f'<img srcset="{target} 2x">',
        f'<td background="{target}">',
        f"<p style='x:url(\"{target}\")'>",
    ):
        if "\\" in target and "style" in html:
            continue  # There a backslash is an escape, and the place stays as it is.
        with pytest.raises(Misused):
            embedded(folder, html)


def test_a_link_inside_is_followed(folder: Path) -> None:
    (folder / "link.png").symlink_to(folder / "logo.png")
    _, email = embedded(folder, "<img src=link.png><img src=logo.png><img src=./logo.png>")
    assert [b"logo.png"] == [image.content for image in email.inline]


def test_the_message_stays_the_same_message(folder: Path) -> None:
    email = Email(
        sender="ada@example.org",
        bcc="zoe@example.org",
        text="Hello",
        html="<img src=logo.png><img src=cid:own>",
        attachments=[Attachment("own.png", b"1", inline_id="own"), Attachment("a.pdf", b"2")],
    )
    made = email.embed_images(str(folder))
    assert "<img src=logo.png><img src=cid:own>" == email.html
    assert (email.message_id, email.date, email.bcc) == (made.message_id, made.date, made.bcc)
    assert ["own.png", "logo.png"] == [image.name for image in made.inline]
    assert email.attachments == made.attachments
    assert made.source == email.embed_images(folder).source


def test_what_is_embedded_is_what_was_there(folder: Path) -> None:
    _, email = embedded(folder, "<img src=logo.png>")
    (folder / "logo.png").unlink()
    assert b"logo.png" == Email.from_source(email.source).inline[0].content


def test_only_a_composed_message_takes_images_and_only_from_a_directory(folder: Path) -> None:
    with pytest.raises(Misused, match="composed"):
        Email.from_source(b"").embed_images(folder)
    for wrong in (folder / "none", folder / "logo.png", "nul\0", 5, None, b"."):
        with pytest.raises(Misused, match="directory"):
            Email(html="x").embed_images(wrong)  # type: ignore[arg-type]  # What callers do.


def test_a_page_may_show_so_many_files(tmp_path: Path) -> None:
    for number in range(IMAGES + 1):
        (tmp_path / f"{number}.png").touch()
    html = "".join(f"<img src={number}.png>" for number in range(IMAGES))
    assert IMAGES == len(Email(html=html).embed_images(tmp_path).inline)
    with pytest.raises(Misused, match="more than"):
        Email(html=f"{html}<img src={IMAGES}.png>").embed_images(tmp_path)


@given(st.lists(st.sampled_from(["<img", " src", "=", '"', "'", "/", ">", "<!--", "url(", "x"])))
def test_law_no_page_is_too_odd(pieces: list[str]) -> None:
    html = "".join(pieces)
    assert html == Email(html=html).embed_images(".").html


@pytest.mark.parametrize(
    "piece",
    [*("<", "<a ", '<a b="', "<a b='", "<img src=\"x' ", "<!--", "<style>", "url("), " ", ", "],
)
def test_1_8_a_hostile_page_takes_linear_time(tmp_path: Path, piece: str) -> None:
    many = piece * 200_000
    email = Email(
        html=f'<p style="{many}"><style>{many}</style><img srcset="{many}">{many}',
    )
    with linear():
        email.embed_images(tmp_path)
